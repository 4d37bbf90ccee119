import { type ShopArgs, secret } from "./shop";

/** An image that no registry is asked for, since it has a digest and its registry is not there. */
export const otherImage = `127.0.0.1:1/web@sha256:${"9c2e".repeat(16)}`;

/** What stands in every place where a secret can be. */
export const SECRET = "top-secret-value";

type Kind = (args: ShopArgs) => ShopArgs;

const web =
    (more: object): Kind =>
    (args) => ({ ...args, web: { ...args.web, ...more } });
const vm =
    (name: string, more: object): Kind =>
    (args) => ({ ...args, vms: { ...args.vms, [name]: { ...args.vms[name], ...more } } });
const without =
    (name: string): Kind =>
    (args) => ({ ...args, vms: Object.fromEntries(Object.entries(args.vms).filter(([key]) => key !== name)) });
const env =
    (more: object): Kind =>
    (args) =>
        web({ env: { ...Object(args.web?.env), ...more } })(args);
const balancer =
    (more: object): Kind =>
    (args) =>
        args.balancer ? { ...args, balancer: { ...args.balancer, ...more } } : args;

const both =
    (...kinds: Kind[]): Kind =>
    (args) =>
        kinds.reduce((made, kind) => kind(made), args);

/** The changes to a shop that runs, by the names of their recordings. */
export const kinds: Readonly<Record<string, Kind>> = {
    nothing: (args) => args,
    image: web({ image: otherImage }),
    env: env({ GREETING: "good morning", LEVEL: "debug" }),
    "secret-env": env({ PASSWORD: secret("second password") }),
    "scale-up": web({ replicas: 6 }),
    "scale-down": web({ replicas: 1 }),
    "stop-first": web({ image: otherImage, update: { order: "stop-first" } }),
    canary: web({ image: otherImage, canary: { replicas: 1, weight: 10 } }),
    rollback: web({ rollback: true }),
    "vm-added": vm("vm4", {}),
    "vm-removed": without("vm2"),
    "vm-restarted": vm("vm1", { memoryMiB: 2048, maxMemoryMiB: 2048 }),
    "vm-replaced": vm("vm2", {
        files: [{ path: "/etc/motd", content: "shop, second edition" }],
        timezone: "Europe/Berlin",
    }),
    "vm-in-place": vm("vm1", { memoryMiB: 1536 }),
    "vm-lost": vm("vm2", { lost: true }),
    "data-disk-removed": vm("vm3", { dataDisks: [] }),
    "volume-deleted": (args) => ({ ...args, db: { ...args.db, volumes: [] } }),
    "listener-added": balancer({ listen: [{ port: 80 }, { port: 8080 }] }),
    "backend-removed": (args) => balancer({ backends: args.balancer?.backends.slice(0, 1) })(args),
    "database-image": (args) => ({ ...args, db: { ...args.db, image: otherImage } }),
    secrets: both(
        web({
            env: { PLAIN: SECRET, MARKED: secret(SECRET) },
            files: { "/etc/plain.conf": SECRET, "/etc/marked.conf": secret(SECRET) },
            command: ["sh", "-c", secret(`echo ${SECRET}`)],
            registryAuth: { username: "shop", password: secret(SECRET) },
            container: { labels: [{ label: "token", value: secret(SECRET) }], logOpts: { tag: secret(SECRET) } },
        }),
        vm("vm2", {
            files: [{ path: "/etc/shop", content: secret(SECRET) }],
            commands: [`curl -H "Authorization: Bearer ${SECRET}" https://shop:${SECRET}@example.org`],
            cloudInit: { chpasswd: { list: `root:${SECRET}` } },
        }),
        balancer({
            metrics: { listen: { address: "127.0.0.1", port: 9000 }, user: "shop", password: secret(SECRET) },
            lines: { frontend: [`http-request set-header Authorization "Basic ${SECRET}"`] },
        }),
    ),
    "everything-removed": () => ({ vms: {} }),
    "several-at-once": both(
        web({ image: otherImage, replicas: 5 }),
        vm("vm2", { timezone: "Europe/Berlin" }),
        vm("vm4", {}),
        env({ TOKEN: secret("second token") }),
    ),
};
