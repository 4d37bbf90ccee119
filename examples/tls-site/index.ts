// A site with TLS: what comes to port 80 is sent to 443, browsers are told to stay there, and a renewed certificate is in effect after
// one `pulumi up`, without a request that fails. HAProxy runs on the machine that runs `pulumi`, or on `balancer`.
//
//   pulumi config set certificate < www.example.org.pem
//   pulumi config set --secret key < www.example.org.key
//   pulumi config set image registry.example.org/team/web:1.4
//   pulumi config set hosts '[{ "name": "h1", "address": "10.0.0.11", "ssh": { "user": "ops" } }]'
//   pulumi config set balancer '{ "address": "10.0.0.2", "user": "ops" }'
import * as pulumi from "@pulumi/pulumi";
import * as fusion from "pulumi-fusion";

const config = new pulumi.Config();
const balancer = config.getObject<fusion.SshTarget>("balancer");

const web = new fusion.FusionContainerSet("web", {
    hosts: config.requireObject<fusion.ExistingHost[]>("hosts"),
    image: config.require("image"),
    replicas: 2,
    ports: [{ container: 80 }],
    healthCheck: { http: { path: "/" } },
});

const lb = new fusion.FusionBalancer("lb", {
    listen: [{ port: 80 }, { port: 443, tls: true }],
    tls: {
        certificates: [{ certificate: config.require("certificate"), key: config.requireSecret("key") }],
        hstsSeconds: 31_536_000,
    },
    backends: [web],
    clients: { rate: { requests: 200, seconds: 10 } },
    ...(balancer && { host: { ssh: balancer }, haproxy: { install: true } }),
    directory: config.get("balancerDirectory"),
});

export const url = lb.url;
