#!/bin/sh
# Boots a sandbox worker: joins its cgroups and its network namespace, makes its other namespaces, runs its init there.
# usage: sandbox-boot.sh NETWORK_NAMESPACE NAME FOLDER HIERARCHY...
#   HIERARCHY is OUTSIDE|INSIDE|PLACE|OPTIONS: the group of the process that stays outside of the worker's namespaces,
#   that of the worker itself, the folder where its init mounts the hierarchy, and the options by which it does
set -eu
network=$1
shift
for hierarchy; do
  case $hierarchy in *'|'*) echo 0 > "${hierarchy%%|*}/cgroup.procs" ;; esac
done
here=$(cd "$(dirname "$0")" && pwd)
# The cgroup namespace begins where its first process is, so that one joins before it makes the namespace.
# shellcheck disable=SC2016
exec nsenter --net="$network" \
  unshare --mount --uts --ipc --pid --fork --kill-child --propagation private -- \
  /bin/sh -euc '
    for hierarchy; do
      inside=${hierarchy#*"|"}
      case $hierarchy in *"|"*) echo 0 > "${inside%%"|"*}/cgroup.procs" ;; esac
    done
    exec unshare --cgroup /bin/sh "$0" "$@"
  ' "$here/sandbox-init.sh" "$@"
