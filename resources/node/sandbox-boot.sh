#!/bin/sh
# Boots a sandbox worker: joins its cgroups and its network namespace, makes its other namespaces, runs its init there.
# usage: sandbox-boot.sh NETWORK_NAMESPACE NAME FOLDER HIERARCHY...
#   HIERARCHY is CGROUP|FOLDER|OPTIONS: the worker's cgroup, where its init mounts the hierarchy, and how
set -eu
network=$1 name=$2 folder=$3
shift 3
for hierarchy; do
  echo $$ > "${hierarchy%%|*}/cgroup.procs"
done
init=$(dirname "$0")/sandbox-init.sh
exec nsenter --net="$network" \
  unshare --mount --uts --ipc --cgroup --pid --fork --kill-child --propagation private -- \
  /bin/sh "$init" "$name" "$folder" "$@"
