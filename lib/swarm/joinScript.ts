import { commandLine } from "../shell";
import { sshCommand } from "../ssh";
import { type Contact, SWARM_LABEL, swarmLabel, swarmScript } from "./nodeScripts";

/** What a host is in its swarm. */
export interface NodePlan {
    swarm: string;
    host: Contact;
    role: "manager" | "worker";
    labels: Readonly<Record<string, string>>;
    /** Managers, and where there is to be one only, the host that takes its place while it is away. */
    contacts: readonly Contact[];
    /** Names of those among them that are to be managers. */
    managers: readonly string[];
    /** The pool of a swarm that has this host only, which begins it anew where it is not there; else undefined. */
    alone: string | undefined;
}

/** Asks Docker on the host by its API, since a command line would show the token to everybody there. */
const api = (dial: string): string =>
    String.raw`
# Sends a request to Docker on the host: path, body. The builtin printf is no process.
post() {
    printf 'POST %s HTTP/1.1\r\nHost: docker\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: %s\r\n\r\n%s' "$1" "\${#2}" "$2" |
        ${dial} 2>&1 | tr -d '\r' >"$answer"
    grep -q '^HTTP/1.1 200' "$answer"
}
answer=$folder/answer
`.replaceAll("\\$", "$");

const body = String.raw`
is_active() { look "$NAME"; [ "$state" = active ]; }
is_settled() { look "$NAME"; [ "$state" != pending ]; }
has_quorum() { look "$NAME"; [ "$quorum" = quorum ]; }
is_worker() { look "$NAME"; [ "$state" = active ] && [ "$control" = false ]; }
of() { at "$m" "docker node inspect --format '$1' $self 2>/dev/null"; }
is_up() { [ "$(of '{{.Status.State}}')" = ready ]; }
look "$NAME"
case $state in unreachable | fails) fail "$NAME: $(words)" ;; esac
if ! find_manager 10 60; then
    [ -n "$ALONE" ] || no_manager
    look "$NAME"
    [ "$state" = inactive ] || no_manager
    init "$NAME" "--default-addr-pool $ALONE"
    m=$NAME
fi
look "$NAME"
if [ "$state" = locked ] && [ "$m" != "$NAME" ]; then
    key=$(at "$m" "docker swarm unlock-key --quiet") || fail "$m gave no key to unlock $NAME"
    post /swarm/unlock "{\"UnlockKey\":\"$key\"}" || fail "$NAME could not be unlocked: $(tail -n 1 "$answer")"
    key=
    await 60 is_active || fail "$NAME is unlocked and does not come back: $(words)"
fi
self=$id
# Whether it is in this swarm, and as it should be: a manager of a swarm that was begun anew without it is not.
member=
if [ -n "$self" ] && [ -n "$(of '{{.ID}}')" ]; then
    await 30 is_settled || true
    [ "$state" != active ] || { [ "$control" = true ] && ! await 20 has_quorum; } || ! await 60 is_up || member=yes
fi
if [ -z "$member" ]; then
    look "$NAME"
    known=
    for contact in $CONTACTS; do
        [ "$contact" = "$NAME" ] || case " $remotes" in *" $(address "$contact"):"*) known=yes ;; esac
    done
    if [ "$state" = active ] && [ -z "$known" ] && { [ "$control" = false ] || [ "$quorum" = quorum ]; }; then
        fail "$NAME is a node of another swarm, whose managers are: $remotes" "let it leave first, there: docker swarm leave --force"
    fi
    # One that the others still count on must not leave like this.
    [ "$state" != active ] || [ "$(of '{{with .ManagerStatus}}{{.Reachability}}{{end}}')" != reachable ] || [ "$quorum" = quorum ] ||
        fail "$NAME is a manager that is too slow to answer; run up again"
    [ "$m" != "$NAME" ] || await 60 manager_but "$NAME" || no_manager
    [ "$state" = inactive ] || at "$NAME" "docker swarm leave --force >/dev/null"
    # Another host that joins at the same time makes a token worthless.
    for try in 1 2 3; do
        token=$(at "$m" "docker swarm join-token --quiet $ROLE") || fail "$m gave no token"
        ! post /swarm/join "{\"ListenAddr\":\"$ADDRESS:2377\",\"AdvertiseAddr\":\"$ADDRESS\",\"DataPathAddr\":\"$ADDRESS\",\"RemoteAddrs\":[\"$(address "$m"):2377\"],\"JoinToken\":\"$token\"}" || break
        ! grep -q 'already part of a swarm' "$answer" || break
    done
    token=
    # One that was seen by somebody is of no use.
    at "$m" "docker swarm join-token --rotate --quiet $ROLE >/dev/null" || fail "$m could not rotate the token"
    await 60 is_active || fail "$NAME could not join the swarm by $m: $(tail -n 1 "$answer")" "do they reach each other at the TCP ports 2377 and 7946, and UDP 7946 and 4789?"
    self=$id
    await 60 is_up || fail "$NAME has joined, but $m does not see it: $(of '{{.Status.Message}}')"
fi
for old in $(nodes_of "$NAME"); do [ "$old" = "$self" ] || forget "$old"; done
if [ "$(of '{{.Spec.Role}}')" != "$ROLE" ]; then
    if [ "$ROLE" = manager ]; then
        change "--role manager $self" || fail "$NAME did not become a manager: $said"
        await 60 has_quorum || fail "$NAME did not become a manager: $(words)"
    else
        await 60 manager_but "$NAME" || no_manager
        change "--role worker $self" || fail "$NAME did not become a worker: $said"
        await 60 is_worker || fail "$NAME did not become a worker: $(words)"
    fi
fi
# Labels of earlier deployments go; those of other people stay.
set --
had=$(of '{{index .Spec.Labels "fusion.labels"}}') || fail "$m does not know $NAME any more"
for label in $(of '{{range $key, $value := .Spec.Labels}}{{$key}} {{end}}'); do
    case " $had " in *" $label "*) case " $LABEL_NAMES " in *" $label "*) ;; *) set -- "$@" --label-rm "$label" ;; esac ;; esac
done
change "--availability active $LABELS $* $self" || fail "$NAME could not be labelled: $said"
if [ "$ROLE" = manager ]; then
    # Who has taken a manager's place while that was away is a worker again.
    m=$NAME
    for contact in $CONTACTS; do
        case " $MANAGERS " in *" $contact "*) continue ;; esac
        for node in $(nodes_of "$contact"); do change "--role worker $node" || fail "$contact stays a manager: $said"; done
    done
    await 60 has_quorum || fail "$NAME: $(words)"
fi
echo "$NAME is a $ROLE of the swarm $SWARM"
`;

/** The labels of a node by which services find it: those of its host and its name, and which of them the library has set. */
function labelWords({ swarm, host, labels }: NodePlan): { names: string; words: string } {
    const own: [string, string][] = [
        ["fusion.host", host.name],
        [SWARM_LABEL, swarmLabel(swarm)],
        ...Object.entries(labels),
    ];
    const sorted = own.sort(([a], [b]) => (a < b ? -1 : 1));
    const names = sorted.map(([name]) => name).join(" ");
    const all = [...sorted, ["fusion.labels", names]];
    return { names, words: commandLine(all.flatMap(([name, value]) => ["--label-add", `${name}=${value}`])) };
}

/**
 * The script, run on the operator's machine, that makes a host a node of its swarm, in its role and with its labels. Run again, it
 * changes nothing. It never begins a swarm, but for the only host of one. The token passes from a manager's ssh to the host's, in no
 * command line and no output, and is rotated at once.
 */
export function joinScript(plan: NodePlan): string {
    const { swarm, host, role, contacts, managers, alone } = plan;
    const { names, words } = labelWords(plan);
    return swarmScript(
        contacts,
        [host],
        {
            ...{ SWARM: swarm, NAME: host.name, ADDRESS: host.address, ROLE: role, ALONE: alone ?? "" },
            ...{ LABELS: words, LABEL_NAMES: names, MANAGERS: managers.join(" ") },
        },
        `${api(sshCommand(host.ssh, "docker system dial-stdio")).trim()}\n${body.trim()}`,
    );
}
