#!/bin/sh
# The kernel settings of a worker, in the network namespace of the caller. Settings that the kernel lacks are left out:
# without br_netfilter there is no bridge traffic that could miss the rules.

set_sysctl() {
  [ -e "/proc/sys/$1" ] || return 0
  echo "$2" > "/proc/sys/$1" || echo "cannot set $1 to $2" >&2
}

if [ ! -e /proc/sys/net/bridge/bridge-nf-call-iptables ]; then
  modprobe br_netfilter 2> /dev/null || :
fi
# Pods are routed, not bridged, to other nodes.
set_sysctl net/ipv4/ip_forward 1
# Lets rules lead a service address to a port on the loopback.
set_sysctl net/ipv4/conf/all/route_localnet 1
# A pod that reaches itself, or its neighbour, by a service address passes the bridge.
set_sysctl net/bridge/bridge-nf-call-iptables 1
set_sysctl net/bridge/bridge-nf-call-ip6tables 1
