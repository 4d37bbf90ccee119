// Writes the two larger problems beside it: `node tools/node.mjs examples/problems/generate.ts`. No randomness, no clock.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { PlacementHost, PlacementProblem, PlacementService } from "../../lib/placement";

const kinds = [
    { capacity: { cpu: 6000, memory: 24576, disk: 300 }, labels: { kind: "large" } },
    { capacity: { cpu: 3000, memory: 10240, disk: 150 }, labels: { kind: "small" } },
    { capacity: { cpu: 3000, memory: 20480, disk: 100 }, labels: { kind: "memory" } },
];

function hosts(zones: readonly string[], each: number): PlacementHost[] {
    return zones.flatMap((zone) =>
        Array.from({ length: each }, (_, i) => {
            const kind = kinds[i % kinds.length] ?? kinds[0];
            return {
                name: `${zone}-${String(i + 1).padStart(String(each).length, "0")}`,
                capacity: kind?.capacity,
                labels: { zone, ...kind?.labels },
            };
        }),
    );
}

const demands = [
    { cpu: 250, memory: 512, disk: 2 },
    { cpu: 500, memory: 2048, disk: 4 },
    { cpu: 1000, memory: 4096, disk: 40 },
    { cpu: 300, memory: 3072, disk: 1 },
    { cpu: 750, memory: 1024, disk: 10 },
];

/** Services that lean on the one before them, each a little smaller than that one. */
function services(names: readonly string[], largest: number): PlacementService[] {
    return names.map((name, i) => ({
        name,
        replicas: Math.max(2, Math.round(largest * 0.82 ** i)),
        demand: demands[i % demands.length] ?? {},
        spreadOver: "zone",
        ...(i % 3 === 0 && { antiAffinity: { with: [name] } }),
        ...(i % 4 === 3 && { require: { kind: ["large", "memory"] } }),
        needs: i % 5 === 2 ? 2 : 1,
        ...(i % 6 !== 0 && { dependsOn: [names[i - 1] ?? name] }),
    }));
}

function write(file: string, problem: PlacementProblem): void {
    const list = (items: readonly unknown[]): string =>
        items.map((item) => `        ${JSON.stringify(item)}`).join(",\n");
    const text = `{\n    "hosts": [\n${list(problem.hosts)}\n    ],\n    "services": [\n${list(problem.services)}\n    ],\n    "objective": "${problem.objective}"\n}\n`;
    writeFileSync(join(__dirname, file), text);
}

write("30-vms.json", {
    hosts: hosts(["a", "b", "c"], 10),
    services: services(["web", "api", "db", "cache", "search", "mail", "jobs", "metrics"], 26),
    objective: "spread",
});
write("300-vms.json", {
    hosts: hosts(["eu-a", "eu-b", "eu-c"], 100),
    services: services(
        ["web", "api", "db", "cache", "search", "mail", "jobs", "metrics", "auth", "billing", "media", "feed"],
        300,
    ),
    objective: "balance",
});
