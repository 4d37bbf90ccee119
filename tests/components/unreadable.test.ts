import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import * as fusion from "../../lib";
import { backendShape, balancerShape, listenerShape } from "../../lib/balancer/balancerShape";
import { setShape } from "../../lib/containers/setShape";
import { show } from "../../lib/faults";
import { jobShape } from "../../lib/jobs/jobShape";
import type { Shape } from "../../lib/shape";
import { vmShape } from "../../lib/vm/vmShape";
import { runProgram } from "../support/mocks";

// What TypeScript misses behind a spread or a cast, and a plain JavaScript program gives at any time.
const uri = "qemu:///system";
const image = { source: "/etc/hosts", sha256: "a".repeat(64) };
const ssh = { authorizedKeys: ["ssh-ed25519 A"] };
const good = (hypervisor: unknown): Record<string, unknown> => ({ hypervisor, image, ssh });
const vm = (name: string, args: unknown) => new fusion.FusionVm(name, args as fusion.FusionVmArgs);
const rack = (name: string, args: unknown) => new fusion.FusionHypervisor(name, args as fusion.FusionHypervisorArgs);

const set = (name: string, args: unknown) => new fusion.FusionContainerSet(name, args as fusion.FusionContainerSetArgs);
const job = (name: string, args: unknown) => new fusion.FusionJob(name, args as fusion.FusionJobArgs);
const lb = (name: string, args: unknown) => new fusion.FusionBalancer(name, args as fusion.FusionBalancerArgs);
const h1 = { name: "h1", address: "192.0.2.1" };
const web = { hosts: [h1], image: `127.0.0.1:1/a@sha256:${"1".repeat(64)}` };

/** The paths of a shape's arguments and of the objects that they are in. */
function pathsOf(shape: Shape): string[][] {
    if (typeof shape === "string") return [];
    const inner: [string, Shape][] = Array.isArray(shape) ? [["[]", shape[0]]] : Object.entries(shape);
    return inner.flatMap(([key, one]) => [
        [key],
        ...(key === "jump" || key === "domain" ? [] : pathsOf(one).map((path) => [key, ...path])),
    ]);
}

/** The lines of the one error that a program ends with; a constructor that throws fails the test. */
async function told(program: () => unknown): Promise<string[]> {
    const { errors, registered } = await runProgram(() => {
        program();
        return {};
    });
    assert.equal(errors.length, 1, errors.join("\n---\n"));
    assert.ok(
        registered.every(({ type }) => type.startsWith("fusion:index:")),
        "nothing is created",
    );
    const [title, ...lines] = (errors[0] ?? "").split("\n");
    assert.match(title ?? "", /wrong arguments?, nothing was created:$/);
    return lines;
}

/** Asserts that a program ends with these lines, and no others. */
async function tells(program: () => unknown, lines: readonly RegExp[]): Promise<void> {
    const found = await told(program);
    assert.equal(found.length, lines.length, found.join("\n"));
    for (const [index, line] of lines.entries()) {
        assert.match(found[index] ?? "", line);
    }
}

const onRack = (more: Record<string, unknown>) => () => vm("vm1", { ...good(rack("rack", { uri })), ...more });
const cyclic: Record<string, unknown> = {};
cyclic.me = cyclic;

describe("arguments that cannot be read are wrong arguments, and no exceptions", () => {
    for (const [what, program, lines] of [
        [
            "a machine without arguments",
            () => vm("vm1", undefined),
            [/^vm1: must be an object, got undefined; give one/],
        ],
        [
            "a machine with none of them",
            () => vm("vm1", { ssh }),
            [
                /^vm1\.hypervisor: must be a FusionHypervisor, got undefined; give/,
                /^vm1\.image\.sha256/,
                /^vm1\.image\.source/,
            ],
        ],
        [
            "what is no hypervisor, all else told too",
            () => vm("vm1", { ...good({ uri }), vcpus: 0, address: "10.77.0.11", address6: "fd00::1" }),
            [/^vm1\.hypervisor: must be a FusionHypervisor, got \{"uri":"qemu:\/\/\/system"\}; give/, /^vm1\.vcpus/],
        ],
        [
            "a hypervisor without arguments",
            () => rack("hv", undefined),
            [/^hv: must be an object, got undefined; give one/],
        ],
        [
            "a network in a text",
            () => rack("hv", { uri, network: "10.91.0.0/24" }),
            [/^hv\.network: must be an object, got "10/],
        ],
        [
            "an image in a text",
            onRack({ image: "debian", vcpus: 0 }),
            [/^vm1\.image: must be an object, got "debian"/, /^vm1\.vcpus/],
        ],
        ["an image of nothing", onRack({ image: {} }), [/^vm1\.image\.sha256/, /^vm1\.image\.source/]],
        ["a disk that is null", onRack({ dataDisks: [null] }), [/^vm1\.dataDisks\[0\]: must be an object, got null/]],
        ["a disk without a name", onRack({ dataDisks: [{ sizeGiB: 1 }] }), [/^vm1\.dataDisks\[0\]\.name: is no label/]],
        [
            "packages in a text",
            onRack({ packages: "curl" }),
            [/^vm1\.packages: must be a list, got "curl"; give \["curl"\]/],
        ],
        ["users in a text", onRack({ users: "ops" }), [/^vm1\.users: must be a list/]],
        ["files in an object", onRack({ files: {} }), [/^vm1\.files: must be a list/]],
        ["commands in a text", onRack({ commands: "reboot" }), [/^vm1\.commands: must be a list, got "reboot"/]],
        ["cloud-config that has itself in it", onRack({ cloudInit: cyclic }), [/^vm1\.cloudInit: has itself in it/]],
        [
            "a domain of unknown words",
            onRack({ domain: { cpu: "host", nonsense: 1 } }),
            [
                /^vm1\.domain\.cpu: must be an object, got a text/,
                /^vm1\.domain\.nonsense: is no argument that is known/,
            ],
        ],
        [
            "an address that is an Output",
            onRack({ address: pulumi.output("10.77.0.11") }),
            [/^vm1\.address: is an Output; give a plain text/],
        ],
        [
            "switches that are none",
            onRack({ autostart: "yes", lost: 1, docker: "yes", labels: { "": "x" } }),
            [
                /^vm1\.autostart: must be true or/,
                /^vm1\.docker: must be/,
                /^vm1\.labels: has a label without a name, \{"":"x"\}; give/,
                /^vm1\.lost/,
            ],
        ],
        [
            "a content that is no text",
            onRack({ files: [{ path: "/etc/x", content: 5 }] }),
            [/^vm1\.files\[0\]\.content: must be a text, got a number/],
        ],
        [
            "two machines of one name",
            () => {
                const on = rack("rack", { uri });
                vm("vm1", good(on));
                vm("vm1", good(on));
            },
            [/^vm1: is the name of two components FusionVm; give each/],
        ],
        [
            "two hypervisors of one name",
            () => {
                rack("rack", { uri });
                rack("rack", { uri, network: { cidr: "10.78.0.0/24" } });
            },
            [/^rack: is the name of two components FusionHypervisor; give each/],
        ],
        [
            "a name that is none, told once",
            () => rack("Woelfe 1", { uri }),
            [/^Woelfe 1: is a name that libvirt, Docker or HAProxy would not take/],
        ],
        [
            "a wrong network, of which nothing follows",
            () => {
                const on = rack("hv", { uri, network: { cidr: "10.91.0.5/24", cidr6: "fd00:77::5/64" } });
                rack("hv2", { uri });
                vm("vm1", {
                    ...good(on),
                    address: "10.91.0.11",
                    address6: "fd00:77::12",
                    interfaces: [{ network: "x", address: "192.168.7.2/24" }],
                });
            },
            [
                /^hv\.network\.cidr: is not an IPv4 network of \/8 to \/29: "10\.91\.0\.5\/24"; did you mean "10\.91\.0\.0\/24"\?$/,
                /^hv\.network\.cidr6: .*; did you mean "fd00:77::\/64"\?$/,
            ],
        ],
        [
            "a range from its end",
            () =>
                vm(
                    "vm1",
                    good(
                        rack("hv", {
                            uri,
                            network: {
                                mode: "existing",
                                name: "default",
                                cidr: "192.168.122.0/24",
                                gateway: "192.168.122.1",
                                range: { from: "192.168.122.9", to: "192.168.122.2" },
                            },
                        }),
                    ),
                ),
            [/^hv\.network\.range: ends before it begins/],
        ],
        [
            "two hypervisors of one directory",
            () => {
                rack("hv", { uri, pool: { path: "/srv/vms" } });
                rack("hv2", { uri, pool: { path: "/srv/vms" }, network: { cidr: "10.78.0.0/24" } });
            },
            [
                /^hv2\.pool\.path: "\/srv\/vms" is the directory of hv's pool on the same machine; give another, such as "\/srv\/vms-hv2"$/,
            ],
        ],
        [
            "two hypervisors of one network, with one that is free",
            () => {
                rack("hv", { uri });
                rack("hv2", { uri });
            },
            [
                /^hv2\.network\.cidr: 10\.77\.0\.0\/24 overlaps 10\.77\.0\.0\/24 of hv on the same machine; give one of them another, such as "10\.78\.0\.0\/24"$/,
            ],
        ],
    ] as const) {
        it(what, () => tells(program, lines));
    }

    for (const [what, program, lines] of [
        ["a set without arguments", () => set("web", undefined), [/^web: must be an object, got undefined; give one/]],
        [
            "a set with none of them",
            () => set("web", {}),
            [/^web\.hosts: is empty; give/, /^web\.image: is no image: undefined/],
        ],
        [
            "a set's misspelt ones",
            () =>
                set("web", {
                    ...web,
                    replcas: 4,
                    healthCheck: { http: { pth: "/" } },
                    container: { capabilites: {}, hostname: 5 },
                    ports: [{ continer: 80 }],
                    resources: { cpu: 1 },
                }),
            [
                /^web\.container\.capabilites: is no argument that is known; did you mean capabilities\?/,
                /^web\.container\.hostname: must be a text, got a number/,
                /^web\.healthCheck\.http\.pth: is no argument that is known; did you mean path\?/,
                /^web\.ports\[0\]\.container: must be a whole number/,
                /^web\.ports\[0\]\.continer: is no argument that is known; did you mean container\?/,
                /^web\.replcas: is no argument that is known; did you mean replicas\?/,
                /^web\.resources\.cpu: is no argument that is known; did you mean cpus\?/,
            ],
        ],
        [
            "a set's of another kind",
            () => set("web", { ...web, ports: 80, env: "A=1", volumes: "data", command: "httpd", rollback: "yes" }),
            [
                /^web\.command: must be a list, got a text; put it into one/,
                /^web\.env: must be an object, got "A=1"/,
                /^web\.ports: must be a list, got 80; give \[80\]/,
                /^web\.rollback: must be true or false, got "yes"/,
                /^web\.volumes: must be a list, got "data"/,
            ],
        ],
        [
            "a set's hosts in an Output",
            () => set("web", { ...web, hosts: pulumi.output([h1]), replicas: pulumi.output(2) }),
            [/^web\.hosts: is an Output; give a plain list/, /^web\.replicas: /],
        ],
        [
            "two sets of one name",
            () => [set("web", web), set("web", web)],
            [/^web: is the name of two components Fusion/],
        ],
        [
            "a job without arguments",
            () => job("once", undefined),
            [/^once: must be an object, got undefined; give one/],
        ],
        [
            "a job's misspelt ones",
            () => job("once", { ...web, timeout: 5, command: "true" }),
            [
                /^once\.command: must be a list, got a text/,
                /^once\.timeout: is no argument that is known; did you mean timeoutSeconds\?/,
            ],
        ],
        [
            "a balancer without arguments",
            () => lb("lb", undefined),
            [/^lb: must be an object, got undefined; give one/],
        ],
        [
            "a balancer with none of them",
            () => lb("lb", {}),
            [/^lb\.backends: is empty; give at least one/, /^lb\.listen: names no port; give a TCP port/],
        ],
        [
            "what is no set, and no machine",
            () => lb("lb", { listen: 80, backends: [{ set: h1 }, 5], host: "10.0.0.1", algoritm: "source" }),
            [
                /^lb\.algoritm: is no argument that is known; did you mean algorithm\?/,
                /^lb\.backends\[0\]\.set: must be a FusionContainerSet, got \{/,
                /^lb\.backends\[1\]: must be an object, got 5; give one such as \{ set, /,
                /^lb\.host: must be an object, got "10\.0\.0\.1"; give one such as \{ ssh \}/,
            ],
        ],
        [
            "a backend and a listener of unknown words",
            () => lb("lb", { listen: [{ prt: 80 }, 80], backends: [{ ...h1, servers: [{ adress: "10.0.0.1" }] }] }),
            [
                /^lb\.backends\[0\]\.address: is no argument that is known; see the README/,
                /^lb\.backends\[0\]\.servers\[0\]\.address: is neither an IP address/,
                /^lb\.backends\[0\]\.servers\[0\]\.adress: is no argument that is known; did you mean address\?/,
                /^lb\.backends\[0\]\.servers\[0\]\.name: is a name that HAProxy would not take: undefined/,
                /^lb\.backends\[0\]\.servers\[0\]\.port: must be a whole number/,
                /^lb\.listen\[0\]\.port: must be a whole number/,
                /^lb\.listen\[0\]\.prt: is no argument that is known; did you mean port\?/,
                /^lb\.listen\[1\]: must be an object, got 80; give one such as \{ address, port, tls \}/,
            ],
        ],
        [
            "a balancer's machine without an address",
            () => lb("lb", { listen: { prot: 80 }, backends: [set("web", web)], host: { ssh: { user: "root" } } }),
            [
                /^lb\.backends\[0\]: web publishes no port/,
                /^lb\.host\.ssh\.address: is neither an IP address nor a host name: undefined; give/,
                /^lb\.listen\.port: must be a whole number/,
                /^lb\.listen\.prot: is no argument that is known; did you mean port\?/,
            ],
        ],
        [
            "machines to place that are none",
            () => {
                fusion.placeVms("vms", { hypervisors: [{}], vms: { a: 1, b: { vcpu: 1 } } } as never);
            },
            [
                /^vms\.hypervisors\[0\]: must be a FusionHypervisor, got \{\}; give/,
                /^vms\.vms\.a: must be an object, got 1; give one such as \{ vcpus, memoryMiB, require \}/,
                /^vms\.vms\.b\.memoryMiB: must be a whole number/,
                /^vms\.vms\.b\.vcpu: is no argument that is known; did you mean vcpus\?/,
                /^vms\.vms\.b\.vcpus: must be a whole number/,
            ],
        ],
    ] as const) {
        it(what, () => tells(program, lines));
    }

    const junk = [null, 5, "x", [], [null], {}, { x: null }, cyclic, pulumi.output("x")];
    for (const [name, shape, make] of [
        ["set", setShape, (args: object) => set("web", { ...web, ...args })],
        ["job", jobShape, (args: object) => job("once", { ...web, ...args })],
        ["balancer", balancerShape, (args: object) => lb("lb", { listen: 80, backends: [set("web", web)], ...args })],
        [
            "backend",
            backendShape,
            (args: object) => lb("lb", { listen: 80, backends: [{ set: set("web", web), ...args }] }),
        ],
        [
            "listener",
            listenerShape,
            (args: object) => lb("lb", { listen: { port: 80, ...args }, backends: [set("web", web)] }),
        ],
        ["machine", vmShape, (args: object) => onRack({ ...args })()],
    ] as const) {
        it(`whatever is in an argument of a ${name}`, async () => {
            for (const path of pathsOf(shape)) {
                for (const value of junk) {
                    const args = path.reduceRight<unknown>(
                        (inner, key) => (key === "[]" ? [inner] : { [key]: inner }),
                        value,
                    );
                    const { errors } = await runProgram(() => {
                        make(args as object);
                        return {};
                    });
                    for (const error of errors) {
                        assert.match(
                            error,
                            // What a key is like that comes from Pulumi's secrets is known later.
                            /wrong arguments?, nothing was created:\n|ssh\.privateKey: is no private key/,
                            `${path.join(".")}: ${show(value)}: ${error}`,
                        );
                    }
                }
            }
        });
    }

    it("hosts that are none", async () => {
        const hosts = [null, {}] as unknown as fusion.ExistingHost[];
        const image = `127.0.0.1:1/a@sha256:${"1".repeat(64)}`;
        const found = await told(() => new fusion.FusionContainerSet("web", { hosts, image }));
        assert.match(
            found.join("\n"),
            /^web\.hosts\[0\]: must be an object, got null; give one such as \{ name, address, ssh \}$/m,
        );
        assert.match(found.join("\n"), /^web\.hosts\[1\]\.address: is not an IPv4 address: undefined/m);
    });
});
