// HAProxy in a container of its own, in front of two replicas, on a machine that has Docker and needs no package of HAProxy. Another image
// of HAProxy is an update as any other: its container takes over from the one before without losing a request.
//
//   pulumi config set hosts '[{ "name": "h1", "address": "10.0.0.21", "ssh": { "user": "root" } }, ...]'
//   pulumi config set haproxy haproxy:3.0
import * as pulumi from "@pulumi/pulumi";
import * as fusion from "pulumi-fusion";

const config = new pulumi.Config();
const hosts = config.requireObject<fusion.ExistingHost[]>("hosts");
const [front] = hosts;
if (front === undefined) {
    throw new Error("hosts names no machine; give at least one");
}

const web = new fusion.FusionContainerSet("web", {
    hosts,
    image: config.get("image") ?? "httpd:2.4",
    replicas: 2,
    ports: [{ container: 80 }],
    healthCheck: { http: {} },
});

const lb = new fusion.FusionBalancer("lb", {
    listen: 80,
    backends: [web],
    host: { ssh: { address: front.address, ...front.ssh } },
    haproxy: { image: config.get("haproxy") ?? "haproxy:3.0", install: true },
    // What docs/grafana-dashboard.json shows.
    metrics: { listen: { address: front.address, port: 8405 } },
});

export const url = lb.url;
