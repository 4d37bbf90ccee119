import { type Contact, swarmScript } from "./nodeScripts";

/** What a swarm as a whole is. */
export interface SwarmPlan {
    swarm: string;
    /** Managers, the founder first asked. */
    contacts: readonly Contact[];
    founder: Contact;
    addressPool: string;
    autolock: boolean;
    recover: Contact | undefined;
}

const body = String.raw`
# Nodes of a manager's swarm that are none of this one.
strangers() {
    at "$m" "docker node ls --quiet | xargs docker node inspect --format '{{.Description.Hostname}} {{index .Spec.Labels \"$LABEL\"}}'" |
        awk -v ours="$LABELLED" '$2 != ours { all = all " " $1 } END { if (all) print "its nodes are" all }'
}
if [ "$0" = found ]; then
    if manager_but ""; then
        # An interrupted deployment may have begun it.
        whose=$(strangers)
        [ -z "$whose" ] || fail "$m manages a swarm already that is not $SWARM: $whose" "let its nodes leave it first, there: docker swarm leave --force"
        echo "$m manages a swarm already, which is taken"
    else
        look "$FOUNDER"
        [ "$state" = inactive ] || no_manager
        init "$FOUNDER" "--default-addr-pool $POOL --autolock=$AUTOLOCK"
        echo "$FOUNDER has begun the swarm $SWARM"
    fi
elif [ -z "$RECOVER" ]; then
    find_manager 10 60 || no_manager
elif ! find_manager 0 20; then
    look "$RECOVER"
    if [ "$state" = locked ]; then fail "$RECOVER: $(words), then run up again"; fi
    if [ "$control" = true ]; then
        init "$RECOVER" --force-new-cluster
        echo "$RECOVER goes on alone with the swarm's state; the others join it again"
    else
        case "$answers" in
        *"is a manager"* | *"is locked"*) fail "$RECOVER has none of the swarm's state: $(words); name a manager in recover, of which there is:$answers" ;;
        esac
        case $state in unreachable | fails) fail "$RECOVER: $(words)" ;; esac
        [ "$state" = inactive ] || at "$RECOVER" "docker swarm leave --force >/dev/null"
        init "$RECOVER" "--default-addr-pool $POOL --autolock=$AUTOLOCK"
        echo "$RECOVER has begun the swarm anew, without its services, since no manager is left; run pulumi refresh, then up again"
    fi
fi
await 60 manager_but "" || no_manager
is() { at "$m" "docker info --format '{{.Swarm.Cluster.Spec.EncryptionConfig.AutoLockManagers}}' 2>/dev/null"; }
# Its answer has the key in it.
[ "$(is)" = "$AUTOLOCK" ] || at "$m" "docker swarm update --autolock=$AUTOLOCK >/dev/null"
echo "$m manages the swarm $SWARM"
`;

/**
 * The script, run on the operator's machine with `found` or `keep` as its name (`$0`): begins the swarm on its founder, which is done
 * once, unless a contact manages one; or sees to it that a manager answers, and has the swarm start anew from one host where that is
 * asked for and none does.
 */
export function foundScript({ swarm, contacts, founder, addressPool, autolock, recover }: SwarmPlan): string {
    const reached = recover === undefined ? [founder] : [founder, recover];
    return swarmScript(
        contacts,
        reached,
        {
            SWARM: swarm,
            FOUNDER: founder.name,
            POOL: addressPool,
            AUTOLOCK: String(autolock),
            RECOVER: recover?.name ?? "",
        },
        body,
    );
}

/** The script, run on the operator's machine, that says the key by which managers are unlocked, and nothing else. */
export function unlockKeyScript(swarm: string, contacts: readonly Contact[]): string {
    return swarmScript(
        contacts,
        [],
        { SWARM: swarm },
        `find_manager 10 60 || no_manager\nat "$m" "docker swarm unlock-key --quiet"`,
    );
}
