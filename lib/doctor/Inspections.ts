import * as pulumi from "@pulumi/pulumi";
import type { Faults } from "../faults";
import type { HypervisorSpec } from "../hypervisor/hypervisorSpec";
import { kvm } from "../hypervisor/kvmScript";
import { needsSsh } from "../hypervisor/libvirtUri";
import { isOwn } from "../hypervisor/networkSpec";
import { ProgramNetworks } from "../hypervisor/ProgramNetworks";
import { surveyor } from "../hypervisor/survey";
import { lastOfType } from "../lastState";
import type { Round } from "../program";
import { dataVolumeName } from "../vm/createDomain";
import type { VmSpec } from "../vm/vmSpec";
import { checkFiles } from "./checkFiles";
import { findings } from "./findings";
import { type Leftovers, leftovers, suspects } from "./leftovers";
import { usesOf } from "./uses";
import { BASE_IMAGE, type Owned, type Wanted, type WantedVm } from "./wanted";

/** What the components of a round want of one hypervisor. */
export interface Inspected {
    component: pulumi.Resource;
    spec: HypervisorSpec;
    vms: VmSpec[];
    balancers: string[];
}

/** What earlier rounds have found on a hypervisor, and want of it. */
interface Earlier {
    told: Set<string>;
    vms: VmSpec[];
    /** Suspected once: by now it may be what an earlier round makes, since a run has one survey. */
    suspected: Set<string>;
}

const rounds = new WeakMap<Round, Inspected[]>();
const earlierOf = new WeakMap<pulumi.Resource, Earlier>();

/**
 * Has a hypervisor looked at before anything of the round is created, at the same time as the others of the round: what would
 * not work becomes a fault, what may not a warning. Where arguments are wrong, these are told first. Asked again in a later
 * round, it is looked at for that round's machines and balancers, and nothing is told twice.
 *
 * @returns what the caller adds machines and balancers to
 */
export function inspect(round: Round, component: pulumi.Resource, spec: HypervisorSpec): Inspected {
    const all = rounds.get(round) ?? [];
    if (!rounds.has(round)) {
        rounds.set(round, all);
        round.before(async (faults) => {
            if (faults.size === 0) {
                const owned = await ownedByStack();
                const program = ProgramNetworks.current(round).all;
                await Promise.all(all.map((one) => inspectOne(one, owned, program, faults)));
            }
        });
    }
    const known = all.find((one) => one.component === component);
    const inspected = known ?? { component, spec, vms: [], balancers: [] };
    if (known === undefined) {
        all.push(inspected);
    }
    return inspected;
}

async function inspectOne(
    { component, spec, vms, balancers }: Inspected,
    owned: Owned,
    program: readonly HypervisorSpec[],
    faults: Faults,
): Promise<void> {
    const isFirst = !earlierOf.has(component);
    const earlier = earlierOf.get(component) ?? { told: new Set(), vms: [], suspected: new Set() };
    earlierOf.set(component, earlier);
    const survey = await surveyor.survey(spec);
    if (!survey.reachable) {
        const { ssh, uri } = spec.connection;
        // Over TLS the URI says nothing of ssh.
        const [path, what] =
            survey.overSsh && needsSsh(uri) ? [`${spec.name}.ssh`, ssh?.address ?? ""] : [`${spec.name}.uri`, uri];
        if (isFirst) {
            faults.add(path, `"${what}" cannot be reached: ${survey.reason}; ${survey.hint}`);
        }
        return;
    }
    await checkFiles(spec, vms, survey, faults);
    // A pool that is not this stack's has nothing of this stack in it, whatever its files are called.
    const found = owned.pools.has(spec.pool.name) ? suspects(survey, vms, owned) : { domains: [], volumes: [] };
    const volumes = found.volumes.filter((volume) => !earlier.suspected.has(volume));
    for (const volume of volumes) {
        earlier.suspected.add(volume);
    }
    const left = await takeAway(component, spec, { ...found, volumes });
    const known = { ...owned, domains: new Set([...owned.domains, ...left.domains]) };
    // Once, when the hypervisor is new: a guest's start takes some seconds.
    const isNew = isFirst && !owned.pools.has(spec.pool.name);
    const works = isNew && spec.domainType === "kvm" && survey.kvmDevice ? await kvm.try(spec.connection) : undefined;
    const wanted = {
        ...wantedOf(spec, vms, balancers, known),
        uses: usesOf(spec, vms, program),
        earlier: earlier.vms.map(wantedVm),
    };
    earlier.vms.push(...vms);
    for (const { severity, path, what, remedy } of findings(survey, wanted, works)) {
        const text = `${path}: ${what}; ${remedy}`;
        if (earlier.told.has(text)) {
            continue;
        }
        earlier.told.add(text);
        if (severity === "error") {
            faults.add(path, `${what}; ${remedy}`);
        } else if (severity === "warning") {
            await pulumi.log.warn(text, component);
        }
    }
}

/** In `up` what an interrupted deployment has left is taken away, since it would be in the way; a preview tells of it. */
async function takeAway(component: pulumi.Resource, spec: HypervisorSpec, suspected: Leftovers): Promise<Leftovers> {
    const remove = !pulumi.runtime.isDryRun();
    const left = await leftovers(suspected, spec, remove);
    const things = [
        ...left.domains.map((name) => `the machine ${name}`),
        ...left.volumes.map((name) => `the disk ${name}`),
    ];
    if (things.length > 0) {
        const what = `what an interrupted deployment has left on ${spec.name} ${remove ? "has been" : "is"} taken away`;
        await pulumi.log.info(`${what}: ${things.join(", ")}`, component);
    }
    return left;
}

const wantedVm = ({ dataDisks, ...vm }: VmSpec): WantedVm => ({
    ...vm,
    dataDisks: dataDisks.map((disk) => ({ volume: dataVolumeName(vm.name, disk.name), sizeGiB: disk.sizeGiB })),
});

function wantedOf(spec: HypervisorSpec, vms: readonly VmSpec[], balancers: readonly string[], owned: Owned): Wanted {
    const { name, connection, domainType, pool, network } = spec;
    const { bridge, cidr, cidr6 } = network;
    const cidrs = [cidr, ...(cidr6 === undefined ? [] : [cidr6])].map(({ text }) => text);
    return {
        ...{ name, connection, domainType, pool, vms: vms.map(wantedVm), balancers, owned },
        network: { made: isOwn(network), name: network.name, ...(bridge && { bridge }), cidrs },
    };
}

/** What the last deployment of this stack has left on its hypervisors. */
async function ownedByStack(): Promise<Owned> {
    const named = async (type: string, pattern: RegExp, key: string) => {
        const texts = [...(await lastOfType(type)).values()].map((outputs) => outputs[key]);
        return new Set(texts.filter((text): text is string => typeof text === "string" && pattern.test(text)));
    };
    const [domains, networks, pools, volumes, images] = await Promise.all([
        named("libvirt:index/domain:Domain", /./, "name"),
        named("libvirt:index/network:Network", /./, "name"),
        named("libvirt:index/pool:Pool", /./, "name"),
        named("libvirt:index/volume:Volume", /./, "name"),
        named("command:local:Command", BASE_IMAGE, "stdout"),
    ]);
    // The machine's command has said it: the provider keeps the UUID as an id, which a program is not told.
    const said = [...(await lastOfType("command:local:Command"))].map(
        ([name, { stdout }]) => [name, /^domain ([0-9a-f-]{36})$/m.exec(String(stdout))?.[1]] as const,
    );
    // A domain over the disk that the state has is the state's, though its command may have failed and told an older one's.
    const disks = await lastOfType("libvirt:index/volume:Volume");
    const machines = await lastOfType("libvirt:index/domain:Domain");
    const hasItsDisk = (name: string) =>
        JSON.stringify(machines.get(name)?.disks ?? []).includes(`/${disks.get(name)?.name}"`);
    const domainIds = new Map(said.flatMap(([name, id]) => (id === undefined || hasItsDisk(name) ? [] : [[name, id]])));
    return { domains, domainIds, networks, pools, volumes, images };
}
