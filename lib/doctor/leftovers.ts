import { askMachine } from "../askMachine";
import type { HypervisorSpec } from "../hypervisor/hypervisorSpec";
import { isPlaceholder, placeholderTitle } from "../hypervisor/poolScripts";
import type { HypervisorSurvey } from "../hypervisor/survey";
import { script } from "../shell";
import type { Owned } from "./wanted";

/** What an interrupted deployment has left on a hypervisor: made, and unknown to the state. */
export interface Leftovers {
    domains: string[];
    /** Names of files in the pool. */
    volumes: string[];
}

/** What may be left over: it has the names of what the program makes, and the state does not know it. */
export function suspects(
    { domains, storage }: HypervisorSurvey,
    vms: readonly { name: string }[],
    owned: Owned,
): Leftovers {
    // One of another UUID was made by a deployment that was killed while it replaced the one of the state.
    const isKnown = (name: string) => {
        const id = owned.domainIds?.get(name) ?? domains.get(name)?.uuid;
        return owned.domains.has(name) && id === domains.get(name)?.uuid;
    };
    const unknown = (storage.files ?? []).filter((file) => !owned.volumes.has(file));
    return {
        domains: vms
            .flatMap(({ name }) => [name, `${name}.gone`])
            .filter((name) => domains.has(name) && !isKnown(name)),
        volumes: vms.flatMap(({ name }) =>
            unknown.filter(
                (file) =>
                    file.startsWith(`${name}-`) &&
                    /^([0-9a-f]{8}|[a-z0-9-]+-data)\.qcow2$/.test(file.slice(name.length + 1)),
            ),
        ),
    };
}

/**
 * The script, run on the hypervisor, that tells which suspects are really left over, and takes them away where it is to: a
 * domain all of whose disks are the library's own, in the pool and with the domain's name, or one that stands for a machine that was gone; a volume that no other domain
 * uses; of those for data only one that nothing was ever written to.
 */
export function leftoverScript(
    { domains, volumes }: Leftovers,
    spec: Pick<HypervisorSpec, "connection" | "pool">,
    remove: boolean,
): string {
    return script(
        {
            URI: spec.connection.localUri,
            POOL: spec.pool.name,
            DIR: spec.pool.path,
            DOMAINS: domains.join("\n"),
            VOLUMES: volumes.join("\n"),
            REMOVE: remove ? "yes" : "no",
            PLACEHOLDER: placeholderTitle(spec.pool.path),
        },
        `${isPlaceholder}${body}`,
    );
}

const body = String.raw`
virsh() { LC_ALL=C command virsh --quiet --connect "$URI" "$@"; }
disks() { virsh domblklist "$1" --details | awk '$1 == "file" || $1 == "volume" { print $4 }'; }
ours=
for name in $DOMAINS; do
    found=$(disks "$name")
    [ -n "$found" ] || is_placeholder "$name" || continue
    # A volume is told by its path, or by its name alone: then another pool's may have it, of another stack.
    foreign=$(echo "$found" | while read -r disk; do case $disk in "$DIR/$name"-*) ;; "$name"-*) [ -e "$DIR/$disk" ] || echo "$disk" ;; *) echo "$disk" ;; esac; done)
    [ -z "$foreign" ] || continue
    echo "domain $name"
    ours="$ours $name "
    if [ "$REMOVE" = yes ]; then
        virsh destroy "$name" >/dev/null 2>&1 || true
        virsh undefine "$name" --nvram --managed-save --snapshots-metadata --checkpoints-metadata >/dev/null
    fi
done
used=$(virsh list --all --name | while read -r name; do
    case $ours in *" $name "*) continue ;; esac
    [ -z "$name" ] || disks "$name"
done)
for file in $VOLUMES; do
    path=$DIR/$file
    if echo "$used" | grep -qxF -e "$path" -e "$file"; then continue; fi
    case $file in *-data.qcow2) [ "$(($(stat -c '%b * %B' "$path")))" -lt 1048576 ] || continue ;; esac
    echo "volume $file"
    if [ "$REMOVE" = yes ]; then rm -f "$path"; fi
done
if [ "$REMOVE" = yes ]; then virsh pool-refresh "$POOL" >/dev/null 2>&1 || true; fi
`;

/** Reads what the script has told. */
export function readLeftovers(output: string): Leftovers {
    const named = (kind: string) =>
        output
            .split("\n")
            .filter((line) => line.startsWith(`${kind} `))
            .map((line) => line.slice(kind.length + 1));
    return { domains: named("domain"), volumes: named("volume") };
}

/** Finds what is left over, and takes it away where it is to. Asks nothing where there is no suspect. */
export async function leftovers(suspected: Leftovers, spec: HypervisorSpec, remove: boolean): Promise<Leftovers> {
    if (suspected.domains.length + suspected.volumes.length === 0) {
        return suspected;
    }
    const answer = await askMachine(spec.connection.ssh, leftoverScript(suspected, spec, remove), 60);
    return readLeftovers(answer.stdout);
}
