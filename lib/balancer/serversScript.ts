import { stepSupervision } from "./containerScripts";
import { deployment } from "./deployScript";
import { type BalancerPlace, placeVariables } from "./places";

/**
 * The script, run on the balancer's machine, by which HAProxy knows of further servers of a backend; all else stays as it runs, and
 * nobody waits for them. A backend that is not there, or that has all of them, stays as it is. Standard input has the backend's lines,
 * those of its servers and of what they need.
 */
export function serversScript(place: BalancerPlace, backend: string, hardStopAfterSeconds: number): string {
    const added = String.raw`${stepSupervision}
! in_container || check_docker
[ -S "$DIR/admin.sock" ] && master >/dev/null || { echo "no balancer runs in $DIR on $(uname -n)"; exit 0; }
new_config() {
    awk -v backend="$BACKEND" '
        function close_section(name) {
            if (!inside) return
            for (i = 1; i <= count; i++) {
                split(line[i], word)
                if (word[1] == "server" && !(word[2] in there)) { if (!added++) for (j = 1; j <= count; j++) if (line[j] !~ /^server /) print "    " line[j]; print "    " line[i] }
            }
            inside = 0
        }
        FNR == NR { line[++count] = $0; next }
        { sub(/ disabled # out$/, "") }
        /^[a-z]/ { close_section(); print_blank(); inside = ($1 == "backend" && $2 == backend); print; next }
        inside && $1 == "server" { there[$2] = 1 }
        /^$/ { blank++; next }
        { print_blank(); print }
        function print_blank() { while (blank > 0) { print ""; blank-- } }
        END { close_section(); print_blank() }' - "$config" >"$config.step"
    hash=$(grep -v '^ *description ' "$config.step" | sha256sum | cut -c 1-16)
    sed "s/^\( *description \"fusion-\)[^\"]*\"/\1$hash\"/" "$config.step" >"$config.new"
    rm -f "$config.step"
}
# Certificates of the next configuration may be there already.
clean() { :; }
release() { :; }
tell_turns() { :; }
renewals() { :; }
# It may have gone while this waited for another deployment.
prepare() { master >/dev/null || { echo "no balancer runs in $DIR on $(uname -n)"; exit 0; }; }
`;
    const seconds = { HARD_STOP: hardStopAfterSeconds, SERVERS_UP: 60 };
    return deployment({ ...placeVariables(place), BACKEND: backend, BACKENDS: "", ...seconds }, added);
}
