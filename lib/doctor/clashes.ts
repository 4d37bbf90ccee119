import { freeNetwork, overlaps } from "../cidr";
import type { HypervisorSurvey } from "../hypervisor/survey";
import { commandLine } from "../shell";
import type { Finding, Wanted } from "./wanted";

/** Names, bridges and addresses that somebody else on the hypervisor has already. */
export function clashes(survey: HypervisorSurvey, wanted: Wanted): Finding[] {
    return [
        ...domainNames(survey, wanted),
        ...poolNames(survey, wanted),
        ...networkNames(survey, wanted),
        ...addresses(survey, wanted),
    ];
}

const virsh = ({ connection }: Wanted, ...words: string[]): string =>
    commandLine(["virsh", "--connect", connection.localUri, ...words]);

function domainNames({ domains, host }: HypervisorSurvey, wanted: Wanted): Finding[] {
    return wanted.vms.flatMap(({ name }) => {
        const domain = domains.get(name);
        return domain === undefined || wanted.owned.domains.has(name)
            ? []
            : [
                  {
                      severity: "error" as const,
                      path: name,
                      what: `there is a machine "${name}" on ${host} already (${domain.state}), which is not of this stack`,
                      remedy: `give another name; or, where nobody needs it, delete it: ${virsh(wanted, "undefine", name)}`,
                  },
              ];
    });
}

function poolNames({ pools, host }: HypervisorSurvey, wanted: Wanted): Finding[] {
    const { name, pool, owned } = wanted;
    if (pool?.name === undefined || owned.pools.has(pool.name)) {
        return [];
    }
    const taken = pools.get(pool.name);
    if (taken !== undefined) {
        return [
            {
                severity: "error",
                path: `${name}.pool.name`,
                what: `there is a pool "${pool.name}" on ${host} already (${taken}), which is not of this stack`,
                remedy: `give another name; or let go of it, its files stay: ${virsh(wanted, "pool-destroy", pool.name)}; ${virsh(wanted, "pool-undefine", pool.name)}`,
            },
        ];
    }
    // What is of this stack under another name makes room: it is replaced.
    const same = [...pools].find(([other, path]) => path === pool.path && !owned.pools.has(other));
    return same === undefined
        ? []
        : [
              {
                  severity: "error",
                  path: `${name}.pool.path`,
                  what: `"${pool.path}" is the directory of the pool "${same[0]}" on ${host} already`,
                  remedy: `give another directory, such as "${pool.path}-${name}"`,
              },
          ];
}

function networkNames({ networks, devices, host }: HypervisorSurvey, wanted: Wanted): Finding[] {
    const { name, network, owned } = wanted;
    if (network?.made !== true || network.name === undefined || owned.networks.has(network.name)) {
        return [];
    }
    const { bridge } = network;
    if (networks.has(network.name)) {
        return [
            {
                severity: "error",
                path: `${name}.network.name`,
                what: `there is a network "${network.name}" on ${host} already, which is not of this stack`,
                remedy: `give another name; or, where nobody needs it, delete it: ${virsh(wanted, "net-destroy", network.name)}; ${virsh(wanted, "net-undefine", network.name)}`,
            },
        ];
    }
    const holder = [...networks].find(([, other]) => bridge !== undefined && other.bridge === bridge);
    const free = holder === undefined ? !devices.includes(bridge ?? "") : owned.networks.has(holder[0]);
    if (bridge === undefined || free) {
        return [];
    }
    const what =
        holder === undefined
            ? `there is a device "${bridge}" on ${host} already`
            : `"${bridge}" is the bridge of the network "${holder[0]}" on ${host} already`;
    const remedy = `give another name; where nobody needs the device: ip link delete ${bridge}`;
    return [{ severity: "error", path: `${name}.network.bridge`, what, remedy }];
}

function addresses(survey: HypervisorSurvey, wanted: Wanted): Finding[] {
    const { name, network, owned } = wanted;
    if (network?.made !== true) {
        return [];
    }
    const mine = network.name !== undefined && owned.networks.has(network.name) ? network.name : undefined;
    const isOwn = (other: string) => other === network.name || owned.networks.has(other);
    const others = [...survey.networks].filter(([other]) => !isOwn(other));
    const bridges = [...survey.networks].filter(([other]) => isOwn(other)).map(([, { bridge }]) => bridge);
    const theirBridges = others.map(([, { bridge }]) => bridge);
    const taken = [
        ...others.flatMap(([other, { cidrs }]) => cidrs.map((cidr) => ({ cidr, by: `of the network "${other}"` }))),
        ...survey.routes
            .filter(({ device }) => !bridges.includes(device) && !theirBridges.includes(device))
            .map(({ cidr, device }) => ({ cidr, by: device === "" ? "refused by a route" : `reached by ${device}` })),
    ];
    return network.cidrs.flatMap((cidr) => {
        const clash = taken.find((other) => overlaps(other.cidr, cidr));
        if (clash === undefined) {
            return [];
        }
        const free = freeNetwork(cidr, [...taken.map((one) => one.cidr), ...network.cidrs]);
        return [
            {
                // What serves already goes on; a route that came later is told, and stops no deployment.
                severity: mine !== undefined && survey.networks.get(mine)?.cidrs.includes(cidr) ? "warning" : "error",
                path: `${name}.network.${cidr.includes(":") ? "cidr6" : "cidr"}`,
                what: `"${cidr}" overlaps ${clash.cidr}, which on ${survey.host} is ${clash.by}`,
                remedy:
                    free === undefined ? "give a network that nothing there uses: ip route" : `give another: "${free}"`,
            },
        ];
    });
}
