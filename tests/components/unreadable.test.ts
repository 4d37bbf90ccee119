import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import * as fusion from "../../lib";
import { runProgram } from "../support/mocks";

// What TypeScript misses behind a spread or a cast, and a plain JavaScript program gives at any time.
const uri = "qemu:///system";
const image = { source: "/etc/hosts", sha256: "a".repeat(64) };
const ssh = { authorizedKeys: ["ssh-ed25519 A"] };
const good = (hypervisor: unknown): Record<string, unknown> => ({ hypervisor, image, ssh });
const vm = (name: string, args: unknown) => new fusion.FusionVm(name, args as fusion.FusionVmArgs);
const rack = (name: string, args: unknown) => new fusion.FusionHypervisor(name, args as fusion.FusionHypervisorArgs);

/** The lines of the one error that a program ends with; a constructor that throws fails the test. */
async function told(program: () => unknown): Promise<string[]> {
    const { errors, registered } = await runProgram(() => {
        program();
        return {};
    });
    assert.equal(errors.length, 1, errors.join("\n---\n"));
    assert.ok(
        registered.every(({ type }) => /^fusion:index:Fusion/.test(type)),
        "nothing is created",
    );
    const [title, ...lines] = (errors[0] ?? "").split("\n");
    assert.match(title ?? "", /wrong arguments?, nothing was created:$/);
    return lines;
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
                /^vm1\.domain\.cpu: must be an object, got "host"/,
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
            [/^vm1\.files\[0\]\.content: must be a text, got 5/],
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
        it(what, async () => {
            const found = await told(program);
            assert.equal(found.length, lines.length, found.join("\n"));
            for (const [index, line] of lines.entries()) {
                assert.match(found[index] ?? "", line);
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
