import { script } from "../shell";
import { anyMaster, containers, stepSupervision } from "./containerScripts";
import { deployment } from "./deployScript";
import type { HaproxyInstall } from "./installScripts";
import { type BalancerPlace, placeVariables, shellBase } from "./places";
import { schedule } from "./renewSchedule";

/**
 * The script, kept on the balancer's machine, that makes HAProxy take the certificates in `DIRECTORY/acme/new`, by the same steps as a
 * deployment: the configuration that runs is checked with them, loaded, and proven to be the one that runs. Where that fails, the
 * certificates are again those that were.
 */
export function reloadScript(
    place: BalancerPlace,
    hardStopAfterSeconds: number,
    install: HaproxyInstall | undefined,
): string {
    const edited = String.raw`${stepSupervision}
acme=$DIR/acme
new_config() {
    mkdir -p "$acme/old"
    rm -f "$acme"/old/*
    trap '[ $? = 0 ] || put_back' EXIT
    for file in "$acme"/new/*.pem; do
        name=\${file##*/}
        [ ! -e "$acme/$name" ] || cp -p "$acme/$name" "$acme/old/$name"
        cp -p "$file" "$acme/.$name"
        mv "$acme/.$name" "$acme/$name"
    done
    sed 's/^\( *description "fusion-[0-9a-f]*\)[^"]*"/\1"/' "$config" >"$config.new"
}
put_back() { for file in "$acme"/old/*.pem; do [ ! -e "$file" ] || mv "$file" "$acme/\${file##*/}"; done; }
clean() { rm -rf "$acme/new" "$acme/old"; }
release() { :; }
tell_turns() { :; }
renewals() { :; }
prepare() { master >/dev/null || fail "no balancer runs in $DIR on $(uname -n)"; }
`.replaceAll("\\$", "$");
    const seconds = { HARD_STOP: hardStopAfterSeconds, SERVERS_UP: 60 };
    const version = { HAPROXY_VERSION: install?.version ?? "" };
    return deployment({ ...placeVariables(place), BACKENDS: "", ...version, ...seconds }, edited);
}

/**
 * The script, kept on the balancer's machine, that sees to it that there is a certificate in each file of `DIRECTORY/acme/settings`, not
 * near its end: it has lego ask the authority for what is missing, and HAProxy take it. With nothing missing nobody is asked. Its argument:
 *
 * - none, as it is run on a schedule;
 * - `schedule`: it is put on its schedule, and asks for nothing;
 * - `prepare`: HAProxy is about to. Where it passes challenges on already and has certificates to lose, the new ones are there before it
 *   learns of them; else it gets such as sign themselves, so that it can start, until it passes on what the authority asks.
 */
export function renewScript(place: BalancerPlace): string {
    return script(placeVariables(place), shellBase + containers + anyMaster + schedule + renew.replaceAll("\\$", "$"));
}

const renew = String.raw`
acme=$DIR/acme
task=\${1:-}
settings=$acme/settings
[ "$task" != prepare ] || settings=$acme/settings.new
if [ "$task" = schedule ]; then schedule; exit 0; fi
said() { sed -n "s/^$1 //p" "$settings"; }
# One at a time asks the authority; file 8 holds the lock. HAProxy may change meanwhile.
exec 8<"$acme"
flock -w "$LOCK" 8 || fail "another renewal has held $acme for $((LOCK / 60)) minutes; run again when it is done"
seconds() { date -d "$(openssl x509 -in "$1" -noout "-$2" | cut -d = -f 2)" +%s; }
# Whether somebody else has signed it.
is_real() { [ -s "$1" ] && [ "$(openssl x509 -in "$1" -noout -subject_hash)" != "$(openssl x509 -in "$1" -noout -issuer_hash)" ]; }
is_good() {
    is_real "$1" || return 1
    end=$(seconds "$1" enddate)
    days=$(said days)
    if [ -n "$days" ]; then before=$((days * 86400)); else before=$(((end - $(seconds "$1" startdate)) / 3)); fi
    [ "$(date +%s)" -lt $((end - before)) ]
}
# Where HAProxy passes challenges on to; nothing where it does not run, or does not.
challenges() { ! master >/dev/null || awk '/^[a-z]/ { inside = $0 == "backend fusion-acme" } inside && $1 == "server" { print $3 }' "$config"; }
# FILE NAME...: a certificate in $acme/new.
obtain() {
    file=$1; shift
    at=$(challenges)
    if [ -z "$at" ]; then
        echo "no balancer that passes challenges on runs in $DIR on $(uname -n)" >&2
        return 1
    fi
    rm -rf "$acme/lego/certificates" "$acme/lego.log"
    domains=$(for name; do echo "--domains $name"; done)
    set -- "$acme/lego/certificates/$1" "$@"
    # shellcheck disable=SC2086 # host names alone
    timeout 600 lego --accept-tos --path "$acme/lego" --server "$(said server)" --email "$(said email)" \
        --http --http.port "$at" $domains run >"$acme/lego.log" 2>&1 </dev/null 8<&- || {
        tail -n 20 "$acme/lego.log" >&2
        shift
        echo "lego on $(uname -n) obtains no certificate for $* from $(said server), see above" >&2
        return 1
    }
    cat "$1.crt" "$1.key" >"$acme/new/.$file" || return 1
    if [ "$(openssl x509 -in "$1.crt" -noout -pubkey)" != "$(openssl pkey -in "$1.key" -pubout)" ]; then
        echo "the certificate for $2 that $(said server) gives is of another key" >&2
        return 1
    fi
    rm -rf "$acme/lego/certificates"
    mv "$acme/new/.$file" "$acme/new/$file"
}
# FILE: one that signs itself. It names no host, so that it is never taken before one of the user's own.
stand_in() {
    file=$1
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 7 -subj "/O=until the authority has answered" \
        -keyout "$acme/.key" -out "$acme/.crt" 2>"$acme/openssl.log" </dev/null || { cat "$acme/openssl.log" >&2; return 1; }
    cat "$acme/.crt" "$acme/.key" >"$acme/.$file"
    rm "$acme/.crt" "$acme/.key" "$acme/openssl.log"
    mv "$acme/.$file" "$acme/$file"
}
there() { is_good "$acme/new/$1" || obtain "$@"; }
has_real() { for file in "$acme"/*.pem; do ! is_real "$file" || return 0; done; return 1; }
mkdir -p "$acme/new"
# Of a time when something else was asked for.
for file in "$acme"/new/*; do grep -q "^certificate \${file##*/} " "$settings" || rm -f "$file"; done
LEGO_CA_CERTIFICATES=$acme/authority.crt
if [ -n "$(said authority)" ]; then
    said authority | base64 -d >"$LEGO_CA_CERTIFICATES"
    export LEGO_CA_CERTIFICATES
fi
failed=
if [ "$task" = prepare ]; then
    keeps=
    ! has_real || [ -z "$(challenges)" ] || keeps=1
    said certificate >"$acme/certificates"
    while read -r file names; do
        [ ! -s "$acme/$file" ] || continue
        # shellcheck disable=SC2086 # host names alone
        if [ -z "$keeps" ]; then stand_in "$file"; elif there "$file" $names; then mv "$acme/new/$file" "$acme/$file"; else failed=1; fi
    done <"$acme/certificates"
    rm "$acme/certificates"
    [ -z "$failed" ] || fail "HAProxy serves on as it was; see that each name leads to this balancer's port without TLS as port 80, and run again"
    mv "$settings" "$acme/settings"
    exit 0
fi
said certificate >"$acme/certificates"
while read -r file names; do
    # shellcheck disable=SC2086 # host names alone
    is_good "$acme/$file" || there "$file" $names || failed=1
done <"$acme/certificates"
rm "$acme/certificates"
for file in "$acme"/new/*.pem; do
    [ -e "$file" ] || continue
    sh "$acme/reload" 8<&- || failed=1
    break
done
[ -z "$failed" ] || fail "HAProxy serves on as it was; see that each name leads to this balancer's port without TLS as port 80, and run again"
rm -rf "$acme/new"
echo "$(said certificate | wc -l) certificates, until $(for file in "$acme"/*.pem; do date -u -d "@$(seconds "$file" enddate)" +%F; done | sort | head -n 1) at least"
`;
