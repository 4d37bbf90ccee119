// One address for a database that is no container: connections are passed on as they are, to the primary, and to the standby only while
// the primary does not answer. HAProxy does not promote the standby: what watches the database does.
//
//   pulumi config set primary 10.0.0.21
//   pulumi config set standby 10.0.0.22
import * as pulumi from "@pulumi/pulumi";
import * as fusion from "pulumi-fusion";

const config = new pulumi.Config();
const port = config.getNumber("port") ?? 5432;

const db = new fusion.FusionBalancer("db", {
    mode: "tcp",
    listen: { address: config.get("address") ?? "127.0.0.1", port },
    backends: [
        {
            name: "postgres",
            servers: [
                { name: "primary", address: config.require("primary"), port },
                { name: "standby", address: config.require("standby"), port, backup: true },
            ],
            maxConnections: 100,
            // An idle session of a pool is no dead one.
            timeouts: { tunnelSeconds: 28_800 },
        },
    ],
    directory: config.get("balancerDirectory"),
});

export const url = db.url;
