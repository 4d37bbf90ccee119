import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { HaproxyBackend, HaproxyFrontend, HaproxySpec } from "../../lib/balancer/haproxySpec";
import { newerHaproxy } from "../../tools/lab/newer-haproxy";
import { run } from "../../tools/run";

/** The least that `renderHaproxyConfig` takes, as in the contract. */
export const least = {
    frontends: [{ name: "http", bind: ["*:80"], defaultBackend: "web" }],
    backends: [
        {
            name: "web",
            algorithm: "roundrobin",
            healthCheck: { http: { path: "/" } },
            servers: [{ name: "web-0", address: "10.77.0.11", port: 20001, weight: 100 }],
        },
    ],
} as const satisfies HaproxySpec;

/**
 * Has the real HAProxy check texts, the machine's and a newer one, a warning counting as an error.
 *
 * @returns what the first that does not take it says of each, undefined where both take it
 */
export async function haproxyCheck(texts: readonly string[]): Promise<(string | undefined)[]> {
    const programs = ["haproxy", join(await newerHaproxy(), "haproxy")];
    const dir = mkdtempSync(join(tmpdir(), "fusion-haproxy-"));
    try {
        const answers: (string | undefined)[] = [];
        for (const [index, text] of texts.entries()) {
            const file = join(dir, `${index}.cfg`);
            writeFileSync(file, text);
            const check = (program: string) => run(program, ["-dW", "-c", "-f", file], { allowFailure: true });
            const refused = (await Promise.all(programs.map(check))).find(({ code }) => code !== 0);
            answers.push(refused?.stderr);
        }
        return answers;
    } finally {
        rmSync(dir, { recursive: true, force: true });
    }
}

/** The same frontends and backends in few specifications: as many together as have different names. */
export function merged(specs: readonly HaproxySpec[]): HaproxySpec[] {
    const groups: { names: Set<string>; spec: { frontends: HaproxyFrontend[]; backends: HaproxyBackend[] } }[] = [];
    for (const { frontends, backends } of specs) {
        const names = [...frontends, ...backends].map(({ name }) => name);
        let group = groups.find((one) => names.every((name) => !one.names.has(name)));
        if (group === undefined) {
            group = { names: new Set(), spec: { frontends: [], backends: [] } };
            groups.push(group);
        }
        group.spec.frontends.push(...frontends);
        group.spec.backends.push(...backends);
        for (const name of names) {
            group.names.add(name);
        }
    }
    return groups.map(({ spec }) => spec);
}

/** What HAProxy says, with the lines that it says it of. */
export function explained(answer: string, text: string): string {
    const lines = text.split("\n");
    return answer.replaceAll(/\.cfg:(\d+)\]/g, (found, line) => `${found} <${lines[Number(line) - 1]?.trim()}>`);
}
