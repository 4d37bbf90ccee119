import assert from "node:assert/strict";
import { findings } from "../../../lib/doctor/findings";
import { losses } from "../../../lib/doctor/losses";
import { isOlder } from "../../../lib/doctor/programs";
import { type Finding, nothingOwned, type Wanted } from "../../../lib/doctor/wanted";
import type { KvmAnswer } from "../../../lib/hypervisor/kvmScript";
import type { HypervisorSurvey } from "../../../lib/hypervisor/survey";
import { healthySurvey } from "../../support/survey";

const uri = "qemu:///system";
const path = "/var/lib/libvirt/images/rack";
const cidr = "10.77.0.0/24";
const vm = { name: "vm1", vcpus: 1, memoryMiB: 2048, diskGiB: 10 };
const wanted: Wanted = {
    name: "rack",
    connection: { uri, localUri: uri, ssh: undefined, session: false },
    domainType: "kvm",
    pool: { name: "rack", path },
    network: { made: true, name: "rack", bridge: "fus-1", cidrs: [cidr] },
    vms: [vm],
    balancers: ["lb"],
    owned: nothingOwned,
};
const domain = { uuid: "u", state: "running", memoryMiB: 2048, vcpus: 1, autostart: true };
const network = { uuid: "n", bridge: "virbr0", active: true, cidrs: ["192.168.122.0/24"] };
const owned = { ...nothingOwned, domains: new Set(["vm1"]), networks: new Set(["rack"]), pools: new Set(["rack"]) };
const own = new Map([["rack", { ...network, bridge: "fus-1", cidrs: [cidr] }]]);
/** The hypervisor after the first deployment. */
const deployed: Partial<HypervisorSurvey> = {
    domains: new Map([["vm1", domain]]),
    networks: own,
    pools: new Map([["rack", path]]),
    devices: ["eth0", "lo", "fus-1"],
    routes: [...healthySurvey.routes, { cidr, device: "fus-1" }],
};

const look = (survey: Partial<HypervisorSurvey> = {}, more: Partial<Wanted> = {}, kvm: KvmAnswer = { works: true }) =>
    findings({ ...healthySurvey, ...survey }, { ...wanted, ...more }, kvm);

type Case = [
    what: string,
    survey: Partial<HypervisorSurvey>,
    more: Partial<Wanted>,
    severity: Finding["severity"],
    path: string,
    told: RegExp,
    remedy: RegExp,
];

const without = (...names: string[]) => new Map([...healthySurvey.programs].filter(([name]) => !names.includes(name)));
const programs = (more: Record<string, string>) => new Map([...healthySurvey.programs, ...Object.entries(more)]);
const storage = (more: Partial<HypervisorSurvey["storage"]>) => ({ storage: { ...healthySurvey.storage, ...more } });

const cases: Case[] = [
    [
        "an old libvirt",
        { libvirt: "7.10.0" },
        {},
        "warning",
        "rack",
        /libvirt is 7\.10\.0 on rack1; 8\.0 is/,
        /apt-get/,
    ],
    ["an old QEMU", { qemu: "5.2.0" }, {}, "warning", "rack", /QEMU is 5\.2\.0/, /qemu-system-x86/],
    ["no QEMU", { qemu: undefined }, {}, "error", "rack", /no QEMU to run/, /apt-get install qemu-system-x86/],
    [
        "no /dev/kvm",
        { kvmDevice: false },
        {},
        "error",
        "rack.domainType",
        /needs \/dev\/kvm, which rack1 has not/,
        /modprobe/,
    ],
    [
        "no qemu-img",
        { programs: without("qemu-img") },
        {},
        "error",
        "rack",
        /qemu-img is missing/,
        /install qemu-utils/,
    ],
    ["no writer of ISO images", { programs: without("xorriso") }, {}, "error", "rack", /ISO images/, /install xorriso/],
    [
        "nothing to fetch with",
        { programs: without("curl") },
        {},
        "warning",
        "rack",
        /neither curl nor wget/,
        /install curl/,
    ],
    [
        "no HAProxy",
        { programs: without("haproxy") },
        {},
        "error",
        "lb.host",
        /haproxy is missing on rack1/,
        /install haproxy/,
    ],
    [
        "an old HAProxy",
        { programs: programs({ haproxy: "2.0.13" }) },
        {},
        "warning",
        "lb.host",
        /HAProxy is 2\.0\.13/,
        /upgrade haproxy/,
    ],
    [
        "an old Docker",
        { programs: programs({ docker: "19.03.5" }) },
        {},
        "warning",
        "rack",
        /Docker is 19\.03\.5/,
        /upgrade docker/,
    ],
    [
        "a pool that cannot be written",
        { user: "ann", root: false, ...storage({ writable: false, exists: true }) },
        {},
        "error",
        "rack.pool.path",
        /"\/var\/lib\/libvirt\/images\/rack" is not writable for ann on rack1 \(root:root 711\)/,
        /^sudo install --directory --mode=711 --owner=ann \/var\/lib\/libvirt\/images\/rack; or log in as root$/,
    ],
    [
        "a pool that cannot be made",
        { user: "ann", root: false, ...storage({ writable: false }) },
        {},
        "error",
        "rack.pool.path",
        /not there yet, and the directory above is not writable for ann/,
        /sudo install/,
    ],
    [
        "a directory that QEMU's user may not pass",
        storage({ closedTo: "/home/ann" }),
        {},
        "error",
        "rack.pool.path",
        /QEMU runs as libvirt-qemu on rack1, who may not pass "\/home\/ann"/,
        /^setfacl --modify user:libvirt-qemu:x \/home\/ann$/,
    ],
    [
        "AppArmor and a hidden folder",
        {},
        { pool: { name: "rack", path: "/home/ann/.local/pool" } },
        "error",
        "rack.pool.path",
        /AppArmor on rack1 keeps libvirt from images in hidden folders/,
        /another directory/,
    ],
    [
        "AppArmor that libvirt does not use",
        { securityModels: ["dac"] },
        {},
        "info",
        "rack",
        /does not confine/,
        /qemu\.conf/,
    ],
    [
        "disks that may not fit",
        storage({ freeGiB: 9.9 }),
        {},
        "warning",
        "rack.pool.path",
        /disks of vm1 may grow to 10 GiB, and .* has 9 GiB free/,
        /df -h .*diskGiB/,
    ],
    [
        "a new machine with a data disk, and one for a machine that is there, with less free space together",
        storage({ freeGiB: 49 }),
        {
            vms: [
                { ...vm, dataDisks: [{ volume: "vm1-data-data.qcow2", sizeGiB: 20 }] },
                { ...vm, name: "vm2", dataDisks: [{ volume: "vm2-logs-data.qcow2", sizeGiB: 10 }] },
            ],
        },
        "warning",
        "rack.pool.path",
        /disks of vm1 and vm2 may grow to 50 GiB, and .* has 49 GiB free/,
        /dataDisks/,
    ],
    [
        "machines of an earlier round that take the space too",
        storage({ freeGiB: 15 }),
        { vms: [vm], earlier: [{ ...vm, name: "vm0" }] },
        "warning",
        "rack.pool.path",
        /disks of vm0 and vm1 may grow to 20 GiB, and .* has 15 GiB free/,
        /df -h/,
    ],
    ["no space at all", storage({ freeGiB: 1.9 }), {}, "error", "rack.pool.path", /has 1 GiB free/, /make room/],
    [
        "memory that is not available",
        { memoryMiB: { total: 64_000, available: 2047 } },
        {},
        "warning",
        "rack",
        /vm1 asks for 2048 MiB of memory more, and rack1 has 2047 MiB available/,
        /memoryMiB/,
    ],
    [
        "more memory than there is",
        { memoryMiB: { total: 2047, available: 2000 } },
        {},
        "error",
        "vm1.memoryMiB",
        /is 2048, and rack1 has 2047 MiB in all/,
        /less than 2047/,
    ],
    [
        "more processors than there are",
        { cpus: 2 },
        { vms: [{ ...vm, vcpus: 3 }] },
        "warning",
        "vm1.vcpus",
        /is 3, and rack1 has 2/,
        /vcpus: 2/,
    ],
    [
        "more processors than there are, for several machines in one line",
        { cpus: 2 },
        { vms: ["a", "b", "c", "d", "e"].map((name) => ({ ...vm, name, vcpus: 8 })) },
        "warning",
        "rack",
        /^a, b, c and 2 more have more vcpus, and rack1 has 2 processors: each will be slower than with 2$/,
        /^give at most vcpus: 2$/,
    ],
    [
        "a pool's directory that is a file",
        storage({ blockedBy: "/etc/passwd", writable: false }),
        {},
        "error",
        "rack.pool.path",
        /^"\/etc\/passwd" on rack1 is no directory$/,
        /^give a directory's path/,
    ],
    [
        "a network that is to be there",
        { networks: new Map([["default", network]]) },
        { uses: [{ path: "rack.network.name", kind: "network", name: "nope" }] },
        "error",
        "rack.network.name",
        /^there is no network "nope" on rack1$/,
        /^it has "default"$/,
    ],
    [
        "a network that is not active",
        { networks: new Map([["default", { ...network, active: false }]]) },
        { uses: [{ path: "vm1.interfaces[0].network", kind: "network", name: "default" }] },
        "error",
        "vm1.interfaces[0].network",
        /^the network "default" on rack1 is not active$/,
        /^virsh --connect qemu:\/\/\/system net-start default$/,
    ],
    [
        "a bridge that is to be there",
        {},
        { uses: [{ path: "rack.network.bridge", kind: "bridge", name: "br-nope" }] },
        "error",
        "rack.network.bridge",
        /^there is no bridge "br-nope" on rack1$/,
        /^it has "br0", "eth0"$/,
    ],
    [
        "a device that is to be there",
        { devices: ["lo", "vnet3"] },
        { uses: [{ path: "vm1.interfaces[2].macvtap", kind: "device", name: "eth9" }] },
        "error",
        "vm1.interfaces[2].macvtap",
        /^there is no network device "eth9" on rack1$/,
        /^it has none/,
    ],
    [
        "a machine of that name",
        { domains: new Map([["vm1", { ...domain, state: "shut off" }]]) },
        {},
        "error",
        "vm1",
        /there is a machine "vm1" on rack1 already \(shut off\), which is not of this stack/,
        /virsh --connect qemu:\/\/\/system undefine vm1$/,
    ],
    [
        "a pool of that name",
        { pools: new Map([["rack", "/srv"]]) },
        {},
        "error",
        "rack.pool.name",
        /there is a pool "rack" on rack1 already \(\/srv\)/,
        /pool-undefine rack$/,
    ],
    [
        "a pool with that directory",
        { pools: new Map([["other", path]]) },
        {},
        "error",
        "rack.pool.path",
        /is the directory of the pool "other"/,
        /give another directory/,
    ],
    [
        "a network of that name",
        { networks: new Map([["rack", network]]) },
        {},
        "error",
        "rack.network.name",
        /there is a network "rack" on rack1 already/,
        /net-undefine rack$/,
    ],
    [
        "a bridge of that name",
        { networks: new Map([["other", { ...network, bridge: "fus-1" }]]) },
        {},
        "error",
        "rack.network.bridge",
        /"fus-1" is the bridge of the network "other"/,
        /give another name/,
    ],
    [
        "a device of that name",
        { devices: ["fus-1"] },
        {},
        "error",
        "rack.network.bridge",
        /a device "fus-1"/,
        /ip link delete fus-1/,
    ],
    [
        "addresses of a route",
        { routes: [{ cidr: "10.0.0.0/9", device: "tun0" }] },
        {},
        "error",
        "rack.network.cidr",
        /"10\.77\.0\.0\/24" overlaps 10\.0\.0\.0\/9, which on rack1 is reached by tun0/,
        /^give another: "10\.128\.0\.0\/24"$/,
    ],
    [
        "addresses of a network that does not run",
        { networks: new Map([["other", { ...network, active: false, cidrs: ["10.77.0.128/25"] }]]) },
        {},
        "error",
        "rack.network.cidr",
        /overlaps 10\.77\.0\.128\/25, which on rack1 is of the network "other"/,
        /"10\.78\.0\.0\/24"/,
    ],
    [
        "IPv6 addresses of a route",
        { routes: [{ cidr: "fd00:77::/48", device: "wg0" }] },
        { network: { made: true, cidrs: ["fd00:77::/64"] } },
        "error",
        "rack.network.cidr6",
        /overlaps fd00:77::\/48/,
        /ip route/,
    ],
    [
        "nftables beside Docker's iptables",
        { libvirt: "11.3.0", forwardPolicy: "DROP" },
        {},
        "warning",
        "rack.network",
        /Docker sets this.*libvirt 11\.3\.0 are in nftables/,
        /firewall_backend = "iptables"/,
    ],
    [
        "bridge netfilter on a bridge that is not libvirt's",
        { bridgeNetfilter: true, forwardPolicy: "DROP" },
        { network: { made: false, cidrs: [] } },
        "warning",
        "rack.network",
        /bridged ones too/,
        /^sysctl -w net\.bridge\.bridge-nf-call-iptables=0/,
    ],
    [
        "a base image that nobody uses",
        { baseImages: [{ file: "base-a.qcow2", sizeMiB: 700, usedBy: [] }] },
        {},
        "info",
        "rack.pool",
        /"\/var\/lib\/libvirt\/images\/rack\/base-a\.qcow2" on rack1, 700 MiB, is used by no disk/,
        /^rm \/var.*\/base-a\.qcow2 && virsh --connect qemu:\/\/\/system pool-refresh rack$/,
    ],
];

describe("what a survey shows", () => {
    it("is nothing where all is well", () => assert.deepEqual(look(), []));

    for (const [what, survey, more, severity, at, told, remedy] of cases) {
        it(`is ${severity === "info" ? "an info" : `a ${severity}`} at ${at}: ${what}`, () => {
            const found = look(survey, more);
            assert.deepEqual(
                found.map((finding) => [finding.severity, finding.path]),
                [[severity, at]],
                JSON.stringify(found),
            );
            assert.match(found[0]?.what ?? "", told);
            assert.match(found[0]?.remedy ?? "", remedy);
        });
    }

    it("is told with errors first", () => {
        const bad = { libvirt: "7.0.0", devices: ["fus-1"], securityModels: ["dac"] };
        assert.deepEqual(
            look(bad).map(({ severity }) => severity),
            ["error", "warning", "info"],
        );
    });
});

describe("KVM", () => {
    const failed: KvmAnswer = { works: false, why: "it is broken" };

    it("that starts no guest is an error where it is asked for", () => {
        const [finding, ...rest] = look({}, {}, failed);
        assert.deepEqual(rest, []);
        assert.deepEqual([finding?.severity, finding?.path], ["error", "rack.domainType"]);
        assert.match(finding?.what ?? "", /a guest does not start under KVM on rack1: it is broken/);
    });

    it("is a warning where nobody says, and nothing where emulation is asked for", () => {
        const { domainType: _, ...unsaid } = wanted;
        assert.deepEqual(
            findings(healthySurvey, unsaid, failed).map(({ severity }) => severity),
            ["warning"],
        );
        assert.deepEqual(look({}, { domainType: "qemu" }, failed), []);
    });

    it("that works is told where emulation is asked for", () => {
        assert.deepEqual(
            look({}, { domainType: "qemu" }).map(({ severity, remedy }) => [severity, remedy]),
            [["info", 'domainType: "kvm"']],
        );
    });
});

describe("what is of this stack already", () => {
    it("is in nobody's way", () => assert.deepEqual(look(deployed, { owned }), []));

    it("makes room where it is renamed", () => {
        const renamed = {
            pool: { name: "rack2", path },
            network: { made: true, name: "rack2", bridge: "fus-1", cidrs: [cidr] },
        };
        assert.deepEqual(look(deployed, { owned, ...renamed }), []);
        const others = look(deployed, { owned: { ...nothingOwned, domains: owned.domains }, ...renamed });
        assert.deepEqual(
            others.map(({ path: at }) => at),
            ["rack.pool.path", "rack.network.bridge", "rack.network.cidr"],
        );
    });

    it("does not count twice", () => {
        const little = { ...deployed, memoryMiB: { total: 64_000, available: 10 }, ...storage({ freeGiB: 3 }) };
        assert.deepEqual(look(little, { owned }), []);
        const more = look(little, { owned, vms: [{ ...vm, memoryMiB: 3072 }] });
        assert.match(more[0]?.what ?? "", /asks for 1024 MiB of memory more/);
    });

    it("takes its memory anew where it does not run", () => {
        const off = { ...deployed, domains: new Map([["vm1", { ...domain, state: "shut off" }]]) };
        const [finding] = look({ ...off, memoryMiB: { total: 64_000, available: 10 } }, { owned });
        assert.match(finding?.what ?? "", /asks for 2048 MiB/);
    });

    it("goes on where a route has come later, with a warning", () => {
        const routes = [...(deployed.routes ?? []), { cidr: "10.0.0.0/8", device: "tun0" }];
        assert.deepEqual(
            look({ ...deployed, routes }, { owned }).map(({ severity, path: at }) => [severity, at]),
            [["warning", "rack.network.cidr"]],
        );
    });

    it("keeps its base images, and those of other disks", () => {
        const baseImages = [
            { file: "base-a.qcow2", sizeMiB: 1, usedBy: [] },
            { file: "base-b.qcow2", sizeMiB: 1, usedBy: ["/elsewhere.qcow2"] },
        ];
        assert.deepEqual(
            look({ baseImages }, { owned: { ...nothingOwned, images: new Set([`${path}/base-a.qcow2`]) } }),
            [],
        );
    });

    it("is missed when it is gone or does not run", () => {
        const lost = (domains: HypervisorSurvey["domains"]) =>
            losses({ ...healthySurvey, domains }, { ...wanted, owned });
        assert.deepEqual(lost(new Map([["vm1", domain]])), []);
        assert.deepEqual(
            lost(new Map()).map(({ severity, path: at }) => [severity, at]),
            [["error", "vm1"]],
        );
        const [crashed] = lost(new Map([["vm1", { ...domain, state: "crashed" }]]));
        assert.deepEqual(
            [crashed?.severity, crashed?.remedy],
            ["warning", "pulumi up, which starts it again and waits until it is ready"],
        );
    });
});

describe("versions", () => {
    for (const [version, than, older] of [
        ["7.10.0", "8.0", true],
        ["8.0.0", "8.0", false],
        ["10.0", "8.0", false],
        ["20.9.9", "20.10", true],
        ["20.10.5+dfsg1", "20.10", false],
        ["2", "2.6", true],
    ] as const) {
        it(`${version} is ${older ? "" : "not "}older than ${than}`, () => assert.equal(isOlder(version, than), older));
    }
});
