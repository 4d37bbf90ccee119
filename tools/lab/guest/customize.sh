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

# The root file system is on /dev/vda1, which the kernel itself names: the initial RAM disk needs no udev.
chroot "$root" dpkg-divert --quiet --local --rename --add /usr/share/initramfs-tools/hooks/udev
chroot "$root" update-initramfs -u
cp "$root/usr/lib/grub/i386-pc/boot.img" "$root/boot/grub/boot.img"
chroot "$root" grub-mkimage -O i386-pc -o /boot/grub/core.img -p '(hd0,msdos1)/boot/grub' \
    biosdisk part_msdos ext2 normal configfile linux serial terminal

# Nothing of these serves a guest that lives for one lab.
for unit in apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer e2scrub_reap.service fstrim.timer \
    apparmor.service systemd-timesyncd.service systemd-pstore.service systemd-binfmt.service getty@tty1.service \
    modprobe@configfs.service modprobe@dm_mod.service modprobe@drm.service modprobe@efi_pstore.service \
    modprobe@fuse.service modprobe@loop.service sys-kernel-debug.mount sys-kernel-tracing.mount sys-kernel-config.mount \
    sys-fs-fuse-connections.mount dev-hugepages.mount dev-mqueue.mount systemd-journal-flush.service \
    proc-sys-fs-binfmt_misc.automount cloud-init-hotplugd.socket systemd-machine-id-commit.service \
    systemd-update-utmp.service systemd-update-utmp-runlevel.service systemd-sysusers.service \
    systemd-network-generator.service systemd-firstboot.service haproxy.service; do
    ln -sf /dev/null "$root/etc/systemd/system/$unit"
done
# Which of these there are changes with the versions of the packages.
mkdir -p "$root/etc/systemd/system-generators" "$root/etc/udev/rules.d"
for generator in cloud-init-generator systemd-cryptsetup-generator systemd-debug-generator systemd-gpt-auto-generator \
    systemd-hibernate-resume-generator systemd-integritysetup-generator systemd-rc-local-generator systemd-run-generator \
    systemd-system-update-generator systemd-sysv-generator systemd-veritysetup-generator; do
    ln -sf /dev/null "$root/etc/systemd/system-generators/$generator"
done
for rules in 55-dm 60-autosuspend 60-cdrom_id 60-drm 60-evdev 60-fido-id 60-infiniband 60-input-id 60-persistent-alsa \
    60-persistent-input 60-persistent-storage-dm 60-persistent-storage-tape 60-persistent-v4l 60-sensor 64-btrfs \
    66-azure-ephemeral 70-camera 70-joystick 70-memory 70-mouse 70-touchpad 75-net-description 75-probe_mtd 78-sound-card \
    81-net-dhcp 85-hwclock 95-dm-notify 96-e2scrub; do
    ln -sf /dev/null "$root/etc/udev/rules.d/$rules.rules"
done
# Each session would otherwise run the scripts of the greeting.
sed -i -e '/pam_motd/d' -e '/pam_mail/d' "$root/etc/pam.d/sshd"
chroot "$root" update-alternatives --quiet --set iptables /usr/sbin/iptables-legacy
# What cloud-init-generator would decide at every start.
chroot "$root" systemctl --quiet add-wants multi-user.target cloud-init.target
chroot "$root" systemctl enable --quiet systemd-networkd.service grow-root.service
