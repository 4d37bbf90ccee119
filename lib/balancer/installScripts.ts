/** How HAProxy is to be installed. */
export interface HaproxyInstall {
    /** A version that is then held; "": the distribution's. */
    version: string;
    /** Whether keepalived is installed too. @default false */
    keepalived?: boolean;
}

/** Shell text that defines `install_packages`, which installs some of the distribution; standard input has something else. */
const packages = String.raw`
# What somebody has changed in /etc stays. What a package starts must not inherit the lock.
apt() {
    DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=600 -o Acquire::Retries=3 \
        -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold "$@" </dev/null >&2 9<&-
}
distribution() {
    ID=linux ID_LIKE= PRETTY_NAME="this system"
    [ ! -r /etc/os-release ] || . /etc/os-release
    case " $ID $ID_LIKE " in
    *" debian "* | *" ubuntu "*) echo debian ;;
    *" fedora "* | *" rhel "* | *" centos "*) echo fedora ;;
    *) fail "$PRETTY_NAME is not known; install the packages $* on $(uname -n), and leave haproxy.install out" ;;
    esac
}
apt_update() { apt update || fail "apt-get cannot fetch the lists of packages on $(uname -n), see above"; }
install_packages() {
    kind=$(distribution "$@") || exit 1
    if [ "$kind" = debian ]; then
        apt_update
        apt install --no-install-recommends "$@" || fail "apt-get cannot install $* on $(uname -n), see above"
    else
        dnf -y install "$@" </dev/null >&2 9<&- || fail "dnf cannot install $* on $(uname -n), see above"
    fi
}
# The package starts one of its own, which nobody asked for.
not_by_itself() { ! command -v systemctl >/dev/null || systemctl disable --now --quiet "$1" 2>/dev/null || true; }`;

/** Shell text that defines `install_lego`, which installs what certificates of an ACME server need, where it is missing. */
export const installLego = String.raw`${packages}
install_lego() { command -v lego >/dev/null && command -v openssl >/dev/null || install_packages lego openssl; }`;

/** Shell text that defines `install_haproxy`, which installs socat where it is missing: a container's image has HAProxy. */
export const installSocat = String.raw`${packages}
install_haproxy() { command -v socat >/dev/null || install_packages socat; }`;

/** Shell text that defines `install_keepalived`, which installs it where it is missing; behind another of these. */
export const installKeepalived = String.raw`
install_keepalived() { command -v keepalived >/dev/null || { install_packages keepalived; not_by_itself keepalived; }; }`;

/**
 * Shell text that defines `install_haproxy`, which installs HAProxy and socat from the distribution where they are missing, or
 * another version than $HAPROXY_VERSION is there. A running HAProxy goes on, and takes the program of its next reload.
 */
export const installHaproxy = String.raw`${packages}
version() { haproxy -v 2>/dev/null | sed -n '1s/^HA-\{0,1\}Proxy version \([^ ]*\).*/\1/p'; }
# Whether HAProxy is of the version that is asked for, which may lack what the distribution adds to it.
is_wanted() {
    case $(version) in "") return 1 ;; esac
    case $HAPROXY_VERSION in "") return 0 ;; esac
    case $(version)- in "$HAPROXY_VERSION"[-+~]*) return 0 ;; *) return 1 ;; esac
}
install_haproxy() {
    is_wanted && command -v socat >/dev/null && return 0
    there=$(command -v haproxy || true)
    kind=$(distribution haproxy socat) || exit 1
    if [ "$kind" = debian ]; then
        apt_update
        package=haproxy
        if [ -n "$HAPROXY_VERSION" ]; then
            found=$(apt-cache madison haproxy | awk -F ' *[|] *' -v want="$HAPROXY_VERSION" '
                { short = $2; sub(/^[0-9]+:/, "", short); sub(/[-+~].*/, "", short) }
                $2 == want || short == want { print $2; exit }')
            [ -n "$found" ] || fail "there is no HAProxy $HAPROXY_VERSION for $(uname -n); there are:$(apt-cache madison haproxy | cut -d '|' -f 2 | tr -d '\n')"
            package=haproxy=$found
        fi
        apt install --no-install-recommends --allow-downgrades --allow-change-held-packages "$package" socat ||
            fail "apt-get cannot install $package and socat on $(uname -n), see above"
        [ -z "$HAPROXY_VERSION" ] || apt-mark hold haproxy >&2
    else
        install_packages "haproxy$([ -z "$HAPROXY_VERSION" ] || echo "-$HAPROXY_VERSION")" socat
    fi
    [ -n "$there" ] || not_by_itself haproxy
    is_wanted || fail "HAProxy is $(version) on $(uname -n), not $HAPROXY_VERSION"
}`;
