#!/bin/sh
# Applies sysctls.conf, in the network namespace of the caller.
# usage: sysctls.sh FILE

if [ ! -e /proc/sys/net/bridge/bridge-nf-call-iptables ]; then
  # Without br_netfilter no bridged packet passes the rules, and there is nothing to set.
  modprobe br_netfilter 2> /dev/null || :
fi
while read -r key _ value; do
  case $key in '' | '#'*) continue ;; esac
  file=/proc/sys/$(echo "${key#-}" | tr . /)
  if [ -e "$file" ]; then
    echo "$value" > "$file" || echo "cannot set $key to $value" >&2
  elif [ "$key" = "${key#-}" ]; then
    echo "this kernel has no $key" >&2
  fi
done < "$1"
