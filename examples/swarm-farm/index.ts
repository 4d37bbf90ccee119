// Three virtual machines that are a swarm of Docker: when one dies, Docker starts its containers on the others, and HAProxy finds
// them there, with no `pulumi up`. `pulumi config set engine plain` moves the web server to the machines' plain engines, `swarm` back.
import * as pulumi from "@pulumi/pulumi";
import * as fusion from "pulumi-fusion";

const config = new pulumi.Config();
const privateKeyFile = config.get("sshKey");
const registry = config.get("registry");

const rack = new fusion.FusionHypervisor("rack", {
    uri: config.get("libvirtUri") ?? "qemu:///system",
    domainType: config.get<"kvm" | "qemu">("domainType") ?? "kvm",
    network: { cidr: config.get("cidr") ?? "10.77.0.0/24" },
    pool: { path: config.get("poolPath") },
});

const subnet = (config.get("cidr") ?? "10.77.0.0/24").replace(/\.\d+\/\d+$/, "");
const vms = ["vm1", "vm2", "vm3"].map(
    (name, i) =>
        new fusion.FusionVm(name, {
            hypervisor: rack,
            image: { source: config.require("imageSource"), sha256: config.require("imageSha256") },
            memoryMiB: 1024,
            diskGiB: 3,
            address: `${subnet}.${11 + i}`,
            ssh: { privateKeyFile },
            docker: registry === undefined ? undefined : { daemon: { "insecure-registries": [registry] } },
        }),
);

// All three are managers: the swarm goes on while two of them do.
const farm = new fusion.FusionSwarm("farm", { hosts: vms, networks: { inner: { encrypted: true } } });

const image = config.get("image") ?? "httpd:2.4";
// The page names who served it.
const page = (heading: string) => [
    "sh",
    "-c",
    `printf "<h1>${heading}</h1>\\n<p>Served by container %s on %s.</p>\\n" "$HOSTNAME" "$FUSION_HOST" ` +
        "> /usr/local/apache2/htdocs/index.html && exec httpd-foreground",
];
const healthCheck = { http: { path: "/", port: 80 } };
// What httpd ends on when it has answered what it was asked.
const stopSignal = "SIGWINCH";

const plain = config.get("engine") === "plain";
// Its ports are those of the machines that it runs on; HAProxy finds out which those are.
const web = new fusion.FusionContainerSet("web", {
    hosts: plain ? vms : farm,
    image,
    replicas: 2,
    ports: [{ container: 80 }],
    healthCheck,
    stopSignal,
    env: { GREETING: config.get("greeting") ?? "It works" },
    command: page("$GREETING"),
    // Seconds between two looks at each container.
    swarm: plain ? undefined : { healthIntervalSeconds: config.getNumber("healthInterval") },
    // Wherever the two come to run, the loss of a machine leaves one.
    survives: { vms: 1 },
});

// Its port is open on every machine, which passes requests on to one that it runs on: more replicas than machines have room so.
const api = new fusion.FusionContainerSet("api", {
    hosts: farm,
    image,
    replicas: config.getNumber("apiReplicas") ?? 4,
    ports: [{ container: 80 }],
    healthCheck,
    stopSignal,
    command: page("API"),
    swarm: { publish: "mesh", networks: ["inner"], healthIntervalSeconds: config.getNumber("healthInterval") },
});

const lb = new fusion.FusionBalancer("lb", {
    listen: config.getNumber("listen") ?? 80,
    backends: [web, { set: api, match: { hosts: ["api.example.org"] } }],
    host: rack,
    directory: config.get("balancerDirectory"),
});

export const url = lb.url;
export const managers = farm.managers;
