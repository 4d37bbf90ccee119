import { script } from "../shell";
import { type HaproxyInstall, installLego } from "./installScripts";
import { type BalancerPlace, ifOwn, makeDirectory, own, placeVariables, shellBase } from "./places";
import { schedule } from "./renewSchedule";
import { reloadScript, renewScript } from "./renewScript";

/**
 * The script, run on the balancer's machine before a configuration with certificates of an ACME server is deployed, that makes their files:
 * see `prepare` of {@link renewScript}. Keys are made there and stay there. Standard input is the settings. A failure leaves everything as
 * it was.
 *
 * @param hardStopAfterSeconds how long an old process of HAProxy may live; as in the configuration
 * @param install lego and openssl are installed where they are missing; undefined: they are there
 */
export function prepareAcmeScript(
    place: BalancerPlace,
    hardStopAfterSeconds: number,
    install: HaproxyInstall | undefined,
): string {
    const variables = {
        ...placeVariables(place),
        RENEW: renewScript(place),
        RELOAD: reloadScript(place, hardStopAfterSeconds, install),
    };
    return script(
        variables,
        String.raw`${shellBase}
${install === undefined ? "" : `${installLego}\ninstall_lego`}
for program in lego openssl; do
    command -v $program >/dev/null || fail "$program is missing on $(uname -n), which certificates of an ACME server need; install the package $program, or give the balancer haproxy: { install: true }"
done
acme=$DIR/acme
# What has never been there is not left behind.
forget() {
    rm -rf "$acme"
    [ -e "$config" ] || [ -e "$DIR/secret" ] || rm -f "$DIR/owner"
    rmdir "$DIR" 2>/dev/null || true
}
${makeDirectory}
lock
${own}
[ -e "$acme/settings" ] || trap '[ $? = 0 ] || forget' EXIT
exec 9<&-
mkdir -p "$acme"
cat >"$acme/settings.new"
# By another name first: a renewal that is under way reads what it began with.
put() { printf '%s' "$2" >"$acme/.put"; mv "$acme/.put" "$acme/$1"; }
put renew "$RENEW"
put reload "$RELOAD"
sh "$acme/renew" prepare
sed -n 's/^certificate [^ ]* //p' "$acme/settings"
`,
    );
}

/** The script, run on the balancer's machine, that has HAProxy serve certificates which its authority has signed. */
export const obtainScript = ({ directory }: BalancerPlace): string =>
    script({ DIR: directory }, 'exec sh "$DIR/acme/renew"');

/** The script that takes away all that {@link prepareAcmeScript} and the renewals have made, once no HAProxy needs it. */
export function removeAcmeScript(place: BalancerPlace): string {
    return script(
        placeVariables(place),
        `${ifOwn}
${shellBase}${schedule}` +
            String.raw`
if [ -d "$DIR/acme" ]; then
    # A renewal that is under way ends first.
    exec 8<"$DIR/acme"
    flock -w "$LOCK" 8 || fail "a renewal has held $DIR/acme for $((LOCK / 60)) minutes; run again when it is done"
    unschedule
    rm -rf "$DIR/acme"
fi
[ -e "$config" ] || [ -e "$DIR/secret" ] || rm -f "$DIR/owner"
rmdir "$DIR" 2>/dev/null || true
`,
    );
}
