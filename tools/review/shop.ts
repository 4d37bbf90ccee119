/** The program whose previews are recorded: a shop of two sets on three machines, and HAProxy in front. */
export const shopProgram = `
import { readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import * as fusion from "pulumi-fusion";

const config = new pulumi.Config();
const { vms: machines, web, db, balancer } = JSON.parse(readFileSync("args.json", "utf8"));
// What stands for a secret in the arguments becomes one.
const revive = (value: any): any =>
    value?.secret !== undefined
        ? pulumi.secret(value.secret)
        : Array.isArray(value)
          ? value.map(revive)
          : value !== null && typeof value === "object"
            ? Object.fromEntries(Object.entries(value).map(([key, one]) => [key, revive(one)]))
            : value;
const rack = new fusion.FusionHypervisor("rack", {
    uri: config.require("libvirtUri"), domainType: config.require("domainType") as "kvm",
    pool: { path: config.require("poolPath") },
});
const vms = Object.entries<any>(machines).map(([name, more], i) => new fusion.FusionVm(name, {
    hypervisor: rack,
    image: { source: config.require("imageSource"), sha256: config.require("imageSha256") },
    diskGiB: 3, memoryMiB: 1024, address: "10.77.0.1" + name.slice(2), labels: { zone: "z" + name.slice(2) },
    ssh: { privateKeyFile: config.require("sshKey") },
    docker: { daemon: { "insecure-registries": [config.require("registry")] } },
    ...revive(more),
}));
const sets = Object.entries<any>({ web, db }).filter(([, args]) => args).map(([name, { on, ...args }]) =>
    new fusion.FusionContainerSet(name, {
        hosts: vms.filter((vm) => on === undefined || on.includes(vm.spec.name)),
        ports: [{ container: 80 }], ...revive(args),
    }));
if (balancer) {
    const { backends, ...args } = revive(balancer);
    const lb = new fusion.FusionBalancer("lb", {
        backends: backends.map((one: any) =>
            one.set === undefined ? one : { ...one, set: sets.find((set) => set.spec.name === one.set) }),
        host: rack, directory: config.require("balancerDirectory"), ...args,
    });
}
`;

/** Its arguments, which the kinds of change vary. */
export interface ShopArgs {
    vms: Record<string, object>;
    web?: Record<string, unknown>;
    db?: Record<string, unknown>;
    balancer?: Record<string, unknown> & { backends: readonly object[] };
}

/** A text in the arguments that the program makes a secret. */
export const secret = (text: string) => ({ secret: text });

/** What is deployed; the images are those of the last two deployments. */
export function shopArgs(image: string, database: string): ShopArgs {
    return {
        vms: {
            vm1: { maxMemoryMiB: 1536, files: [{ path: "/etc/motd", content: "shop" }] },
            vm2: { files: [{ path: "/etc/motd", content: "shop" }] },
            vm3: { dataDisks: [{ name: "dumps", sizeGiB: 1, protect: false }] },
        },
        web: {
            image,
            replicas: 4,
            resources: { cpus: 0.25, memoryMiB: 64 },
            healthCheck: { http: {} },
            env: { GREETING: "hello", PASSWORD: secret("first password"), TOKEN: secret("first token") },
        },
        db: {
            image: database,
            on: ["vm3"],
            replicas: 1,
            resources: { cpus: 0.25, memoryMiB: 128 },
            healthCheck: { tcp: {} },
            volumes: [{ name: "data", path: "/data", protect: false }],
        },
        balancer: {
            listen: 80,
            backends: [
                { set: "web" },
                {
                    name: "old-shop",
                    servers: [{ name: "old", address: "10.77.0.200", port: 80 }],
                    match: { paths: ["/old"] },
                },
            ],
        },
    };
}
