import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { commandLine } from "../../lib/shell";
import { mountScript } from "../../lib/vm/cloudInit/mountScript";
import { run } from "../../tools/run";
import { Pebble } from "../support/pebble";
import { needPrograms } from "../support/programs";
import { TestStack } from "../support/stack";
import { eventually, Webfarm } from "../support/webfarm";

const ADDRESS = "10.79.0.11";

/** The zone's file, since the image has none. */
const ZONE =
    "VFppZjIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAQAAAAT//7mwAAAtMDUAVFppZjIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" +
    "AAAAAQAAAAT//7mwAAAtMDUACjwtMDU+NQo=";

/** One machine with all that can be asked of a guest whose image has no network. The lab's image leaves modules out. */
const machine = `
import * as pulumi from "@pulumi/pulumi";
import * as fusion from "pulumi-fusion";
const config = new pulumi.Config();
const rack = new fusion.FusionHypervisor("rack", {
    uri: config.require("libvirtUri"), domainType: config.get<"kvm" | "qemu">("domainType"),
    network: { cidr: "10.79.0.0/24" }, pool: { path: config.get("poolPath") },
});
new fusion.FusionVm("vm1", {
    hypervisor: rack, address: "${ADDRESS}", diskGiB: 4,
    image: { source: config.require("imageSource"), sha256: config.require("imageSha256") },
    ssh: { privateKeyFile: config.require("sshKey") },
    users: [{ name: "alice", groups: ["adm"], sudo: true, authorizedKeys: ["ssh-ed25519 AAAA"] }],
    timezone: "Etc/GMT+5",
    files: [
        { path: "/etc/fusion/token", content: pulumi.secret("s3cret\\n"), permissions: "0600" },
        { path: "/home/alice/note", content: "hers\\n", owner: "alice:adm" },
    ],
    sysctl: { "vm.swappiness": 7 },
    proxy: { http: "http://10.79.0.1:3128", noProxy: [".lan", "10.255.255.254"] },
    commands: ["cat /etc/fusion/token >/root/seen", ["touch", "/root/a b"]],
    cloudInit: {
        cloud_config_modules: ["timezone", "runcmd"],
        runcmd: [["touch", "/root/last"]],
        write_files: [{ path: "/usr/share/zoneinfo/Etc/GMT+5", encoding: "b64", content: "${ZONE}" }],
    },
});
`;

/** The same machine for another program, which knows nothing of how it was made. */
const host = (hostKey: string, docker: string, more = "") => `
import * as pulumi from "@pulumi/pulumi";
import * as fusion from "pulumi-fusion";
const config = new pulumi.Config();
const old1 = {
    name: "old1", address: "${ADDRESS}", docker: ${docker},
    ssh: { user: "fusion", privateKeyFile: config.require("sshKey"), hostKey: ${JSON.stringify(hostKey)} },
};
const sets = ["web", "more"].map((name) => new fusion.FusionContainerSet(name, {
    hosts: [old1], image: config.require("image"), ports: [{ container: 80 }], healthCheck: { http: {} },
}));
export const endpoints = sets.map((set) => set.endpoints);
${more}
`;

/** A job that its host runs by itself; seldom, since each container is ten seconds of a processor under emulation. */
const tick = `
new fusion.FusionJob("tick", {
    hosts: [old1], image: config.require("image"), schedule: "*:0/2",
    command: ["sh", "-c", "echo ticked on $FUSION_HOST with $TOKEN | tr s S"], env: { TOKEN: pulumi.secret("s3cret") },
});
`;

/** HAProxy on it, by its systemd. */
const balancer = `
new fusion.FusionBalancer("lb", {
    listen: 8080, backends: [sets[0]], host: { ssh: { address: old1.address, ...old1.ssh } }, haproxy: { install: true },
});
`;

/** The same with certificates of an authority. */
const secure = (acme: object) =>
    balancer.replace(
        "listen: 8080",
        `listen: [{ port: 8081 }, { port: 8443, tls: true }], tls: { acme: ${JSON.stringify(acme)} }`,
    );

describe("a machine that was told everything, and then is one that exists already", () => {
    let farm: Webfarm;
    let other: TestStack;
    let hostKey: string;
    const onGuest = (command: string) => farm.onGuest(ADDRESS, command);

    before(async () => {
        farm = await Webfarm.create("test-existing", machine);
        const made = await farm.stack.up();
        assert.equal(made.ok, true, made.text);
        assert.doesNotMatch(made.text, /s3cret/);
        hostKey = (await onGuest("sudo cat /etc/ssh/ssh_host_ed25519_key.pub")).split(" ").slice(0, 2).join(" ");
        const config = { sshKey: farm.lab.sshKey, image: farm.lab.httpd };
        const program = host(hostKey, "{ install: true, version: '1.2.3' }");
        other = await TestStack.create({ program, project: "other", config, wrap: farm.lab.wrap });
    });
    after(async () => {
        if (other !== undefined) rmSync(other.dir, { recursive: true, force: true });
        await farm?.dispose();
    });

    it("has its users, files, time zone, kernel parameters and proxy, and ran its commands in order", async () => {
        const script = `
id -nG alice; sudo grep -c '^alice ALL=(ALL) NOPASSWD:ALL$' /etc/sudoers.d/90-cloud-init-users; sudo cat /home/alice/.ssh/authorized_keys
sudo stat -c '%a %U:%G' /etc/fusion/token /home/alice/note
date +%Z; cat /proc/sys/vm/swappiness
sudo sh -c 'cat /root/seen; cd /root; ls'
grep -h http_proxy /etc/environment; systemctl show docker -p Environment --value | tr ' ' '\\n' | grep _PROXY | sort`;
        assert.deepEqual((await onGuest(script)).split("\n"), [
            "alice adm",
            "1",
            "ssh-ed25519 AAAA",
            "600 root:root",
            "644 alice:adm",
            "-05",
            "7",
            "s3cret",
            "a b",
            "last",
            "seen",
            "http_proxy=http://10.79.0.1:3128",
            "HTTPS_PROXY=http://10.79.0.1:3128",
            "HTTP_PROXY=http://10.79.0.1:3128",
            "NO_PROXY=localhost,127.0.0.1,::1,10.79.0.11,.lan,10.255.255.254",
        ]);
    });

    it("serves as a host of another program; its Docker is left as it is", async () => {
        const before = await onGuest("systemctl show docker -p MainPID; docker --version");
        const first = await other.up();
        assert.equal(first.ok, true, first.text);
        assert.match(first.text, /Docker is there already: Docker version 20\.10/);
        assert.equal(await onGuest("docker ps -q | wc -l"), "2");
        assert.equal(await onGuest("systemctl show docker -p MainPID; docker --version"), before);
        const second = await other.up();
        assert.deepEqual(Object.keys(second.changes), ["same"], second.text);
    });

    it("refuses to write over a configuration that somebody else wrote", async () => {
        other.setProgram(host(hostKey, "{ install: true, daemon: { debug: true } }"));
        const { ok, text } = await other.up();
        assert.equal(ok, false);
        assert.match(text, /old1: \/etc\/docker\/daemon\.json has something else than docker\.daemon says/);
    });

    it("runs a job on a schedule and a balancer by its systemd, which starts that again when it was killed", async () => {
        other.setProgram(host(hostKey, "{ install: true }", tick + balancer));
        const made = await other.up();
        assert.equal(made.ok, true, made.text);
        assert.doesNotMatch(made.text, /s3cret/);
        const job = "fusion-other--dev-tick";
        const unit = await onGuest("ls /etc/systemd/system | grep ^fusion-haproxy-lb-");
        assert.equal(
            await onGuest(
                `systemctl is-enabled ${job}.timer ${unit}; systemctl is-active ${job}.timer ${unit}; systemctl is-enabled haproxy || true`,
            ),
            "enabled\nenabled\nactive\nactive\nmasked",
        );
        const page = (port: number) => onGuest(`curl --silent --max-time 20 http://${ADDRESS}:${port}/`);
        assert.match(await page(8080), /It works/);
        const master = () => onGuest(`systemctl show ${unit} -p MainPID --value`);
        const before = await master();
        await onGuest(`sudo kill -9 ${before}`);
        await eventually("systemd has started it again", 60, async () => {
            const now = await master();
            return now !== "0" && now !== before && /It works/.test(await page(8080)) ? true : undefined;
        });
        const said = await eventually("the job has run", 360, async () => {
            const lines = (await onGuest(`sudo journalctl --unit ${job}.service --output cat`)).split("\n");
            const ticks = lines.filter((line) => line === "ticked on old1 with S3cret");
            return ticks.length > 0 ? lines : undefined;
        });
        assert.ok(!said.some((line) => /fail/i.test(line)), said.join("\n"));
        const second = await other.up();
        assert.deepEqual(Object.keys(second.changes), ["same"], second.text);
    });

    it("has certificates of an ACME server asked for by its user, and renewed by a timer of its systemd", async () => {
        await needPrograms("lego", "pebble", "openssl");
        const [program = "", ...wrap] = farm.lab.wrap;
        const trust = ["-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR"];
        const ssh = ["ssh", ...trust, "-i", farm.lab.sshKey, `fusion@${ADDRESS}`];
        // The guest's image has no network to install from.
        const copy = `${commandLine([...ssh, "sudo install -m 755 /dev/stdin /usr/local/bin/lego"])} <"$(command -v lego)"`;
        await run(program, [...wrap, "sh", "-c", copy]);
        const pebble = await Pebble.start(farm.lab.namespace, { names: ["www.example.org"], at: [ADDRESS, 8081] });
        try {
            const { url: server, authority } = pebble;
            const asked = { domains: ["www.example.org"], email: "ops@example.org", acceptTerms: true };
            other.setProgram(host(hostKey, "{ install: true }", tick + secure({ ...asked, server, authority })));
            const made = await other.up();
            assert.equal(made.ok, true, made.text);
            const client = `openssl s_client -connect ${ADDRESS}:8443 -servername www.example.org </dev/null 2>/dev/null`;
            assert.match(await onGuest(`${client} | openssl x509 -noout -issuer`), /Pebble Intermediate CA/);
            const timer = await onGuest("ls /etc/systemd/system | grep '^fusion-acme-lb-.*timer$'");
            assert.equal(
                await onGuest(`systemctl is-enabled ${timer}; systemctl is-active ${timer}`),
                "enabled\nactive",
            );
            const service = timer.replace(/timer$/, "service");
            await onGuest(`sudo systemctl start ${service}`);
            const told = await onGuest(`sudo journalctl --unit ${service} --output cat`);
            assert.match(told, /^1 certificates, until .* at least$/m);
            assert.equal((await other.up()).changes.update, undefined);
        } finally {
            await pebble.close();
        }
    });

    it("has nothing left of them when the program has them no more", async () => {
        other.setProgram(host(hostKey, "{ install: true }"));
        const gone = await other.up();
        assert.equal(gone.ok, true, gone.text);
        const left = `ls /etc/systemd/system /var/lib/systemd/timers | grep -E 'tick|fusion-'
sudo ls /var/lib/fusion /var/lib/fusion/jobs | grep -E 'tick|lb'; pgrep haproxy
docker ps --all --quiet --filter label=fusion.job=tick; systemctl list-units --all --no-legend 'fusion-*'`;
        assert.equal(await onGuest(`${left}; true`), "");
    });

    it("keeps its Docker when the other program goes", async () => {
        other.setProgram(host(hostKey, "{ install: true }"));
        const { ok, text } = await other.destroy();
        assert.equal(ok, true, text);
        assert.equal(await onGuest("docker ps -aq; systemctl is-active docker"), "active");
    });

    it("mounts a data disk, and lets its file system grow without losing what is on it", async () => {
        const [program = "", ...wrap] = farm.lab.wrap;
        const trust = ["-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR"];
        const ssh = [...wrap, "ssh", ...trust, "-i", farm.lab.sshKey, `fusion@${ADDRESS}`];
        const asRoot = (input: string) => run(program, [...ssh, commandLine(["sudo", "sh", "-s"])], { input });
        const disk = { device: "/dev/loop0", label: "data", path: "/srv/data", filesystem: "ext4" } as const;
        const attach = (mib: number) =>
            asRoot(
                `truncate -s ${mib}M /root/disk; losetup /dev/loop0 /root/disk 2>/dev/null || losetup -c /dev/loop0`,
            );
        const look = "cat /srv/data/kept; df --output=size -B 1M /srv/data | tail -n 1";
        await attach(64);
        await asRoot(mountScript([disk]));
        await asRoot("echo precious >/srv/data/kept");
        await attach(256);
        await asRoot(mountScript([disk]));
        assert.match(await onGuest(look), /^precious\n\s*2\d\d$/);
        assert.match(await onGuest("systemctl show docker -p Requires -p After"), /After=.*srv-data\.mount/);
        assert.match(await onGuest("systemctl show docker -p Requires"), /srv-data\.mount/);
        const fstab = await onGuest("cat /etc/fstab");
        assert.equal(fstab.match(/LABEL=data/g)?.length, 1, fstab);
    });
});
