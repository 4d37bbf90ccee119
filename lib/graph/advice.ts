import { counted } from "./tidy";

/**
 * What to change so that a service survives the loss of any `losses` domains of a kind. True for what it computes with: replicas
 * spread evenly over all domains that there are, each of them able to take replicas.
 *
 * @param service its name, how many replicas it has and needs
 * @param kind the label, and how many such domains there are
 */
export function adviceFor(
    { name, replicas, needs }: { readonly name: string; readonly replicas: number; readonly needs: number },
    { label, domains }: { readonly label: string; readonly domains: number },
    losses: number,
): string {
    if (domains <= losses) {
        const there = domains === 1 ? `is only one ${label}` : `are only ${counted(domains, label)}`;
        return `there ${there}: add hosts in ${losses + 1 - domains === 1 ? `another ${label}` : counted(losses + 1 - domains, `more ${label}`)}, then spread ${name} over them`;
    }
    const wanted = Math.max(replicas, fewestReplicas(needs, domains, losses));
    const over = wanted <= domains ? `antiAffinity over ${label}` : `spreadOver ${label}`;
    if (wanted > replicas) return `give ${name} ${counted(wanted, "replica")} and ${over}`;
    return `spread the ${counted(replicas, "replica")} of ${name} with ${over}`;
}

/**
 * The fewest replicas of which `needs` are left when an even spread over all domains loses the fullest of them. Each full round
 * over the domains leaves one replica in each that is not lost; in the last, unfinished one the lost domains come first.
 */
export function fewestReplicas(needs: number, domains: number, losses: number): number {
    const left = domains - losses;
    const missing = needs % left;
    return Math.floor(needs / left) * domains + (missing === 0 ? 0 : losses + missing);
}
