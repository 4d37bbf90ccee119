import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { parse } from "yaml";
import { macFor } from "../../lib/cidr";
import { Faults } from "../../lib/faults";
import { guestSpec } from "../../lib/vm/guestSpec";
import { type CloudInitSpec, renderCloudInit } from "../../lib/vm/renderCloudInit";
import { run } from "../../tools/run";
import { anyGuest } from "../support/anyGuest";
import { fullGuest, guest, manyCards } from "../support/documents";

/** Debian's cloud-init and what its `schema` and `net-convert` import, unpacked beside the system and not installed. */
const packages = `cloud-init python3-jsonschema python3-configobj python3-json-pointer python3-jsonpatch python3-jinja2
    python3-markupsafe python3-yaml python3-attr python3-pyrsistent python3-requests python3-urllib3 python3-certifi
    python3-chardet python3-charset-normalizer python3-idna python3-serial
    python3-six`.split(/\s+/);

describe("the real cloud-init", () => {
    const dir = mkdtempSync(join(tmpdir(), "fusion-cloud-init-"));
    const env = { ...process.env, PYTHONPATH: join(dir, "root/usr/lib/python3/dist-packages") };
    const python = (...args: string[]) => run("/usr/bin/python3", args, { cwd: dir, env, allowFailure: true });
    const cloudInit = (...args: string[]) => python("-m", "cloudinit.cmd.main", ...args);

    before(async () => {
        const download = (allowFailure: boolean) =>
            run("apt-get", ["download", "--quiet", ...packages], { cwd: dir, allowFailure });
        if ((await download(true)).code !== 0) {
            await run("apt-get", ["update", "--quiet"]);
            await download(false);
        }
        mkdirSync(join(dir, "root"));
        for (const file of readdirSync(dir).filter((name) => name.endsWith(".deb"))) {
            await run("dpkg-deb", ["-x", file, "root"], { cwd: dir });
        }
    });
    after(() => rmSync(dir, { recursive: true, force: true }));

    const check = async (userData: string) => {
        writeFileSync(join(dir, "user-data"), userData);
        const { code, stdout, stderr } = await cloudInit("schema", "--config-file", "user-data");
        return { code, text: `${stdout}\n${stderr}`.trim() };
    };

    it("finds nothing wrong with the user data", async () => {
        const { code, text } = await check(renderCloudInit(guest).userData);
        assert.equal(text.replace(/ user-data$/, ""), "Valid cloud-config:");
        assert.equal(code, 0);
    });

    it("finds nothing wrong with the user data of a guest with everything", async () => {
        const { code, text } = await check(renderCloudInit(fullGuest).userData);
        assert.equal(text.replace(/ user-data$/, ""), "Valid cloud-config:");
        assert.equal(code, 0);
    });

    for (const [index, args] of fc.sample(anyGuest, { numRuns: 8, seed: 5 }).entries()) {
        it(`finds nothing wrong with what the arguments of a random guest lead to (${index + 1})`, async () => {
            const faults = new Faults();
            const spec = guestSpec("vm1", args, { user: "fusion", address: "10.77.0.11" }, faults);
            faults.throwIfAny();
            const { userData } = renderCloudInit({ ...guest, ...spec, files: withTexts(spec.files, args.files) });
            const { code, text } = await check(userData);
            assert.equal(text.replace(/ user-data$/, ""), "Valid cloud-config:", userData);
            assert.equal(code, 0);
            const read = await load("user-data");
            assert.deepEqual(read, parse(userData), "cloud-init reads what was written");
        });
    }

    it("hands the words of commands to programs as they are, and stops at the first that fails", async () => {
        const words = ["a b", "it's", '"$HOME"', "x\ny", "\\", "*"];
        const commands = [["printf", "%s\\0", ...words], "echo 'a text' \"$((1 + 1))\"", "exit 3", ["echo", "never"]];
        writeFileSync(join(dir, "user-data"), renderCloudInit({ ...guest, commands }).userData);
        const shellify = `import sys, yaml; from cloudinit import util
print(util.shellify(["set -e"] + yaml.safe_load(open("user-data"))["runcmd"][2:]))`;
        const { stdout: script } = await python("-c", shellify);
        const ran = await run("sh", ["-s"], { input: script, allowFailure: true });
        assert.deepEqual(ran.stdout.split("\0"), [...words, "a text 2\n"]);
        assert.equal(ran.code, 3);
    });

    it("would find a wrong one", async () => {
        const { code, text } = await check(
            renderCloudInit(guest).userData.replace("lock_passwd: true", "lock_passwd: 5"),
        );
        assert.notEqual(code, 0);
        assert.match(text, /users/);
    });

    it("makes the wanted netplan of the network configuration", async () => {
        writeFileSync(join(dir, "network-config"), renderCloudInit(guest).networkConfig);
        const convert =
            "devel net-convert -p network-config -k yaml -D debian -O netplan -d out -m eth0,52:54:00:4d:00:0b";
        const { code, stderr } = await cloudInit(...convert.split(" "));
        assert.equal(code, 0, stderr);
        assert.deepEqual(await load("out/etc/netplan/50-cloud-init.yaml"), {
            network: {
                version: 2,
                ethernets: {
                    primary: {
                        match: { macaddress: "52:54:00:4d:00:0b" },
                        addresses: ["10.77.0.11/24"],
                        routes: [{ to: "0.0.0.0/0", via: "10.77.0.1" }],
                        nameservers: { addresses: ["10.77.0.1"] },
                    },
                },
            },
        });
    });

    // Its YAML is version 1.1, which takes many plain words and some MAC addresses for something else.
    for (const name of ["on", "no", "y", "1_000", "0b1", "12", "1e3", "null", "2024-01-01", "0777"]) {
        it(`reads the name ${name} as a text`, async () => {
            const { userData, metaData } = renderCloudInit({ ...guest, name });
            writeFileSync(join(dir, "user-data"), userData);
            writeFileSync(join(dir, "meta-data"), metaData);
            assert.equal(field(await load("user-data"), "hostname"), name);
            assert.deepEqual(await load("meta-data"), { "instance-id": name, "local-hostname": name });
        });
    }

    it("reads a MAC address of decimal digits as a text", async () => {
        const mac = macFor("10.16.32.48");
        assert.equal(mac, "52:54:00:10:20:30");
        const network: CloudInitSpec["network"] = { ...guest.network, mac };
        writeFileSync(join(dir, "network-config"), renderCloudInit({ ...guest, network }).networkConfig);
        assert.match(JSON.stringify(await load("network-config")), /"macaddress":"52:54:00:10:20:30"/);
    });

    describe("of a guest with many cards, IPv4 and IPv6", () => {
        const macs = [manyCards, ...(manyCards.interfaces ?? [])].map(({ mac }, index) => `eth${index},${mac}`);
        const convert = async (kind: string, distribution: string) => {
            writeFileSync(join(dir, "network-config"), renderCloudInit({ ...guest, network: manyCards }).networkConfig);
            const words = `devel net-convert -p network-config -k yaml -D ${distribution} -O ${kind} -d out-${kind}`;
            const { code, stdout, stderr } = await cloudInit(
                ...words.split(" "),
                ...macs.flatMap((mac) => ["-m", mac]),
            );
            assert.equal(code, 0, stderr);
            assert.doesNotMatch(stdout + stderr, /invalid|warning|error/i);
        };
        const read = (file: string) => readFileSync(join(dir, file), "utf8");

        it("makes the same netplan", async () => {
            await convert("netplan", "ubuntu");
            assert.deepEqual(await load("out-netplan/etc/netplan/50-cloud-init.yaml"), {
                network: await load("network-config"),
            });
        });

        // The forms of AlmaLinux, of Fedora, and of Debian's older images. In a guest the files are named by the cards that
        // have the MACs, which are not on this machine.
        it("makes the cards of other distributions, each by its MAC, with its addresses and routes", async () => {
            await convert("sysconfig", "rhel");
            const first = read("out-sysconfig/etc/sysconfig/network-scripts/ifcfg-primary");
            for (const line of ["IPADDR=10.77.0.11", "IPV6ADDR=fd00:77::b/64", "HWADDR=52:54:00:4d:00:0b"]) {
                assert.ok(first.includes(`${line}\n`), first);
            }
            assert.match(first, /^(DEFROUTE=yes|GATEWAY=10\.77\.0\.1)$/m);
            assert.match(read("out-sysconfig/etc/sysconfig/network-scripts/ifcfg-extra1"), /BOOTPROTO=dhcp/);
            await convert("networkd", "debian");
            const networkd = read("out-networkd/etc/systemd/network/10-cloud-init-primary.network");
            for (const to of ["0.0.0.0/0", "::/1", "8000::/1"]) {
                assert.match(networkd, new RegExp(`^Destination=${to}$`, "m"));
            }
            await convert("network-manager", "fedora");
            const files = readdirSync(join(dir, "out-network-manager/etc/NetworkManager/system-connections"));
            assert.equal(files.length, 4, files.join());
            await convert("eni", "debian");
            assert.match(read("out-eni/etc/network/interfaces.d/50-cloud-init"), /address fd00:77::b\/64/);
        });
    });

    /** What cloud-init's own reader makes of a file. */
    async function load(file: string): Promise<unknown> {
        const text =
            "import json, sys; from cloudinit import safeyaml; print(json.dumps(safeyaml.load(sys.stdin.read())))";
        const input = readFileSync(join(dir, file), "utf8");
        const { stdout } = await run("/usr/bin/python3", ["-c", text], { cwd: dir, env, input });
        return JSON.parse(stdout);
    }
});

const withTexts = (
    files: readonly { path: string; permissions: string; owner: string }[],
    given: { content: string }[],
) => files.map((file, index) => ({ ...file, content: given[index]?.content ?? "" }));

const field = (value: unknown, name: string): unknown =>
    typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
