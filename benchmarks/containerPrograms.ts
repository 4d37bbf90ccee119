/** The program of a user of the library: 1,000 containers of 10 sets on 50 hosts that exist already. */
export const fusionProgram = `
import { readFileSync } from "node:fs";
import * as fusion from "pulumi-fusion";

const { hosts, sets, replicas, image } = JSON.parse(readFileSync("size.json", "utf8"));
const machines = Array.from({ length: hosts }, (_, h): fusion.ExistingHost => ({
    name: \`h\${h}\`, address: \`10.79.0.\${h + 1}\`, labels: { zone: \`z\${h % 5}\` },
    ssh: { user: "root", privateKeyFile: "~/.ssh/id_ed25519", hostKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBenchmark" },
}));
for (let s = 0; s < sets; s++) {
    new fusion.FusionContainerSet(\`s\${s}\`, {
        hosts: machines, image, pull: "never", replicas, ports: [{ container: 80 }], healthCheck: { http: {} },
        env: { LOG_LEVEL: "info", PORT: "80" }, resources: { limits: { memoryMiB: 128 } },
    });
}
`;

/** The same resources with the same arguments, as they would be written without the library; it is given them as plain values. */
export const rawProgram = `
import { readFileSync } from "node:fs";
import * as command from "@pulumi/command";
import * as docker from "@pulumi/docker";

const { hosts, images, containers, gates } = JSON.parse(readFileSync("resources.json", "utf8"));
const providers = new Map<string, docker.Provider>();
for (const { name, args } of hosts) {
    providers.set(name, new docker.Provider(name, args));
}
const there = new Map<string, command.local.Command>();
for (const { name, args } of images) {
    there.set(name, new command.local.Command(name, args, { customTimeouts: { create: "60m", update: "60m" } }));
}
const made = new Map<string, docker.Container[]>();
for (const { name, set, host, args } of containers) {
    const image = there.get(\`\${set}-\${host}\`)!;
    const container = new docker.Container(name, args, { provider: providers.get(host), dependsOn: [image] });
    made.set(set, [...(made.get(set) ?? []), container]);
}
for (const { name, set, args } of gates) {
    const all = made.get(set)!;
    const customTimeouts = { create: "420s", update: "420s" };
    new command.local.Command(name, args, { dependsOn: all, replaceWith: all, customTimeouts });
}
`;
