#!/bin/sh
# Makes a worker of a Linux machine: installs what a worker runs, and sets its sshd, Docker and kernel. Run as root, as
# often as you like: what is in place already is left alone. Nothing of Orrery itself is installed.
# usage: prepare.sh [PUBLIC_KEY_FILE]   (the key by which Orrery logs in as root)
set -eu

here=$(cd "$(dirname "$0")" && pwd)
key=${1:-}

fail() {
  echo "prepare.sh: $1" >&2
  exit 1
}

# Copies a file when it differs; succeeds when something changed.
install_file() {
  if cmp -s "$1" "$2"; then return 1; fi
  mkdir -p "$(dirname "$2")"
  cp "$1" "$2.new"
  chmod 644 "$2.new"
  mv "$2.new" "$2"
}

missing_programs() {
  for program in dockerd sshd iptables ip conntrack dnsmasq busybox; do
    PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin command -v "$program" > /dev/null || printf '%s ' "$program"
  done
}

install_packages() {
  [ -n "$(missing_programs)" ] || return 0
  if command -v apt-get > /dev/null; then
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -q
    apt-get install -qy --no-install-recommends \
      docker.io openssh-server iptables iproute2 conntrack dnsmasq-base busybox-static procps kmod ca-certificates
  elif command -v dnf > /dev/null; then
    dnf install -qy moby-engine openssh-server iptables-nft iproute conntrack-tools dnsmasq busybox procps-ng kmod
  elif command -v apk > /dev/null; then
    apk add --quiet docker openssh-server iptables iproute2 conntrack-tools dnsmasq busybox-static procps kmod
  fi
  missing=$(missing_programs)
  [ -z "$missing" ] || fail "these programs are missing and could not be installed: $missing"
}

# Starts a service, or starts it again when its settings changed ($2 = changed).
ensure_service() {
  if [ -d /run/systemd/system ]; then
    systemctl enable --quiet "$1"
    if [ "$2" = changed ]; then systemctl restart "$1"; else systemctl start "$1"; fi
  elif command -v rc-service > /dev/null; then
    rc-update --quiet add "$1" default
    if [ "$2" = changed ]; then rc-service --quiet "$1" restart; else rc-service --quiet "$1" start; fi
  else
    echo "prepare.sh: no systemd and no OpenRC here: start $1 yourself" >&2
  fi
}

configure_ssh() {
  state=same
  if install_file "$here/sshd.conf" /etc/ssh/sshd_config.d/50-orrery.conf; then state=changed; fi
  grep -q '^Include /etc/ssh/sshd_config.d' /etc/ssh/sshd_config ||
    fail '/etc/ssh/sshd_config does not include /etc/ssh/sshd_config.d/*.conf'
  service=sshd
  [ ! -e /etc/debian_version ] || service=ssh
  ensure_service "$service" "$state"
}

configure_docker() {
  state=same
  if install_file "$here/daemon.json" /etc/docker/daemon.json; then state=changed; fi
  ensure_service docker "$state"
}

configure_kernel() {
  install_file "$here/sysctls.conf" /etc/sysctl.d/90-orrery.conf || :
  mkdir -p /etc/modules-load.d
  echo br_netfilter > /etc/modules-load.d/orrery.conf
  sh "$here/sysctls.sh" "$here/sysctls.conf"
}

# The system's own dnsmasq would take the port of the cluster's.
free_dns_port() {
  if [ -d /run/systemd/system ] && systemctl is-enabled --quiet dnsmasq 2> /dev/null; then
    systemctl disable --now --quiet dnsmasq
  fi
}

authorize_key() {
  [ -n "$key" ] || return 0
  mkdir -p /root/.ssh
  chmod 700 /root/.ssh
  touch /root/.ssh/authorized_keys
  chmod 600 /root/.ssh/authorized_keys
  grep -qxF "$(cat "$key")" /root/.ssh/authorized_keys || cat "$key" >> /root/.ssh/authorized_keys
}

[ "$(id -u)" = 0 ] || fail 'run this as root'
install_packages
configure_kernel
configure_ssh
configure_docker
free_dns_port
authorize_key
