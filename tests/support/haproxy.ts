import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { HaproxyBackend, HaproxyFrontend, HaproxySpec } from "../../lib/balancer/haproxySpec";
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
 * Has the real HAProxy check texts, a warning counting as an error.
 *
 * @returns what it says of each, undefined where it takes it
 */
export async function haproxyCheck(texts: readonly string[]): Promise<(string | undefined)[]> {
    const dir = mkdtempSync(join(tmpdir(), "fusion-haproxy-"));
    try {
        const answers: (string | undefined)[] = [];
        for (const [index, text] of texts.entries()) {
            const file = join(dir, `${index}.cfg`);
            writeFileSync(file, text);
            const { code, stderr } = await run("haproxy", ["-dW", "-c", "-f", file], { allowFailure: true });
            answers.push(code === 0 ? undefined : stderr);
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
