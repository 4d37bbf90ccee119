// Two services behind one address, told apart by the host's name: api.example.org is the one, everything else the other. Each is a
// container set of its own, with its own way to spread requests and its own patience.
//
//   pulumi config set web registry.example.org/team/web:1.4
//   pulumi config set api registry.example.org/team/api:2.0
//   pulumi config set hosts '[{ "name": "h1", "address": "10.0.0.11", "ssh": { "user": "ops" } }]'
import * as pulumi from "@pulumi/pulumi";
import * as fusion from "pulumi-fusion";

const config = new pulumi.Config();
const hosts = config.requireObject<fusion.ExistingHost[]>("hosts");

const service = (name: string, image: string) =>
    new fusion.FusionContainerSet(name, {
        hosts,
        image,
        replicas: 2,
        ports: [{ container: 80 }],
        healthCheck: { http: { path: "/" } },
    });
const web = service("web", config.require("web"));
const api = service("api", config.require("api"));

const lb = new fusion.FusionBalancer("lb", {
    listen: 80,
    backends: [
        web,
        { set: api, match: { hosts: ["api.example.org"] }, algorithm: "leastconn", timeouts: { serverSeconds: 300 } },
    ],
    directory: config.get("balancerDirectory"),
});

export const url = lb.url;
