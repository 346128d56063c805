#!/bin/sh
# Answers every GET / on port 80 with the pod's name, and logs each request.
mkdir -p /www
hostname > /www/index.html
httpd -f -vv -p 80 -h /www &
server=$!
# As process 1 it must say itself that it wants to end when it is asked to.
trap 'kill "$server"; exit 0' TERM INT
wait "$server"
