// A change of a database's tables before the program that needs it: the job runs to its end when the image is another, and the web
// servers are replaced when it has. When it fails, its last lines are shown, and the old ones serve on. At night a second job
// tidies up, which its host starts by itself.
//
//   pulumi config set image registry.example.org/team/shop:1.4
//   pulumi config set --secret databaseUrl postgres://shop:...@10.0.0.5/shop
//   pulumi config set hosts '[{ "name": "h1", "address": "10.0.0.11", "ssh": { "user": "ops" } }]'
import * as pulumi from "@pulumi/pulumi";
import * as fusion from "pulumi-fusion";

const config = new pulumi.Config();
const hosts = config.requireObject<fusion.ExistingHost[]>("hosts");
const image = config.require("image");
// As a file, "docker inspect" does not show it.
const files = { "/run/secrets/database-url": config.requireSecret("databaseUrl") };

const migrate = new fusion.FusionJob("migrate", {
    hosts,
    image,
    command: ["shop", "migrate", "--database-url-file", "/run/secrets/database-url"],
    files,
    timeoutSeconds: 1800,
});

const shop = new fusion.FusionContainerSet(
    "shop",
    {
        hosts,
        image,
        files,
        replicas: config.getNumber("replicas") ?? 2,
        ports: [{ container: 80 }],
        healthCheck: { http: {} },
    },
    { dependsOn: [migrate] },
);

const tidy = new fusion.FusionJob("tidy", {
    hosts,
    image,
    command: ["shop", "tidy", "--database-url-file", "/run/secrets/database-url"],
    files,
    schedule: config.get("schedule") ?? "*-*-* 03:00:00",
});

export const endpoints = shop.endpoints;
export const migratedOn = migrate.host;
export const tidiesOn = tidy.host;
