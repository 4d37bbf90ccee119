// A database with a volume of its own. It has one writer, so a new version starts when the old one has stopped, and it stays on the
// host where its data is. On a FusionVm, give the volume a `hostPath` on a data disk: that outlives the machine.
//
//   pulumi config set --secret password
//   pulumi config set hosts '[{ "name": "h1", "address": "10.0.0.11", "ssh": { "user": "ops" } }]'
import * as pulumi from "@pulumi/pulumi";
import * as fusion from "pulumi-fusion";

const config = new pulumi.Config();

const db = new fusion.FusionContainerSet("db", {
    hosts: config.requireObject<fusion.ExistingHost[]>("hosts"),
    image: config.get("image") ?? "postgres:17",
    ports: [{ container: 5432 }],
    env: { POSTGRES_PASSWORD_FILE: "/run/secrets/password" },
    files: { "/run/secrets/password": config.requireSecret("password") },
    // Pulumi deletes it only after `protect: false` has been deployed.
    volumes: [{ name: "data", path: "/var/lib/postgresql/data", protect: config.getBoolean("protect") ?? true }],
    resources: { cpus: 0.5, memoryMiB: 256, limits: { memoryMiB: 512 } },
    healthCheck: {
        command: config.getObject<string[]>("check") ?? ["pg_isready", "--username", "postgres"],
        startPeriodSeconds: 60,
    },
    // A database writes down what it holds before it ends.
    stopSeconds: 120,
    stopSignal: "SIGINT",
});

export const placement = db.placement;
export const endpoints = db.endpoints;
