// A new image on one of four replicas first, with a tenth of the requests. The next `pulumi up` brings it to all; setting the old
// image again, or `pulumi config set rollback true`, ends it.
//
//   pulumi config set image registry.example.org/team/web:1.4
//   pulumi config set hosts '[{ "name": "h1", "address": "10.0.0.11", "ssh": { "user": "ops" } }]'
import * as pulumi from "@pulumi/pulumi";
import * as fusion from "pulumi-fusion";

const config = new pulumi.Config();

const web = new fusion.FusionContainerSet("web", {
    hosts: config.requireObject<fusion.ExistingHost[]>("hosts"),
    image: config.require("image"),
    replicas: 4,
    ports: [{ container: 80 }],
    healthCheck: { http: { path: "/" } },
    canary: { replicas: 1, weight: 10 },
    rollback: config.getBoolean("rollback") ?? false,
});

const lb = new fusion.FusionBalancer("lb", {
    listen: config.getNumber("port") ?? 80,
    backends: [web],
    directory: config.get("balancerDirectory") ?? "/var/lib/fusion/lb",
});

export const url = lb.url;
export const endpoints = web.endpoints;
