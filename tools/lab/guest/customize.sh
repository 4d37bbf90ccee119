#!/bin/sh
# Finishes the guest's root file system; mmdebstrap calls it with the folder. Nothing here may depend on the machine.
set -eu
root=$1
here=$(dirname "$0")

cp -a --no-preserve=ownership "$here/root/." "$root/"
chown -R 0:0 "$root/boot/grub" "$root/etc/cloud" "$root/etc/docker"

# Each guest makes its own identity: host keys come from cloud-init, the machine id from systemd.
rm -f "$root"/etc/ssh/ssh_host_* "$root/var/lib/dbus/machine-id"
: > "$root/etc/machine-id"
# mmdebstrap has put this machine's own into the guest.
echo localhost > "$root/etc/hostname"
rm -f "$root/etc/resolv.conf" "$root/etc/apt/apt.conf.d/99mmdebstrap"

chroot "$root" update-initramfs -u
cp "$root/usr/lib/grub/i386-pc/boot.img" "$root/boot/grub/boot.img"
chroot "$root" grub-mkimage -O i386-pc -o /boot/grub/core.img -p '(hd0,msdos1)/boot/grub' \
    biosdisk part_msdos ext2 normal configfile linux serial terminal

for unit in apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer e2scrub_reap.service \
    fstrim.timer systemd-timesyncd.service getty@tty1.service; do
    chroot "$root" systemctl mask --quiet "$unit"
done
chroot "$root" systemctl enable --quiet systemd-networkd.service
