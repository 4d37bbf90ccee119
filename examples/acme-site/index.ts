// A site whose certificates Let's Encrypt gives, and renews: nothing has to be run for that. Its names have to lead to the balancer's
// machine, at port 80 too, before the first `pulumi up`.
//
//   pulumi config set domains '["www.example.org", "example.org"]'
//   pulumi config set email ops@example.org
//   pulumi config set image registry.example.org/team/web:1.4
//   pulumi config set hosts '[{ "name": "h1", "address": "10.0.0.11", "ssh": { "user": "ops" } }]'
//   pulumi config set balancer '{ "address": "10.0.0.2", "user": "ops" }'
//
// Try it with certificates that no browser trusts, which are not counted against Let's Encrypt's limits:
//
//   pulumi config set server https://acme-staging-v02.api.letsencrypt.org/directory
//
// An authority of your own is named the same way; `authority` is the certificate that it answers with, or that one's authority.
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
        acme: {
            domains: config.requireObject<string[]>("domains"),
            email: config.require("email"),
            acceptTerms: true,
            server: config.get("server"),
            authority: config.get("authority"),
        },
        hstsSeconds: 31_536_000,
    },
    backends: [web],
    ...(balancer && { host: { ssh: balancer }, haproxy: { install: true } }),
    directory: config.get("balancerDirectory"),
});

export const url = lb.url;
