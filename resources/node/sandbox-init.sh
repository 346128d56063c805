#!/bin/sh
# Process 1 of a sandbox worker. Builds the worker's file system out of the host's programs and a disk folder of its own,
# moves into it, and keeps sshd and dockerd running until it is told to stop.
# usage: sandbox-init.sh NAME FOLDER HIERARCHY...   (see sandbox-boot.sh)
set -eu
umask 022

# Of the host, only its programs and settings show, under a layer that takes all writes. Everything else is the worker's.
mount_system() {
  # pivot_root wants a mount point.
  mount --bind root root
  for part in usr etc bin sbin lib lib32 lib64 libx32; do
    if [ -L "/$part" ]; then
      [ -L "root/$part" ] || cp -P "/$part" "root/$part"
    elif [ -d "/$part" ]; then
      mkdir -p "upper/$part" "work/$part" "root/$part"
      # Relative, as a comma or colon in the folder's path would end the option.
      mount -t overlay "$part" -o "lowerdir=/$part,upperdir=upper/$part,workdir=work/$part" "root/$part"
    fi
  done
  cd root
  mkdir -p dev proc run sys tmp root home mnt opt old var/cache var/lib/docker var/log var/tmp
  chmod 700 root
  chmod 1777 var/tmp
  [ -L var/run ] || ln -s /run var/run
  [ -L var/lock ] || ln -s /run/lock var/lock
}

mount_kernel() {
  mount -t proc -o nosuid,nodev,noexec proc proc
  mount -t sysfs -o nosuid,nodev,noexec sysfs sys
  mount -t tmpfs -o nosuid,nodev,mode=755 run run
  mount -t tmpfs -o nosuid,nodev,mode=1777 tmp tmp
  mkdir -p run/sshd run/lock
}

mount_devices() {
  mount -t tmpfs -o nosuid,mode=755 dev dev
  mkdir dev/pts dev/shm dev/mqueue dev/net
  mknod -m 666 dev/null c 1 3
  mknod -m 666 dev/zero c 1 5
  mknod -m 666 dev/full c 1 7
  mknod -m 666 dev/random c 1 8
  mknod -m 666 dev/urandom c 1 9
  mknod -m 666 dev/tty c 5 0
  mknod -m 600 dev/kmsg c 1 11
  mknod -m 666 dev/net/tun c 10 200
  mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts dev/pts
  mount -t tmpfs -o nosuid,nodev,mode=1777 shm dev/shm
  mount -t mqueue mqueue dev/mqueue
  ln -s pts/ptmx dev/ptmx
  ln -s /proc/self/fd dev/fd
  ln -s fd/0 dev/stdin
  ln -s fd/1 dev/stdout
  ln -s fd/2 dev/stderr
}

# $@: the hierarchies
mount_cgroups() {
  if [ "${1##*|}" = cgroup2 ]; then
    mount -t cgroup2 cgroup2 sys/fs/cgroup
    # A group with processes of its own cannot share out its resources: what runs here moves into a leaf.
    mkdir -p sys/fs/cgroup/init
    echo 1 > sys/fs/cgroup/init/cgroup.procs
    sed 's/[^ ][^ ]*/+&/g' sys/fs/cgroup/cgroup.controllers > sys/fs/cgroup/cgroup.subtree_control
    return
  fi
  mount -t tmpfs -o nosuid,nodev,noexec,mode=755 cgroup sys/fs/cgroup
  for hierarchy; do
    place=${hierarchy#*|*|}
    mkdir "sys/fs/cgroup/${place%%|*}"
    mount -t cgroup -o "${place#*|}" cgroup "sys/fs/cgroup/${place%%|*}"
  done
}

# Starts a daemon again whenever it ends.
keep() {
  log=$1
  shift
  while :; do
    "$@" >> "$log" 2>&1 || :
    echo "$1 ended, starting it again" >> "$log"
    sleep 0.5
  done
}

# Every process, also inside containers, is asked to end; when this one exits, the kernel ends what is left.
stop() {
  trap '' TERM
  kill -TERM -1 2> /dev/null || :
  tries=40
  set -- /proc/[0-9]*
  while [ "$tries" -gt 0 ] && [ $# -gt 1 ]; do
    sleep 0.05
    tries=$((tries - 1))
    set -- /proc/[0-9]*
  done
  exit 0
}

name=$1 folder=$2
shift 2
here=$(dirname "$0")
echo "$name" > /proc/sys/kernel/hostname
sh "$here/sysctls.sh" "$here/sysctls.conf"
cd "$folder"
mount_system
mount_kernel
mount_devices
mount_cgroups "$@"
pivot_root . old
cd /
umount -l /old
rmdir /old

export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root
trap stop TERM
keep /var/log/sshd.log /usr/sbin/sshd -D -e -f /etc/orrery/sshd_config &
(
  [ ! -e /etc/orrery/docker.env ] || . /etc/orrery/docker.env
  keep /var/log/dockerd.log dockerd --config-file /etc/orrery/daemon.json
) &
# Waiting also takes away the processes whose parents have ended.
set +e
while :; do
  wait
  sleep 1
done
