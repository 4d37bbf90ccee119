#!/bin/sh
# The first process of a lab, in network, mount and process namespaces of its own: whatever ends it ends libvirtd, the
# guests, sshd and the registry with it, and takes its mounts away.
#
# usage: init.sh DIR HIDE_KVM   with DIR the lab's folder and HIDE_KVM `yes` where no guest starts under KVM
set -eu
dir=$1

# What is in run/ belongs to processes of the last time, and those are gone.
rm -rf "$dir/run"
for name in etc/libvirt var/lib/libvirt var/cache/libvirt var/log/libvirt run; do
    mkdir -p "$dir/$name" "/$name"
    mount --bind "$dir/$name" "/$name"
done
mkdir -p /run/libvirt /run/lock /run/sshd
# libvirt asks QEMU anew at every call, for many seconds, as long as it could write to a /dev/kvm that does not work. To
# root only a file of a read-only mount is not writable.
if [ "$2" = yes ] && [ -e /dev/kvm ]; then
    : >"$dir/no-kvm"
    mount --bind "$dir/no-kvm" /dev/kvm
    mount -o remount,bind,ro /dev/kvm
fi

keep() {
    while :; do
        "$@" || true
        sleep 1
    done
}
keep libvirtd -f /etc/libvirt/libvirtd.conf -p /run/libvirt/libvirtd.pid >>"$dir/libvirtd.log" 2>&1 &
keep /usr/sbin/sshd -D -e -f "$dir/sshd/config" >>"$dir/sshd.log" 2>&1 &
keep docker-registry serve "$dir/registry.yml" >>"$dir/registry.log" 2>&1 &
wait
