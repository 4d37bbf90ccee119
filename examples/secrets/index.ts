// Secrets of a web server: a password as a file, which `docker inspect` does not show, and a token in the environment, which it
// does on the host. In Pulumi's state, its previews and its logs both are encrypted or masked.
//
//   pulumi config set --secret password
//   pulumi config set --secret token
//   pulumi config set image registry.example.org/team/web:1.4
//   pulumi config set hosts '[{ "name": "h1", "address": "10.0.0.11", "ssh": { "user": "ops" } }]'
import * as pulumi from "@pulumi/pulumi";
import * as fusion from "pulumi-fusion";

const config = new pulumi.Config();

const web = new fusion.FusionContainerSet("web", {
    hosts: config.requireObject<fusion.ExistingHost[]>("hosts"),
    image: config.require("image"),
    ports: [{ container: 80 }],
    healthCheck: { http: { path: "/" } },
    env: { PASSWORD_FILE: "/run/secrets/password", TOKEN: config.requireSecret("token") },
    files: { "/run/secrets/password": { content: config.requireSecret("password"), mode: "0400" } },
});

export const endpoints = web.endpoints;
