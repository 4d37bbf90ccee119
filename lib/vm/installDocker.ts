import { script } from "../shell";
import type { DockerSpec } from "./dockerSpec";
import { type ProxySpec, proxyVariables } from "./proxySpec";

/** How Docker is to be installed on a machine. */
export interface DockerInstall extends DockerSpec {
    /** Where Docker's key is fetched through; the packages' own programs know their proxy. @default none */
    proxy?: ProxySpec;
}

/**
 * The fingerprints of the keys that Docker signs its packages with, as Docker's documentation gives them
 * (https://docs.docker.com/engine/install/).
 */
const KEYS = {
    apt: "9DC858229FC7DD38854AE2D88D81803C0EBFCD88",
    rpm: "060A61C51B558A7F742B77AAC52FEB6B621E9F35",
};

const common = String.raw`
fail() { echo "Docker is not installed: $*" >&2; exit 1; }
# Tries for two minutes with a growing pause: a start of the system's own may hold a lock, a mirror be away for a moment.
again() {
    pause=2
    until "$@"; do
        [ "$pause" -le 64 ] || return 1
        echo "in $pause s once more: $*"
        sleep "$pause"
        pause=$((pause * 2))
    done
}
# URL FINGERPRINT FILE: a key, taken only when it is the one expected
key() {
    dir=$(mktemp -d)
    again curl -fsSL --max-time 60 -o "$dir/key" "$1" || fail "$1 cannot be fetched; give a proxy, or use an image that has Docker"
    found=$(gpg --homedir "$dir" --batch --quiet --with-colons --show-keys "$dir/key" |
        awk -F : '$1 == "pub" { main = 1 } $1 == "fpr" && main { print $10; main = 0 }')
    [ "$found" = "$2" ] || fail "the key at $1 is $found, not $2, which Docker signs with: somebody else may answer in its place"
    mkdir -p "$(dirname "$3")"
    cp "$dir/key" "$3"
    chmod 0644 "$3"
    rm -rf "$dir"
}`;

const apt = String.raw`
get() { DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=600 -o Acquire::Retries=3 "$@"; }
lists() { again get update || fail "apt-get cannot fetch the lists of packages, see above"; }
# PACKAGE: with the version asked for, which is its full one, or the number that its maintainers add to
pinned() {
    if [ -z "$DOCKER_VERSION" ]; then echo "$1"; return; fi
    match=$(apt-cache madison "$1" | awk -F ' *[|] *' -v want="$DOCKER_VERSION" '
        { short = $2; sub(/^[0-9]+:/, "", short); sub(/[-+~].*/, "", short) }
        $2 == want || short == want { print $2; exit }')
    [ -n "$match" ] || fail "there is no $1 of version $DOCKER_VERSION; there are:$(apt-cache madison "$1" | cut -d '|' -f 2 | tr -d '\n')"
    echo "$1=$match"
}
by_apt() {
    lists
    if [ "$DOCKER_SOURCE" = docker ]; then
        get install --no-install-recommends ca-certificates curl gpg || fail "apt-get cannot install curl and gpg, see above"
        system=debian
        case " $ID $ID_LIKE " in *" ubuntu "*) system=ubuntu ;; esac
        release=$UBUNTU_CODENAME
        [ "$system" = ubuntu ] && [ -n "$release" ] || release=$VERSION_CODENAME
        [ -n "$release" ] || fail "$PRETTY_NAME has no code name, by which Docker's repository is divided; use the distribution's package"
        key "https://download.docker.com/linux/$system/gpg" "$APT_KEY" /etc/apt/keyrings/docker.asc
        echo "deb [arch=$(dpkg --print-architecture) signed-by=/etc/apt/keyrings/docker.asc] https://download.docker.com/linux/$system $release stable" \
            >/etc/apt/sources.list.d/docker.list
        lists
        engine=docker-ce
        client=docker-ce-cli
        set -- containerd.io
    else
        engine=docker.io
        # A package of its own from Debian 13 on.
        client=docker-cli
        set -- ca-certificates
    fi
    package=$(pinned "$engine")
    # Docker starts no container where the kernel has AppArmor and its parser is missing.
    get install --no-install-recommends "$package" apparmor "$@" || fail "apt-get cannot install $package, see above"
    if ! command -v docker >/dev/null || [ "$DOCKER_SOURCE" = docker ]; then
        package=$(pinned "$client")
        get install --no-install-recommends "$package" || fail "apt-get cannot install $package, see above"
    else
        client=
    fi
    [ -z "$DOCKER_VERSION" ] || apt-mark hold "$engine" $client
}`;

const dnf = String.raw`
by_dnf() {
    command -v dnf >/dev/null || fail "$PRETTY_NAME has no dnf; use a later release, or an image that has Docker"
    system=centos
    [ "$ID" != fedora ] || system=fedora
    pin=
    # Without the epoch, which the packages do not share.
    [ -z "$DOCKER_VERSION" ] || pin=-$(echo "$DOCKER_VERSION" | sed 's/^[0-9]*://')
    if [ "$DOCKER_SOURCE" = docker ] || [ "$system" = centos ]; then
        command -v gpg >/dev/null || again dnf -y install gnupg2 || fail "dnf cannot install gnupg2, see above"
        key "https://download.docker.com/linux/$system/gpg" "$RPM_KEY" /etc/pki/rpm-gpg/RPM-GPG-KEY-docker
        cat >/etc/yum.repos.d/docker-ce.repo <<END
[docker-ce-stable]
name=Docker CE
baseurl=https://download.docker.com/linux/$system/\$releasever/\$basearch/stable
enabled=1
gpgcheck=1
gpgkey=file:///etc/pki/rpm-gpg/RPM-GPG-KEY-docker
END
        held="docker-ce docker-ce-cli"
        set -- "docker-ce$pin" "docker-ce-cli$pin" containerd.io
    else
        held=moby-engine
        set -- "moby-engine$pin"
    fi
    again dnf -y makecache || fail "dnf cannot fetch the lists of packages, see above"
    # Without its policy SELinux keeps containers from running.
    dnf -y install "$@" container-selinux || fail "dnf cannot install $*, see above; what there is: dnf list --showduplicates $held"
    command -v docker >/dev/null || dnf -y install docker-cli || fail "dnf cannot install docker-cli, see above"
    if [ -n "$DOCKER_VERSION" ]; then
        dnf versionlock --help >/dev/null 2>&1 || dnf -y install 'dnf-command(versionlock)' || fail "dnf cannot hold versions, see above"
        dnf versionlock add $held
    fi
}`;

const main = String.raw`
if command -v dockerd >/dev/null; then
    echo "Docker is there already: $(dockerd --version)"
else
    ID=linux
    ID_LIKE= VERSION_CODENAME= UBUNTU_CODENAME= PRETTY_NAME="this system"
    if [ -r /etc/os-release ]; then . /etc/os-release; fi
    for variable in $PROXY; do export "$variable"; done
    case " $ID $ID_LIKE " in
    *" debian "* | *" ubuntu "*) by_apt ;;
    *" fedora "* | *" rhel "* | *" centos "*) by_dnf ;;
    *) fail "$PRETTY_NAME is not known; Debian, Ubuntu, Fedora, AlmaLinux and their kin are; use an image that has Docker" ;;
    esac
fi
systemctl is-enabled --quiet docker || systemctl enable docker
systemctl start docker`;

/** The values that {@link installBody} reads. */
export const installVariables = ({ source, version = "", proxy }: DockerInstall) => ({
    DOCKER_SOURCE: source,
    DOCKER_VERSION: version,
    APT_KEY: KEYS.apt,
    RPM_KEY: KEYS.rpm,
    PROXY: proxy === undefined ? "" : proxyVariables(proxy).join(" "),
});

/** The text that installs Docker, without the values that it reads. */
export const installBody = [common, apt, dnf, main].join("").trim();

/**
 * The script, run by root on a machine, that installs Docker where there is none and lets it start with the system:
 * on Debian and Ubuntu by apt, on Fedora, AlmaLinux and their kin by dnf. A given version is held.
 */
export function installDockerScript(install: DockerInstall): string {
    return script(installVariables(install), installBody);
}
