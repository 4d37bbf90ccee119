import { type Contact, swarmScript } from "./nodeScripts";

/** How a host leaves its swarm. */
export interface LeavePlan {
    swarm: string;
    host: Contact;
    /** As in a {@link NodePlan}. */
    contacts: readonly Contact[];
    /** How long its tasks have to move. */
    drainSeconds: number;
}

const body = String.raw`
# What managers that leave at the same time do not answer any more is nothing to wait for.
tell() { at "$m" "$1" >/dev/null 2>&1 || true; }
is_worker() { look "$NAME"; [ "$control" != true ]; }
# How many tasks services lack, in all.
lacking() { at "$m" "docker service ls --format '{{.Replicas}}'" | awk '{ split($1, n, "/"); if (n[2] > n[1]) sum += n[2] - n[1] } END { print sum + 0 }'; }
tasks() { at "$m" "docker node ps --format '{{.CurrentState}}' $self" | grep -E '^(Running|Starting|Preparing|Ready)' || true; }
has_moved() { [ -z "$(tasks)" ] && [ "$(lacking)" -le "$lacked" ]; }
# Where this is the only manager, another node takes its place.
hand_over() {
    for heir in $CONTACTS; do
        [ "$heir" != "$NAME" ] || continue
        look "$heir"
        [ "$state" = active ] || continue
        at "$NAME" "docker node update --role manager $id >/dev/null 2>&1" || continue
        if await 30 manager_but "$NAME"; then return 0; fi
    done
    return 1
}
leave() {
    at "$NAME" "docker swarm leave $* >/dev/null 2>&1" || { look "$NAME"; [ "$state" = inactive ]; }
}
look "$NAME"
self=$id
was=$state
alone=
[ "$quorum" != quorum ] || alone=yes
case $was in
inactive) echo "$NAME is in no swarm" ;;
unreachable | fails) echo "$NAME does not answer: $quorum" ;;
*)
    if [ -z "$self" ]; then :; elif manager_but "$NAME" || { [ -n "$alone" ] && hand_over; }; then
        lacked=$(lacking)
        tell "docker node update --availability drain $self"
        await "$DRAIN" has_moved || echo "$NAME: after $DRAIN s its tasks do not all run elsewhere; those that are left stop"
        tell "docker node update --role worker $self"
        if ! await 30 is_worker && manager_but "$NAME" && at "$m" "docker service ls --format '{{.Replicas}}'" | grep -q '/[1-9]'; then
            fail "$NAME cannot leave the swarm $SWARM: without it most of the managers that there are would be off" "start those, or have them leave before it"
        fi
    fi
    # The last manager takes the swarm with it.
    leave || leave --force || fail "$NAME could not leave the swarm $SWARM: $(words)" ;;
esac
if ! manager_but "$NAME"; then
    echo "no manager of the swarm $SWARM answers, so that nothing is left to be done"
    exit 0
fi
for node in $self $(nodes_of "$NAME"); do
    at "$m" "! docker node inspect $node >/dev/null 2>&1" || (forget "$node") || ! manager_but "$NAME" || exit 1
done
echo "$NAME has left the swarm $SWARM"
`;

/**
 * The script, run on the operator's machine, by which a host leaves its swarm: its tasks move, it is a manager no more, and no longer
 * in the swarm's list. Of a machine that does not answer the other managers take leave. Where no manager answers, so that there is
 * nobody to move its tasks, it leaves at once. The only manager hands over first.
 */
export function leaveScript({ swarm, host, contacts, drainSeconds }: LeavePlan): string {
    return swarmScript(contacts, [host], { SWARM: swarm, NAME: host.name, DRAIN: drainSeconds }, body);
}
