#!/bin/sh
# The first process of a Docker host, in network, mount, process and host name namespaces of its own: whatever ends it ends
# dockerd, sshd and all containers with it, and takes the mounts away.
#
# usage: docker-host.sh DIR NAME PROGRAMS   with DIR the host's folder and PROGRAMS that of Docker's programs
set -eu
dir=$1
hostname "$2"

# The host sees the machine's system with Docker installed. What it writes stays in its folder, and outlasts a power loss.
mount -t overlay -o "lowerdir=$3:/usr/bin" docker /usr/bin
for name in etc var; do
    mkdir -p "$dir/system/$name" "$dir/system/$name.work"
    mount -t overlay -o "lowerdir=/$name,upperdir=$dir/system/$name,workdir=$dir/system/$name.work" "$name" "/$name"
done
mkdir -p "$dir/system/root"
mount --bind "$dir/system/root" /root
mount -t tmpfs run /run
mkdir /run/lock /run/sshd

keep() {
    while :; do
        "$@" || true
        sleep 1
    done
}
keep dockerd >>"$dir/dockerd.log" 2>&1 &
keep /usr/sbin/sshd -D -e -f "$dir/sshd/config" >>"$dir/sshd.log" 2>&1 &
wait
