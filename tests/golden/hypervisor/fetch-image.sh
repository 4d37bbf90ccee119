set -eu
DIR=/var/lib/libvirt/images/rack
POOL=rack
SHA256=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
SOURCE=https://example.org/debian.qcow2
TARGET=/var/lib/libvirt/images/rack/base-aaaaaaaaaaaaaaaa.qcow2
URI=qemu:///system
fail() { echo "$1" >&2; exit 1; }
download() {
    code=0
    if command -v curl >/dev/null; then
        curl --fail --location --silent --show-error --retry 5 --continue-at - --output "$file" "$SOURCE" || code=$?
    else
        wget --quiet --tries=5 --continue --output-document="$file" "$SOURCE" || code=$?
    fi
    [ "$code" -eq 0 ]
}
# What a broken connection has left is kept for the next run: curl says 22, 33 or 36 of what cannot be resumed, wget 4 of the net.
again() {
    [ -n "$resumed" ] || return 1
    if command -v curl >/dev/null; then
        case $code in 22 | 33 | 36) ;; *) return 1 ;; esac
    else
        [ "$code" -ne 4 ] || return 1
    fi
    rm -f "$file"
    download
}
exec 9<"$DIR"
flock -w 1800 9 || fail "another image has been fetched into $DIR for 30 minutes; run again when it is done"
trap 'rm -f "$TARGET.qcow2" "$TARGET.unpacked"' EXIT
if [ ! -f "$TARGET" ]; then
    case $SOURCE in
    http://* | https://*)
        file=$TARGET.download
        command -v curl >/dev/null || command -v wget >/dev/null ||
            fail "the hypervisor has neither curl nor wget; install one of them"
        resumed=
        [ ! -s "$file" ] || resumed=yes
        if ! download; then
            [ -f "$file" ] && [ "$(sha256sum <"$file" | cut -d' ' -f1)" = "$SHA256" ] || again || fail "could not download $SOURCE"
        fi
        ;;
    *)
        file=$SOURCE
        [ -f "$file" ] || fail "there is no image $file on the hypervisor; give the path of a file there, or a URL"
        ;;
    esac
    actual=$(sha256sum <"$file" | cut -d' ' -f1)
    if [ "$actual" != "$SHA256" ]; then
        rm -f "$TARGET.download"
        fail "$SOURCE has the SHA-256 $actual, not $SHA256; correct image.sha256, or find out who changed the image"
    fi
    # Many images are packed as a whole, which their first bytes tell.
    case $(head -c 6 "$file" | od -An -tx1 | tr -d ' \n') in
    1f8b*) unpack=gzip ;;
    425a68*) unpack=bzip2 ;;
    28b52ffd*) unpack=zstd ;;
    fd377a585a00) unpack=xz ;;
    *) unpack= ;;
    esac
    if [ -n "$unpack" ]; then
        command -v $unpack >/dev/null || fail "$SOURCE is packed, and there is no $unpack on $(uname -n); install it"
        $unpack -dc <"$file" >"$TARGET.unpacked" || fail "$SOURCE could not be unpacked with $unpack"
        file=$TARGET.unpacked
    fi
    info=$(qemu-img info --output=json "$file") || fail "$SOURCE is no disk image"
    case $info in *'"backing-filename"'*) fail "$SOURCE is made over another image, which is not there; give a whole one" ;; esac
    qemu-img convert -O qcow2 "$file" "$TARGET.qcow2"
    mv "$TARGET.qcow2" "$TARGET"
    rm -f "$TARGET.download"
fi
tries=0
until refused=$(virsh --connect "$URI" pool-refresh "$POOL" 2>&1 >/dev/null); do
    case $refused in *"asynchronous jobs"*) ;; *) echo "$refused" >&2; exit 1 ;; esac
    tries=$((tries + 1))
    [ $tries -lt 120 ] || { echo "$refused" >&2; exit 1; }
    sleep 0.5
done
echo "$TARGET"
