import type { HypervisorSurvey } from "../hypervisor/survey";
import type { Finding, Wanted } from "./wanted";

/** Below this nothing can be made: a base image alone takes about as much. */
const LEAST_FREE_GIB = 2;

/** Space, memory and processors against what is asked for beyond what there is. */
export function sizes(survey: HypervisorSurvey, wanted: Wanted): Finding[] {
    return [...diskSpace(survey, wanted), ...memory(survey, wanted), ...cpus(wanted, survey.cpus, survey.host)];
}

/** What each machine may take in the pool beyond what it has there. */
function growth({ domains }: HypervisorSurvey, { vms, earlier = [], owned }: Wanted): { name: string; gib: number }[] {
    return [...earlier, ...vms]
        .map(({ name, diskGiB, dataDisks = [] }) => {
            const isNew = !(owned.domains.has(name) && domains.has(name));
            const fresh = dataDisks.filter(({ volume }) => !owned.volumes.has(volume));
            return { name, isNew, gib: fresh.reduce((sum, { sizeGiB }) => sum + sizeGiB, isNew ? diskGiB : 0) };
        })
        .filter(({ isNew, gib }) => isNew || gib > 0);
}

function diskSpace(survey: HypervisorSurvey, wanted: Wanted): Finding[] {
    const { storage, host } = survey;
    const { name, pool } = wanted;
    if (pool === undefined) {
        return [];
    }
    const added = growth(survey, wanted);
    const free = Math.floor(storage.freeGiB);
    const asked = added.reduce((sum, { gib }) => sum + gib, 0);
    const path = `${name}.pool.path`;
    const remedy = `make room there (df -h ${pool.path}), give another directory, or smaller disks (diskGiB, dataDisks)`;
    if (free < LEAST_FREE_GIB && (added.length > 0 || asked === 0)) {
        const severity = added.length > 0 ? "error" : "warning";
        return [{ severity, path, what: `"${pool.path}" on ${host} has ${free} GiB free`, remedy }];
    }
    // Disks grow as they are written, so this may go well for long.
    return asked > free
        ? [
              {
                  severity: "warning",
                  path,
                  what: `the disks of ${names(added)} may grow to ${asked} GiB, and "${pool.path}" on ${host} has ${free} GiB free`,
                  remedy,
              },
          ]
        : [];
}

function memory({ domains, memoryMiB, host }: HypervisorSurvey, { name, vms, earlier = [], owned }: Wanted): Finding[] {
    const tooLarge = vms.filter((vm) => vm.memoryMiB > memoryMiB.total);
    if (tooLarge.length > 0) {
        return tooLarge.map((vm) => ({
            severity: "error",
            path: `${vm.name}.memoryMiB`,
            what: `is ${vm.memoryMiB}, and ${host} has ${memoryMiB.total} MiB in all`,
            remedy: `give less than ${memoryMiB.total}, or another hypervisor`,
        }));
    }
    // What a machine of ours takes while it runs is missing from what is available already.
    const needs = [...earlier, ...vms].map((vm) => {
        const domain = owned.domains.has(vm.name) ? domains.get(vm.name) : undefined;
        const held = domain !== undefined && domain.state !== "shut off" && domain.state !== "crashed";
        return { ...vm, more: Math.max(0, vm.memoryMiB - (held ? domain.memoryMiB : 0)) };
    });
    const starting = needs.filter(({ more }) => more > 0);
    const asked = starting.reduce((sum, { more }) => sum + more, 0);
    return asked > memoryMiB.available
        ? [
              {
                  severity: "warning",
                  path: name,
                  what: `${names(starting)} ${starting.length === 1 ? "asks" : "ask"} for ${asked} MiB of memory more, and ${host} has ${memoryMiB.available} MiB available`,
                  remedy: "give them less (memoryMiB), or stop what else runs there: virsh list; free -m",
              },
          ]
        : [];
}

function cpus({ name, vms }: Wanted, most: number, host: string): Finding[] {
    const slow = vms.filter(({ vcpus }) => most > 0 && vcpus > most);
    const [one, ...more] = slow;
    if (one === undefined) {
        return [];
    }
    const has = `and ${host} has ${most} processors`;
    const [path, what] =
        more.length === 0
            ? [`${one.name}.vcpus`, `is ${one.vcpus}, ${has}: the machine will be slower than with ${most}`]
            : [name, `${names(slow)} have more vcpus, ${has}: each will be slower than with ${most}`];
    return [{ severity: "warning", path, what, remedy: `give at most vcpus: ${most}` }];
}

/** A few names, and how many more. */
function names(vms: readonly { name: string }[]): string {
    const shown = vms.slice(0, 3).map(({ name }) => name);
    const more = vms.length - shown.length;
    if (more > 0) {
        return `${shown.join(", ")} and ${more} more`;
    }
    return shown.length > 1 ? `${shown.slice(0, -1).join(", ")} and ${shown.at(-1)}` : (shown[0] ?? "");
}
