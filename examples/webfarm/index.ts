// Two virtual machines with the same OS, Docker in each, a web server in a container on each, HAProxy in front.
import * as pulumi from "@pulumi/pulumi";
import * as fusion from "pulumi-fusion";

// `npm start` sets these for the hypervisor it finds or starts. By hand: pulumi config set KEY VALUE.
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
const vms = ["vm1", "vm2"].map(
    (name, i) =>
        new fusion.FusionVm(name, {
            hypervisor: rack,
            image: { source: config.require("imageSource"), sha256: config.require("imageSha256") },
            vcpus: 1,
            memoryMiB: 2048,
            diskGiB: 10,
            address: `${subnet}.${11 + i}`,
            labels: { zone: `z${i}` },
            ssh: { privateKeyFile },
            docker: registry === undefined ? undefined : { daemon: { "insecure-registries": [registry] } },
        }),
);

const web = new fusion.FusionContainerSet("web", {
    hosts: vms,
    image: config.get("image") ?? "httpd:2.4",
    replicas: 2,
    ports: [{ container: 80 }],
    resources: { cpus: 0.25, memoryMiB: 128 },
    healthCheck: { http: { path: "/", port: 80 } },
    env: { GREETING: config.get("greeting") ?? "It works" },
    // The page names who served it.
    command: [
        "sh",
        "-c",
        'printf "<h1>%s</h1>\\n<p>Served by container %s on %s.</p>\\n" "$GREETING" "$HOSTNAME" "$FUSION_HOST" ' +
            "> /usr/local/apache2/htdocs/index.html && exec httpd-foreground",
    ],
});

const lb = new fusion.FusionBalancer("lb", {
    listen: config.getNumber("listen") ?? 80,
    backends: [web],
    algorithm: "roundrobin",
    host: rack,
    directory: config.get("balancerDirectory"),
});

export const url = lb.url;
