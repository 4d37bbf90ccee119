set -eu
META_DATA=aW5zdGFuY2UtaWQ6IHZtMQpsb2NhbC1ob3N0bmFtZTogdm0xCg==
NETWORK_CONFIG=dmVyc2lvbjogMgpldGhlcm5ldHM6CiAgcHJpbWFyeToKICAgIG1hdGNoOgogICAgICBtYWNhZGRyZXNzOiA1Mjo1NDowMDo0ZDowMDowYgogICAgYWRkcmVzc2VzOgogICAgICAtIDEwLjc3LjAuMTEvMjQKICAgIHJvdXRlczoKICAgICAgLSB0bzogMC4wLjAuMC8wCiAgICAgICAgdmlhOiAxMC43Ny4wLjEKICAgIG5hbWVzZXJ2ZXJzOgogICAgICBhZGRyZXNzZXM6CiAgICAgICAgLSAxMC43Ny4wLjEK
POOL=rack
TARGET=/pool/vm1-0123.img
URI=qemu:///system
USER_DATA=I2Nsb3VkLWNvbmZpZwpob3N0bmFtZTogdm0xCm1hbmFnZV9ldGNfaG9zdHM6IHRydWUKbG9jYWxlOiAiZmFsc2UiCnNzaF9wd2F1dGg6IGZhbHNlCmRpc2FibGVfcm9vdDogdHJ1ZQpzc2hfZGVsZXRla2V5czogdHJ1ZQpzc2hfa2V5czoKICBlZDI1NTE5X3ByaXZhdGU6IHwKICAgIC0tLS0tQkVHSU4gT1BFTlNTSCBQUklWQVRFIEtFWS0tLS0tCiAgICBjMlZqY21WMAogICAgYkdsdVpYTT0KICAgIC0tLS0tRU5EIE9QRU5TU0ggUFJJVkFURSBLRVktLS0tLQogIGVkMjU1MTlfcHVibGljOiB8CiAgICBzc2gtZWQyNTUxOSBIT1NUCnVzZXJzOgogIC0gbmFtZTogZnVzaW9uCiAgICBncm91cHM6CiAgICAgIC0gZG9ja2VyCiAgICBzaGVsbDogL2Jpbi9iYXNoCiAgICBzdWRvOiBBTEw9KEFMTCkgTk9QQVNTV0Q6QUxMCiAgICBsb2NrX3Bhc3N3ZDogdHJ1ZQogICAgc3NoX2F1dGhvcml6ZWRfa2V5czoKICAgICAgLSBzc2gtZWQyNTUxOSBBQUFBCiAgICAgIC0gc3NoLWVkMjU1MTkgQkJCQgpncm93cGFydDoKICBtb2RlOiBhdXRvCiAgZGV2aWNlczoKICAgIC0gLwp3cml0ZV9maWxlczoKICAtIHBhdGg6IC9ldGMvc3NoL3NzaGRfY29uZmlnLmQvMTAtZnVzaW9uLmNvbmYKICAgIHBlcm1pc3Npb25zOiAiMDY0NCIKICAgIGNvbnRlbnQ6IHwKICAgICAgIyBEb2NrZXIgb3ZlciBzc2ggb3BlbnMgbWFueSBjb25uZWN0aW9ucyBhdCBvbmNlLgogICAgICBNYXhTdGFydHVwcyAxMDA6MzA6MjAwCiAgICAgIE1heFNlc3Npb25zIDEwMAogICAgICBQYXNzd29yZEF1dGhlbnRpY2F0aW9uIG5vCiAgICAgIEtiZEludGVyYWN0aXZlQXV0aGVudGljYXRpb24gbm8KICAgICAgUGVybWl0Um9vdExvZ2luIG5vCiAgLSBwYXRoOiAvZXRjL2RvY2tlci9kYWVtb24uanNvbgogICAgcGVybWlzc2lvbnM6ICIwNjQ0IgogICAgY29udGVudDogfAogICAgICB7CiAgICAgICAgImluc2VjdXJlLXJlZ2lzdHJpZXMiOiBbCiAgICAgICAgICAiMTAuNzcuMC4xOjUwMDAiCiAgICAgICAgXSwKICAgICAgICAicmVnaXN0cnktbWlycm9ycyI6IFtdCiAgICAgIH0KcnVuY21kOgogIC0gLSBzaAogICAgLSAtZXVjCiAgICAtIHwKICAgICAgY29tbWFuZCAtdiBkb2NrZXJkID4vZGV2L251bGwgJiYgZXhpdCAwCiAgICAgIGlmIGNvbW1hbmQgLXYgYXB0LWdldCA+L2Rldi9udWxsOyB0aGVuCiAgICAgICAgICBleHBvcnQgREVCSUFOX0ZST05URU5EPW5vbmludGVyYWN0aXZlCiAgICAgICAgICBhcHQtZ2V0IHVwZGF0ZSAtcSAmJiBhcHQtZ2V0IGluc3RhbGwgLXEgLXkgLS1uby1pbnN0YWxsLXJlY29tbWVuZHMgZG9ja2VyLmlvIGFwcGFybW9yIGNhLWNlcnRpZmljYXRlcwogICAgICBlbGlmIGNvbW1hbmQgLXYgZG5mID4vZGV2L251bGw7IHRoZW4KICAgICAgICAgIGRuZiBpbnN0YWxsIC15IG1vYnktZW5naW5lIHx8IGRuZiBpbnN0YWxsIC15IGRvY2tlci1jZQogICAgICBmaQogICAgICBzeXN0ZW1jdGwgZW5hYmxlIC0tbm93IGRvY2tlcgo=
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
