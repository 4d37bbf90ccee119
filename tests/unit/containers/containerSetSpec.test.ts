import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { containerSetSpec } from "../../../lib/containers/containerSetSpec";
import type { FusionContainerSetArgs } from "../../../lib/containers/FusionContainerSet";
import { owned } from "../../../lib/containers/passedThrough";
import { Faults } from "../../../lib/faults";
import { projectDir } from "../../../tools/paths";
import { assertFault, faultsOf, type WrongCase } from "../../support/faults";

const host = { name: "vm1", address: "10.77.0.11", capacity: {}, labels: {} };
const spec = (args: object, faults: Faults, name = "web", hosts = [host]) => {
    const given: FusionContainerSetArgs = { hosts: [], image: "httpd:2.4", ports: [{ container: 80 }], ...args };
    return containerSetSpec(name, given, hosts, faults);
};

describe("arguments of a container set", () => {
    it("become a service of the placement", () => {
        const faults = new Faults();
        const args = {
            replicas: 4,
            ports: [{ container: 80 }, { container: 443, host: 8443 }],
            resources: { cpus: 0.25, memoryMiB: 128 },
            placement: { objective: "binpack", spreadOver: "zone", require: { zone: ["a"] } },
        };
        assert.deepEqual(spec(args, faults), {
            name: "web",
            hosts: [host],
            ports: [
                { container: 80, host: undefined, protocol: "tcp" },
                { container: 443, host: 8443, protocol: "tcp" },
            ],
            healthCheck: undefined,
            update: { order: "stop-first", forcedBy: "web.ports[1].host", parallelism: 1, bounded: false },
            stays: false,
            canaries: 0,
            replicaNames: ["web-0", "web-1", "web-2", "web-3"],
            objective: "binpack",
            move: {},
            service: {
                name: "web",
                replicas: 4,
                demand: { cpu: 250, memory: 128 },
                ports: [8443],
                spreadOver: "zone",
                require: { zone: ["a"], host: ["vm1"] },
            },
            survives: {},
        });
        assert.equal(faults.size, 0);
    });

    it("have the documented defaults", () => {
        const { objective, service } = spec({}, new Faults());
        assert.deepEqual([objective, service.replicas, service.demand], ["spread", 1, {}]);
    });

    const http = (more: object) => ({ healthCheck: { http: { port: 80, ...more } } });
    const checked = (more: object) => ({ healthCheck: { tcp: {}, ...more } });
    const volume = (more: object) => ({ volumes: [{ name: "data", path: "/data", ...more }] });
    const wrong: WrongCase<object>[] = [
        ["fewer than no replicas", { replicas: -1 }, "web.replicas", /from 0 to 10000, got -1; give/],
        ["half a replica", { replicas: 1.5 }, "web.replicas", /whole number.*got 1.5/],
        [
            "an objective",
            { placement: { objective: "cheap" } },
            "web.placement.objective",
            /not known: "cheap"; use one of "spread"/,
        ],
        [
            "port 0",
            { ports: [{ container: 80 }, { container: 0 }] },
            "web.ports[1].container",
            /got 0; give a TCP port/,
        ],
        ["a port above 65535", { ports: [{ container: 80, host: 70000 }] }, "web.ports[0].host", /got 70000; give/],
        ["too many processors", { resources: { cpus: 2000 } }, "web.resources.cpus", /0.001 to 1024, got 2000; give/],
        ["no processor", { resources: { cpus: 0 } }, "web.resources.cpus", /got 0; give processors/],
        ["processors that are no number", { resources: { cpus: Number.NaN } }, "web.resources.cpus", /give processors/],
        ["half a MiB", { resources: { memoryMiB: 0.5 } }, "web.resources.memoryMiB", /got 0.5; give MiB/],
        [
            "two kinds of check",
            { healthCheck: { http: {}, tcp: {} } },
            "web.healthCheck",
            /one of http, tcp and command, got/,
        ],
        ["no kind of check", { healthCheck: {} }, "web.healthCheck", /one of http, tcp and command, got \{\}/],
        [
            "a check of another port",
            http({ port: 81 }),
            "web.healthCheck.http.port",
            /not published: 81; add \{ container: 81 \} to ports, or probe one of \[80\]/,
        ],
        [
            "a check without ports",
            { ports: [], healthCheck: { tcp: {} } },
            "web.healthCheck",
            /no port to probe; add one/,
        ],
        [
            "a relative path",
            http({ path: "health" }),
            "web.healthCheck.http.path",
            /not the path of a URL: "health"; give/,
        ],
        ["a path of two words", http({ path: "/a b" }), "web.healthCheck.http.path", /"\/a b"; give/],
        [
            "no time",
            { healthCheck: { tcp: {}, timeoutSeconds: 0 } },
            "web.healthCheck.timeoutSeconds",
            /got 0; give seconds/,
        ],
        [
            "a limit below what is planned",
            { resources: { memoryMiB: 128, limits: { memoryMiB: 64 } } },
            "web.resources.limits.memoryMiB",
            /less than resources\.memoryMiB: 64 and 128; a limit must hold/,
        ],
        ["no processor as a limit", { resources: { limits: { cpus: 0 } } }, "web.resources.limits.cpus", /got 0; give/],
        ["a check without a program", { healthCheck: { command: [] } }, "web.healthCheck.command", /list of words/],
        [
            "a start before now",
            checked({ startPeriodSeconds: -1 }),
            "web.healthCheck.startPeriodSeconds",
            /got -1; give/,
        ],
        ["another protocol", { ports: [{ container: 80, protocol: "sctp" }] }, "web.ports[0].protocol", /"tcp", "udp"/],
        ["a relative file", { files: { "etc/key": "1" } }, "web.files", /no plain absolute path: "etc\/key"; give/],
        ["a file above", { files: { "/etc/../key": "1" } }, "web.files", /no plain absolute path/],
        [
            "rights of a file",
            { files: { "/etc/key": { content: "1", mode: "rw" } } },
            'web.files["/etc/key"].mode',
            /no octal mode: "rw"; give/,
        ],
        ["volumes that are no list", { volumes: {} }, "web.volumes", /must be a list, got \{\}; give/],
        ["a volume's name", volume({ name: "a/b" }), "web.volumes[0].name", /no name of a volume: "a\/b"; use/],
        ["a volume's path", volume({ path: "data" }), "web.volumes[0].path", /no plain absolute path: "data"/],
        ["a volume's directory", volume({ hostPath: "/a:b" }), "web.volumes[0].hostPath", /absolute path: "\/a:b"/],
        [
            "two volumes at one path",
            { volumes: [volume({}).volumes[0], { name: "more", path: "/data" }] },
            "web.volumes[1].path",
            /another volume's already: "\/data"/,
        ],
        ["no end of time", { stopSeconds: -1 }, "web.stopSeconds", /got -1; give seconds/],
        ["a signal", { stopSignal: "quit" }, "web.stopSignal", /no signal: "quit"; give one such as "SIGQUIT"/],
        ["an order", { update: { order: "both" } }, "web.update.order", /use one of "start-first", "stop-first"/],
        ["nobody at once", { update: { parallelism: 0 } }, "web.update.parallelism", /got 0; give a number/],
        [
            "start-first on a fixed port",
            { ports: [{ container: 80, host: 80 }], update: { order: "start-first" } },
            "web.update.order",
            /web\.ports\[0\]\.host lets one container of a replica run at a time; leave it out/,
        ],
        [
            "start-first with one writer",
            { ...volume({}), update: { order: "start-first" } },
            "web.update.order",
            /web\.volumes\[0\] lets one container/,
        ],
        [
            "a surge of none",
            { update: { order: "stop-first", maxSurge: 1 } },
            "web.update.maxSurge",
            /no meaning, since web\.update\.order makes it stop-first: 1; leave it out/,
        ],
        [
            "what an argument says",
            { container: { memory: 5 } },
            "web.container.memory",
            /use resources\.limits\.memoryMiB/,
        ],
        ["a network of the host's", { container: { networkMode: "host" } }, "web.container.networkMode", /the bridge/],
        [
            "a label of the library's",
            { container: { labels: [{ label: "fusion.set", value: "x" }] } },
            "web.container.labels[0].label",
            /begins with "fusion\."/,
        ],
        [
            "a mount that holds data",
            {
                container: {
                    mounts: [
                        { target: "/tmp", type: "tmpfs" },
                        { target: "/data", type: "volume" },
                    ],
                },
            },
            "web.container.mounts[1]",
            /holds data, which volumes must know of; use volumes, or type "tmpfs"/,
        ],
        [
            "files where nothing may be written",
            { files: { "/etc/key": "1" }, container: { readOnly: true } },
            "web.container.readOnly",
            /keeps Docker from writing files; leave it out, or/,
        ],
        [
            "a file that is hidden",
            { files: { "/run/key": "1" }, container: { tmpfs: { "/run": "" } } },
            'web.files["/run/key"]',
            /is hidden by container\.tmpfs at "\/run"; give another path/,
        ],
        [
            "a file on a volume",
            { files: { "/data/key": "1" }, ...volume({}) },
            'web.files["/data/key"]',
            /is on the volume at "\/data", where it would stay, .*; give another path/,
        ],
        ["a canary of all", { replicas: 2, canary: { replicas: 2 } }, "web.canary.replicas", /got 2; give fewer than/],
        ["a canary alone", { canary: {} }, "web.canary", /needs others beside it: the set has 1; give replicas 2/],
        [
            "a canary without requests",
            { replicas: 2, canary: { weight: 0 } },
            "web.canary.weight",
            /must be a number from 1 to 99, got 0; give per cent/,
        ],
        ["a variable's name", { env: { "A-B": "1" } }, "web.env", /no name for a variable: "A-B"; use/],
        ["the library's host", { env: { FUSION_HOST: "h9" } }, "web.env.FUSION_HOST", /itself sets; give the variable/],
        ["the library's replica", { env: { FUSION_REPLICA: "0" } }, "web.env.FUSION_REPLICA", /itself sets; give/],
        ["the library's job", { env: { FUSION_JOB: "x" } }, "web.env.FUSION_JOB", /itself sets; give/],
        [
            "a platform of the containers alone",
            { platform: "linux/amd64", container: { platform: "linux/arm64" } },
            "web.container.platform",
            /itself sets; use platform$/,
        ],
    ];
    for (const [title, args, path, says] of wrong) {
        it(`${title} is refused at ${path}`, () => assertFault(path, says, (faults) => spec(args, faults)));
    }

    it("are all that says what the library's promises rest on: nothing passed through does", () => {
        const names = [
            ...["attach", "command", "cpuPeriod", "cpuQuota", "cpus", "destroyGraceSeconds", "envs", "image", "logs"],
            ...["maxRetryCount", "memory", "memorySwap", "mustRun", "name", "networkMode", "networksAdvanced"],
            ...["platform", "ports", "publishAllPorts", "restart", "rm", "start"],
            ...["stopSignal", "stopTimeout", "uploads", "volumes", "wait", "waitTimeout"],
        ];
        assert.deepEqual(Object.keys(owned).sort(), names);
        for (const [key, argument] of Object.entries(owned)) {
            const container = { [key]: true };
            const told = faultsOf((faults) => spec({ container }, faults));
            assert.deepEqual(told, [`web.container.${key}: is what the library itself sets; use ${argument}`]);
        }
    });

    it("are named in docs/rollouts.md, what is not passed through with what to use instead", () => {
        const text = readFileSync(join(projectDir, "docs", "rollouts.md"), "utf8");
        for (const [key, instead] of Object.entries(owned))
            assert.ok(text.includes(`| \`${key}\` | ${instead} |`), key);
    });

    it("say how replicas are replaced", () => {
        const update = (args: object) => spec({ replicas: 4, ...args }, new Faults()).update;
        const startFirst = { order: "start-first", parallelism: 4, bounded: false };
        assert.deepEqual(update({}), startFirst);
        assert.deepEqual(update({ update: { parallelism: 2 } }), { ...startFirst, parallelism: 2 });
        assert.deepEqual(update({ update: { maxSurge: 1 } }), { ...startFirst, parallelism: 1, bounded: true });
        assert.deepEqual(update({ update: { maxSurge: 9 } }), startFirst);
        assert.deepEqual(update({ update: { maxSurge: 3, parallelism: 2 } }), {
            ...{ ...startFirst, parallelism: 2 },
            bounded: true,
        });
        assert.deepEqual(update({ update: { order: "stop-first", parallelism: 2 } }), {
            ...{ order: "stop-first", parallelism: 2, bounded: false },
        });
        const one = { order: "stop-first", parallelism: 1, bounded: false };
        assert.deepEqual(update(volume({})), { ...one, forcedBy: "web.volumes[0]" });
        assert.deepEqual(update(volume({ shared: true })), startFirst);
        assert.deepEqual(update(volume({ readOnly: true })), startFirst);
    });

    it("let a replica stay where its own data is", () => {
        assert.equal(spec(volume({}), new Faults()).stays, true);
        assert.equal(spec(volume({ shared: true }), new Faults()).stays, false);
    });

    it("need a host", () =>
        assertFault("web.hosts", /is empty; give at least one/, (faults) => spec({}, faults, "web", [])));
    it("need a name that Docker takes", () =>
        assertFault("a b", /would not take: "a b"; use/, (faults) => spec({}, faults, "a b")));
});
