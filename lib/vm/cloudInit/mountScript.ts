import { type Faults, show } from "../../faults";
import { commandLine, script } from "../../shell";

/** A data disk, and where its file system is to be in the guest. */
export interface GuestMount {
    /** Path of the device that holds the disk: `/dev/vdc`. It is looked at only while no file system has the label. */
    device: string;
    /** The file system's label, by which it is found: up to 16 letters, digits, `_` and `-`; 12 for xfs. */
    label: string;
    /** Absolute path of the folder. */
    path: string;
    filesystem: "ext4" | "xfs";
}

/** Checks that the mounts can stand in a guest's tables and do not meet; what is wrong goes to `faults`. */
export function checkMounts(path: string, mounts: readonly GuestMount[], faults: Faults): void {
    for (const [index, { device, label, path: folder, filesystem }] of mounts.entries()) {
        const at = `${path}[${index}]`;
        const before = mounts.slice(0, index);
        if (!/^\/dev\/[A-Za-z0-9/_.:-]+$/.test(device)) {
            faults.add(`${at}.device`, `is no device: ${show(device)}; give one such as "/dev/vdc"`);
        }
        faults.oneOf(`${at}.filesystem`, filesystem, ["ext4", "xfs"]);
        const most = filesystem === "xfs" ? 12 : 16;
        if (!/^[A-Za-z0-9_-]+$/.test(label) || label.length > most) {
            faults.add(
                `${at}.label`,
                `is no label for ${filesystem}: ${show(label)}; use up to ${most} letters, digits, "_" and "-"`,
            );
        } else if (before.some((other) => other.label === label)) {
            faults.add(`${at}.label`, `is that of another disk already: ${show(label)}; give another`);
        }
        if (!/^(\/[A-Za-z0-9_.@+-]+)+$/.test(folder) || /\/\.\.?(\/|$)/.test(folder)) {
            faults.add(`${at}.path`, `is no path for a disk: ${show(folder)}; give one such as "/srv/data"`);
        } else if (before.some((other) => other.path === folder)) {
            faults.add(`${at}.path`, `is that of another disk already: ${show(folder)}; give another`);
        }
    }
}

/** The disks as scripts in the guest compare them: a line each of label and folder. */
export const mountLines = (mounts: readonly GuestMount[]): string =>
    mounts.map(({ label, path }) => `${label} ${path}`).join("\n");

/**
 * Shell text: `stale` tells of each disk that is not in `$DISKS`, or is elsewhere there, what Docker still waits for. The
 * content tells such a file from others of this library.
 */
export const staleDisks = `
stale() {
    for file in /etc/systemd/system/docker.service.d/10-fusion-*.conf; do
        folder=$(sed -n 's/^RequiresMountsFor=//p' "$file" 2>/dev/null) || continue
        label=\${file##*/10-fusion-}
        label=\${label%.conf}
        [ -z "$folder" ] || printf '%s\\n' "$DISKS" | grep -qxF "$label $folder" || echo "$label $folder"
    done
}
`.trim();

/**
 * A disk is formatted only when it is blank to the last: no signature that `wipefs` knows, and nothing but zeros in its
 * first MiB. cloud-init's own `fs_setup` looks for a label and a type alone, and formats what it does not know.
 */
const mountOne = String.raw`
fail() { echo "the disk for $1: $2" >&2; exit 1; }
# LABEL: its device, by a look at the disks: what blkid remembers may be of disks that were
labelled() { blkid -c /dev/null -o device -t "LABEL=$1" | grep -m 1 .; }
# PROGRAM PACKAGE
need() {
    command -v "$1" >/dev/null && return
    if command -v apt-get >/dev/null; then
        DEBIAN_FRONTEND=noninteractive apt-get -q update && DEBIAN_FRONTEND=noninteractive apt-get -q -y install "$2"
    else
        dnf -y install "$2"
    fi
    command -v "$1" >/dev/null
}
# LABEL FOLDER TYPE
entry() { echo "LABEL=$1 $2 $3 defaults,nofail,x-systemd.device-timeout=30s 0 2"; }
write_table() {
    cat >/etc/fstab.fusion
    mv /etc/fstab.fusion /etc/fstab
    if command -v restorecon >/dev/null; then restorecon /etc/fstab; fi
}
mounted() { findmnt -n -v -o SOURCE --mountpoint "$1" | tail -n 1; }
# What disks have left that are listed no more, or elsewhere. The files for Docker go last: by them a further run knows.
forget() {
    systemctl stop docker.socket docker containerd 2>/dev/null || true
    touch /etc/fstab
    echo "$gone" | while read -r label folder; do
        lines="$(entry "$label" "$folder" ext4)
$(entry "$label" "$folder" xfs)"
        { grep -vxF "$lines" /etc/fstab || true; } | write_table
        device=$(mounted "$folder")
        if [ -n "$device" ] && [ "$device" = "$(labelled "$label")" ]; then
            umount -R "$folder" || fail "$folder" "it is in use and cannot be unmounted; see with: fuser -vm $folder"
        fi
        for unit in docker containerd; do rm -f "/etc/systemd/system/$unit.service.d/10-fusion-$label.conf"; done
    done
}
# DEVICE LABEL FOLDER TYPE, as for those below: what the system does at its next starts
prepare() {
    touch /etc/fstab
    line=$(entry "$2" "$3" "$4")
    if ! grep -qxF "$line" /etc/fstab; then
        { awk -v path="$3" '$1 ~ /^#/ || $2 != path' /etc/fstab; echo "$line"; } | write_table
    fi
    # Docker must not start without the disk: containers would write beside it.
    for unit in docker containerd; do
        mkdir -p "/etc/systemd/system/$unit.service.d"
        printf '[Unit]\nRequiresMountsFor=%s\n' "$3" >"/etc/systemd/system/$unit.service.d/10-fusion-$2.conf"
    done
}
format() {
    signatures=$(wipefs "$1")
    [ -z "$signatures" ] || fail "$3" "$1 has something else than a file system labelled $2, so it is left alone:
$signatures
label its file system $2, or make the disk blank with: wipefs -a $1"
    data=$(head -c 1048576 "$1" | tr -d '\000' | wc -c)
    [ "$data" -eq 0 ] || fail "$3" "$1 has data, but no file system that is known, so it is left alone;
if nobody misses them, make the disk blank with: dd if=/dev/zero of=$1 bs=1M count=1"
    case $4 in
    ext4) mkfs.ext4 -q -L "$2" "$1" ;;
    xfs) need mkfs.xfs xfsprogs && mkfs.xfs -q -L "$2" "$1" ;;
    esac || fail "$3" "$1 cannot be formatted with $4"
    if command -v udevadm >/dev/null; then udevadm settle --timeout=10 || true; fi
}
attach() {
    waited=0
    until labelled "$2" >/dev/null || [ -b "$1" ]; do
        [ "$waited" -lt 30 ] || fail "$3" "there is no $1, and no file system labelled $2, after $waited s"
        sleep 1
        waited=$((waited + 1))
    done
    labelled "$2" >/dev/null || format "$@"
    mkdir -p "$3"
    device=$(labelled "$2")
    there=$(mounted "$3")
    [ -z "$there" ] || [ "$there" = "$device" ] || fail "$3" "$there is mounted there; unmount it, or give the disk another path"
    [ -n "$there" ] || mount -t "$4" "$device" "$3" || fail "$3" "the file system labelled $2 cannot be mounted"
    if command -v restorecon >/dev/null; then restorecon "$3"; fi
    # The disk may have grown.
    case $4 in
    ext4) resize2fs "$device" ;;
    xfs) xfs_growfs "$3" >/dev/null ;;
    esac
}
`;

/**
 * The script, run in the guest, that gives each data disk a file system where it is blank, mounts it by its label, and lets the
 * file system grow to the disk. What other disks have left is taken away first. A second run changes nothing.
 */
export function mountScript(mounts: readonly GuestMount[]): string {
    // A disk that is mounted below another's folder comes after it.
    const ordered = [...mounts].sort((a, b) => (a.path < b.path ? -1 : 1));
    const calls = (name: string) =>
        ordered.map(({ device, label, path, filesystem }) => commandLine([name, device, label, path, filesystem]));
    return script(
        { DISKS: mountLines(ordered) },
        [
            staleDisks,
            mountOne.trim(),
            "gone=$(stale)",
            '[ -z "$gone" ] || forget',
            ...calls("prepare"),
            "systemctl daemon-reload",
            ...calls("attach"),
            // Not waited for: at the guest's start Docker comes after this.
            '[ -z "$gone" ] || systemctl start --no-block containerd docker.socket docker 2>/dev/null || true',
        ].join("\n"),
    );
}
