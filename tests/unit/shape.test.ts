import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { backendShape, balancerShape, listenerShape } from "../../lib/balancer/balancerShape";
import { sshShape } from "../../lib/checkSshTarget";
import { hostShape } from "../../lib/containers/hosts";
import { containerShape, setShape } from "../../lib/containers/setShape";
import { Faults } from "../../lib/faults";
import { hypervisorShape } from "../../lib/hypervisor/hypervisorShape";
import { jobShape } from "../../lib/jobs/jobShape";
import { type Shape, shaped } from "../../lib/shape";
import { overlayShape, swarmShape } from "../../lib/swarm/swarmShape";
import { domainShape, vmShape } from "../../lib/vm/vmShape";
import { declared } from "../support/declared";

/** What stands for itself where another shape refers to it. */
const leaves: readonly (Shape | undefined)[] = [sshShape, domainShape, containerShape];

/** The paths of a shape and what is at each: as `declared` names them, `ports[].container`. */
function flat(shape: Shape, path = ""): [string, string][] {
    if (typeof shape === "string") return [[path, shape]];
    if (path !== "" && leaves.includes(shape)) return [[path, "other"]];
    if (Array.isArray(shape)) {
        const [inner] = shape;
        return typeof inner === "string" ? [[path, `list of ${inner}`]] : flat(inner, `${path}[]`);
    }
    return Object.entries(shape).flatMap(([name, inner]) => flat(inner, path === "" ? name : `${path}.${name}`));
}

/** The shape of a type as it is written. */
function shapeOf(type: string): string {
    const list = /^(?:readonly )?\(?(.*?)\)?\[\]$/.exec(type)?.[1];
    if (list !== undefined) return list.includes("|") ? "list of any" : `list of ${shapeOf(list)}`;
    if (type === "number" || type === "boolean") return type;
    if (/^(pulumi\.)?Input<string>$/.test(type)) return "input";
    if (/^Record<string, /.test(type)) return "record";
    if (/^(string|"[^"]*"( \| "[^"]*")*)$/.test(type)) return "text";
    return /^(SshTarget|Partial<libvirt\.DomainArgs>)$/.test(type) ? "other" : "any";
}

/** The arguments of a provider's resource with their kinds. */
const provided = (file: string, name: string): string[][] =>
    declared(file, name).map(({ name: path, type }) => {
        const kind = /\[\] \| undefined>$/.test(type)
            ? "inputList"
            : /inputs\.|\[key: string\]/.test(type)
              ? "inputObject"
              : /<(number|boolean) /.test(type)
                ? "any"
                : "input";
        return [path, kind];
    });

const byPath = ([a]: readonly string[], [b]: readonly string[]): number => ((a ?? "") < (b ?? "") ? -1 : 1);

describe("the shape of arguments", () => {
    const compare = (shape: Shape, file: string, name: string, more: string[] = []) => {
        const known = declared(file, name, more).map(({ name: path, type }) => [path, shapeOf(type)]);
        assert.ok(known.length > 5);
        assert.deepEqual(flat(shape).sort(byPath), known.sort(byPath));
    };

    it("is that of the interface: FusionVmArgs", () => {
        const more = ["machineArgs", "guestSpec", "dockerSpec", "proxySpec"].map((file) => `lib/vm/${file}.ts`);
        compare(vmShape, "lib/vm/FusionVm.ts", "FusionVmArgs", more);
    });

    it("is that of the interface: FusionHypervisorArgs, SshTarget", () => {
        compare(hypervisorShape, "lib/hypervisor/FusionHypervisor.ts", "FusionHypervisorArgs");
        compare(sshShape, "lib/ssh.ts", "SshTarget");
    });

    it("is that of the interface: ExistingHost", () => {
        const known = declared("lib/dockerHost.ts", "ExistingHost", ["lib/vm/dockerSpec.ts"]).map(({ name }) => name);
        const top = (paths: string[]) => [...new Set(paths.map((path) => path.split(".")[0]))].sort();
        assert.deepEqual(top(flat(hostShape).map(([path]) => path)), top(known));
        const docker = (paths: string[]) => paths.filter((path) => path.startsWith("docker.")).sort();
        assert.deepEqual(docker(flat(hostShape).map(([path]) => path)), docker(known));
    });

    const paths = (shape: Shape) =>
        flat(shape)
            .map(([path]) => path)
            .sort();
    /** Without what is in arguments that are read elsewhere, those of `any`. */
    const declaredPaths = (shape: Shape, file: string, name: string, more: string[] = []) => {
        const known = declared(file, name, more).map(({ name: path }) => path);
        const elsewhere = flat(shape).filter(([, kind]) => kind === "any" || kind === "record" || kind === "other");
        const above = (path: string) => elsewhere.find(([whole]) => path.startsWith(`${whole}.`))?.[0];
        return [...new Set(known.map((path) => above(path) ?? path))].sort();
    };

    it("is that of the interface: FusionContainerSetArgs", () => {
        const more = [
            "containers/healthSpec",
            "containers/volumeSpec",
            "containers/updateSpec",
            "containers/canarySpec",
            "swarm/serviceArgs",
        ];
        const files = [...more, "images/imageArgs"].map((file) => `lib/${file}.ts`);
        const known = declaredPaths(setShape, "lib/containers/FusionContainerSet.ts", "FusionContainerSetArgs", files);
        assert.deepEqual(paths(setShape), known);
    });

    it("is that of the interface: FusionBalancerArgs, BackendArgs, Listener", () => {
        const files = ["lib/balancer/balancerArgs.ts", "lib/balancer/haproxySpec.ts"];
        for (const [shape, file, name] of [
            [balancerShape, "lib/balancer/FusionBalancer.ts", "FusionBalancerArgs"],
            [backendShape, "lib/balancer/balancerArgs.ts", "BackendArgs"],
            [listenerShape, "lib/balancer/balancerArgs.ts", "Listener"],
        ] as const) {
            assert.deepEqual(paths(shape), declaredPaths(shape, file, name, files));
        }
    });

    it("is that of the interface: FusionJobArgs, which takes a part of a set's", () => {
        const own = declared("lib/jobs/FusionJob.ts", "FusionJobArgs", ["lib/images/imageArgs.ts"]).map(({ name }) =>
            name.replace(/\..*$/, ""),
        );
        const shared = ["command", "files", "resources"];
        assert.deepEqual(Object.keys(jobShape).sort(), [...new Set([...own, ...shared])].sort());
    });

    it("is that of the interface: FusionSwarmArgs, OverlayArgs", () => {
        assert.deepEqual(paths(swarmShape), declaredPaths(swarmShape, "lib/swarm/FusionSwarm.ts", "FusionSwarmArgs"));
        assert.deepEqual(paths(overlayShape), declaredPaths(overlayShape, "lib/swarm/FusionSwarm.ts", "OverlayArgs"));
    });

    it("is that of the provider: ContainerArgs", () => {
        const known = provided("node_modules/@pulumi/docker/container.d.ts", "ContainerArgs");
        assert.deepEqual(flat(containerShape).sort(byPath), known);
    });

    it("is that of the provider: DomainArgs", () => {
        const known = provided("sdks/libvirt/domain.ts", "DomainArgs");
        assert.deepEqual(flat(domainShape).sort(byPath), known);
    });
});

describe("arguments that cannot be read", () => {
    const shape: Shape = {
        name: "text",
        count: "number",
        protect: "boolean",
        list: ["text"],
        disks: [{ name: "text" }],
        docker: { daemon: "record", version: "text" },
        content: "input",
        cpu: "inputObject",
    };
    const read = (value: unknown) => {
        const faults = new Faults();
        const clean = shaped("vm1", value, shape, faults);
        return { clean, told: faults.size === 0 ? [] : faults.error().message.split("\n") };
    };

    it("are none where they are right, Outputs where they may be included", () => {
        const content = pulumi.output("x");
        const good = { name: "a", list: ["b"], disks: [{ name: "c" }], docker: { daemon: { x: [1] } }, content };
        assert.deepEqual(read(good), { clean: good, told: [] });
        assert.deepEqual(read({ name: undefined, more: undefined }), { clean: {}, told: [] });
    });

    const cyclic: Record<string, unknown> = {};
    cyclic.me = [cyclic];
    for (const [given, told, clean = {}] of [
        [undefined, "vm1: must be an object, got undefined; give one such as { name, count, protect }"],
        [{ name: 5 }, "vm1.name: must be a text, got 5"],
        [{ name: pulumi.output("x") }, "vm1.name: is an Output; give a plain text, which is known at preview"],
        [{ count: pulumi.output(1) }, "vm1.count: is an Output; give a plain number, which is known at preview"],
        [{ protect: "yes" }, 'vm1.protect: must be true or false, got "yes"'],
        [{ list: "curl" }, 'vm1.list: must be a list, got "curl"; give ["curl"]'],
        [{ disks: [null] }, "vm1.disks[0]: must be an object, got null; give one such as { name }", { disks: [{}] }],
        [{ list: [1] }, "vm1.list[0]: must be a text, got 1", { list: [""] }],
        [{ docker: "yes" }, 'vm1.docker: must be an object, got "yes"; give one such as { daemon, version }'],
        [{ docker: { daemon: cyclic } }, "vm1.docker.daemon: has itself in it; give plain values", { docker: {} }],
        [{ content: 5 }, "vm1.content: must be a text, got a number"],
        [{ cpu: "host" }, "vm1.cpu: must be an object, got a text"],
        [{ nmae: "a" }, "vm1.nmae: is no argument that is known; did you mean name?"],
        [{ cpus: 1 }, "vm1.cpus: is no argument that is known; did you mean cpu?"],
        [
            { docker: { deamon: {} } },
            "vm1.docker.deamon: is no argument that is known; did you mean daemon?",
            { docker: {} },
        ],
        [
            { docker: { unlike: 1 } },
            "vm1.docker.unlike: is no argument that is known; there is daemon, version",
            { docker: {} },
        ],
        [
            { toString: "x" },
            "vm1.toString: is no argument that is known; there is name, count, protect, list, disks, docker, content, cpu",
        ],
    ] as const) {
        it(`are told, and left out: ${told}`, () => assert.deepEqual(read(given), { clean, told: [told] }));
    }

    it("are told once: nothing more of what is in them", () => {
        const faults = new Faults();
        shaped("vm1", { docker: "yes" }, shape, faults);
        faults.add("vm1.docker.version", "is wrong");
        faults.add("vm1.docker[0]", "is wrong");
        faults.add("vm1.dockers", "is wrong");
        assert.equal(faults.size, 2);
    });
});

describe("misspelt arguments", () => {
    for (const [shape, path, meant] of [
        [vmShape, "memory", "memoryMiB"],
        [vmShape, "vcpu", "vcpus"],
        [vmShape, "docker.deamon", "daemon"],
        [vmShape, "ssh.usr", "user"],
        [hypervisorShape, "network.cdir", "cidr"],
        [hypervisorShape, "netwrok", "network"],
    ] as const) {
        it(`${path} is told with ${meant}`, () => {
            const faults = new Faults();
            const value = path.split(".").reduceRight<unknown>((inner, name) => ({ [name]: inner }), "x");
            shaped("x", value, shape, faults);
            assert.equal(faults.error().message, `x.${path}: is no argument that is known; did you mean ${meant}?`);
        });
    }
});
