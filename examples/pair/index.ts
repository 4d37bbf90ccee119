// Two balancers with one address: keepalived gives it to one of them, and to the other when that one's HAProxy, or the whole machine,
// is gone. A change is made on the standby first, and on the first only where the standby could take over.
//
//   pulumi config set address 10.0.0.10/24
//   pulumi config set balancers '[{ "address": "10.0.0.2", "user": "ops" }, { "address": "10.0.0.3", "user": "ops" }]'
//   pulumi config set hosts '[{ "name": "h1", "address": "10.0.0.11", "ssh": { "user": "ops" } }]'
//   pulumi config set image registry.example.org/team/web:1.4
//
// `ip address show to 10.0.0.10` on the two says which of them has it.
import * as pulumi from "@pulumi/pulumi";
import * as fusion from "pulumi-fusion";

const config = new pulumi.Config();
const [first, second] = config.requireObject<[fusion.SshTarget, fusion.SshTarget]>("balancers");

const web = new fusion.FusionContainerSet("web", {
    hosts: config.requireObject<fusion.ExistingHost[]>("hosts"),
    image: config.require("image"),
    replicas: 2,
    ports: [{ container: 80 }],
    healthCheck: { http: { path: "/" } },
});

const lb = new fusion.FusionBalancer("lb", {
    listen: 80,
    backends: [web],
    host: { ssh: first },
    standby: { host: { ssh: second }, address: config.require("address") },
    haproxy: { install: true },
});

export const url = lb.url;
