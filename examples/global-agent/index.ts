// An agent on every machine that has no other. Machines come and go without another's agent being renamed or restarted.
import * as pulumi from "@pulumi/pulumi";
import * as fusion from "pulumi-fusion";

const config = new pulumi.Config();

const rack = new fusion.FusionHypervisor("rack", {
    uri: config.get("libvirtUri") ?? "qemu:///system",
    domainType: config.get<"kvm" | "qemu">("domainType") ?? "kvm",
    network: { cidr: config.get("cidr") ?? "10.77.0.0/24" },
    pool: { path: config.get("poolPath") },
});

const vms = Array.from(
    { length: config.getNumber("machines") ?? 2 },
    (_, i) =>
        new fusion.FusionVm(`vm${i + 1}`, {
            hypervisor: rack,
            image: { source: config.require("imageSource"), sha256: config.require("imageSha256") },
            memoryMiB: 2048,
            diskGiB: 10,
            labels: { agent: "ours" },
            ssh: { privateKeyFile: config.get("sshKey") },
        }),
);

// A machine that exists already. It has an agent of its own.
const old: fusion.ExistingHost = {
    name: "old",
    address: config.get("oldAddress") ?? "10.77.0.250",
    capacity: { cpus: 4, memoryMiB: 8192 },
    labels: { agent: "own" },
};
const hosts = [...vms, old];

const agent = new fusion.FusionContainerSet("agent", {
    hosts,
    replicas: "every-host",
    placement: { require: { agent: ["ours"] } },
    image: config.get("agentImage") ?? "prom/node-exporter:v1.8.2",
    ports: [{ container: 9100 }],
    resources: { cpus: 0.05, memoryMiB: 32 },
    healthCheck: { http: { path: "/metrics", port: 9100 } },
});

// Another set takes what the agents leave, and keeps to other machines than its own replicas as long as there are some.
const web = new fusion.FusionContainerSet("web", {
    hosts,
    replicas: 3,
    image: config.get("image") ?? "httpd:2.4",
    ports: [{ container: 80 }],
    resources: { cpus: 0.25, memoryMiB: 128 },
    healthCheck: { http: { path: "/", port: 80 } },
    placement: { pin: { "web-0": "old" } },
});

export const agents = agent.placement;
export const webs = web.placement;
export const why = web.explain();
