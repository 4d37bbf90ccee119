set -eu
META_DATA=aW5zdGFuY2UtaWQ6IHZtMQo=
NETWORK_CONFIG=dmVyc2lvbjogMgo=
POOL=rack
TARGET=/pool/vm1-0123.img
URI=qemu:///system
USER_DATA=I2Nsb3VkLWNvbmZpZwo=
umask 077
if command -v xorriso >/dev/null; then iso="xorriso -as mkisofs"
elif command -v genisoimage >/dev/null; then iso=genisoimage
elif command -v mkisofs >/dev/null; then iso=mkisofs
else echo "the hypervisor has no program that writes ISO images; install xorriso or genisoimage" >&2; exit 1
fi
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
echo "$USER_DATA" | base64 -d >"$dir/user-data"
echo "$META_DATA" | base64 -d >"$dir/meta-data"
echo "$NETWORK_CONFIG" | base64 -d >"$dir/network-config"
$iso -quiet -volid cidata -joliet -rational-rock -output "$dir/seed.iso" \
    "$dir/user-data" "$dir/meta-data" "$dir/network-config" 2>"$dir/log" || { cat "$dir/log" >&2; exit 1; }
# libvirt hands the file to QEMU's user when the machine starts.
cp "$dir/seed.iso" "$TARGET.partial"
mv "$TARGET.partial" "$TARGET"
tries=0
until refused=$(virsh --connect "$URI" pool-refresh "$POOL" 2>&1 >/dev/null); do
    case $refused in *"asynchronous jobs"*) ;; *) echo "$refused" >&2; exit 1 ;; esac
    tries=$((tries + 1))
    [ $tries -lt 120 ] || { echo "$refused" >&2; exit 1; }
    sleep 0.5
done
echo "$TARGET"
