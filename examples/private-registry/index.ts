// A web server from a registry that asks for a password, on machines that exist already. The password reaches their Docker for
// the moment of the pull: it stays in no file there, in no log, and in Pulumi's state it is encrypted.
//
//   pulumi config set image registry.example.org/team/web:1.4
//   pulumi config set registryUser deploy
//   pulumi config set --secret registryPassword
//   pulumi config set hosts '[{ "name": "h1", "address": "10.0.0.11", "ssh": { "user": "ops" } }]'
import * as pulumi from "@pulumi/pulumi";
import * as fusion from "pulumi-fusion";

const config = new pulumi.Config();

const web = new fusion.FusionContainerSet("web", {
    hosts: config.requireObject<fusion.ExistingHost[]>("hosts"),
    image: config.require("image"),
    registryAuth: {
        username: config.require("registryUser"),
        password: config.requireSecret("registryPassword"),
    },
    replicas: config.getNumber("replicas") ?? 2,
    ports: [{ container: 80 }],
    healthCheck: { http: { path: "/" } },
    // A way back within a fortnight needs no registry.
    keepImagesDays: config.getNumber("keepImagesDays") ?? 14,
});

export const endpoints = web.endpoints;
