// Hosts that are a swarm of Docker: when one dies, Docker starts its containers on the others, and HAProxy finds them there, with no
// `pulumi up`. `pulumi config set engine plain` moves the web server to the hosts' plain engines, `swarm` back.
//
//   pulumi config set hosts '[{ "name": "h1", "address": "10.0.0.11", "ssh": { "user": "ops" } }, ...]'
//   pulumi config set image registry.example.org/team/web:1.4
import * as pulumi from "@pulumi/pulumi";
import * as fusion from "pulumi-fusion";

const config = new pulumi.Config();
// FusionVms as well.
const hosts = config.requireObject<fusion.ExistingHost[]>("hosts");

// Of three hosts all are managers: the swarm goes on while two of them do.
const farm = new fusion.FusionSwarm("farm", { hosts });

const web = new fusion.FusionContainerSet("web", {
    hosts: config.get("engine") === "plain" ? hosts : farm,
    image: config.require("image"),
    replicas: 2,
    ports: [{ container: 80 }],
    resources: { cpus: 0.25, memoryMiB: 64 },
    healthCheck: { http: { path: "/" } },
    // What Apache ends on when it has answered what it was asked.
    stopSignal: "SIGWINCH",
    // On a swarm this is a matter of where replicas may come to run: here each on a host of its own.
    survives: { vms: 1 },
});

const lb = new fusion.FusionBalancer("lb", {
    listen: 80,
    backends: [web],
    directory: config.get("balancerDirectory"),
});

export const url = lb.url;
export const managers = farm.managers;
