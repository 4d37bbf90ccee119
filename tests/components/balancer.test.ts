import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import * as fusion from "../../lib";
import { checkAtPreview } from "../../lib/balancer/checkAtPreview";
import { type Made, makeCertificate } from "../support/certificates";
import { image } from "../support/farm";
import { type ProgramResult, type Registered, runProgram } from "../support/mocks";
import { needPrograms } from "../support/programs";
import { stateAfter, TYPES } from "../support/state";
import { healthySurvey, surveyAs } from "../support/survey";

const legacy = { name: "legacy", servers: [{ name: "old", address: "10.0.0.9", port: 8080 }] };

/** Two sets and plain addresses behind one balancer. */
function program(more: Partial<fusion.FusionBalancerArgs> = {}, update?: fusion.FusionContainerSetArgs["update"]) {
    const hosts = ["10.0.0.1", "10.0.0.2"].map((address, index) => ({ name: `h${index + 1}`, address }));
    const args = { hosts, image: image("1"), replicas: 2, ports: [{ container: 80 }], ...(update && { update }) };
    const web = new fusion.FusionContainerSet("web", args);
    const api = new fusion.FusionContainerSet("api", { ...args, healthCheck: { http: { path: "/health" } } });
    const lb = new fusion.FusionBalancer("lb", {
        listen: 80,
        backends: [web, { set: api, match: { paths: ["/api"] } }, { ...legacy, match: { hosts: ["old.example.org"] } }],
        ...more,
    });
    return { url: lb.url, config: lb.config };
}

async function made(run: () => ReturnType<typeof program>, last?: ProgramResult) {
    const result = await runProgram(run, last?.outputs);
    assert.deepEqual(result.errors, []);
    const one = (name: string): Registered => {
        const found = result.registered.filter((resource) => resource.name === name);
        assert.equal(found.length, 1, `${found.length} resources are ${name}`);
        return found[0] as Registered;
    };
    const command = (name: string): Registered =>
        result.registered.find((resource) => resource.name === name && /Command/.test(resource.type)) as Registered;
    return { ...result, one, command, config: String(result.values.config) };
}

describe("a balancer in front of several backends", () => {
    let certificate: Made;
    let renewed: Made;
    before(async () => {
        await needPrograms("openssl", "haproxy");
        [certificate, renewed] = [await makeCertificate("www.example.org"), await makeCertificate("www.example.org")];
    });

    it("runs in a virtual machine, goes with it, and is made anew with its disk", async () => {
        const { command, values, registered } = await made(() => {
            const rack = new fusion.FusionHypervisor("rack", { uri: "qemu:///system", domainType: "qemu" });
            const front = new fusion.FusionVm("front", {
                hypervisor: rack,
                image: { source: "/etc/hosts", sha256: "a".repeat(64) },
                address: "10.77.0.20",
                ssh: { authorizedKeys: ["ssh-ed25519 OPERATOR"] },
            });
            const secrets = { metrics: { listen: { address: "10.77.0.20", port: 8405 }, user: "a", password: "b" } };
            return program({ host: front, haproxy: { install: true, version: "2.6.12" }, ...secrets });
        });
        assert.equal(values.url, "http://10.77.0.20/");
        const disk = registered.find(({ type }) => type === "libvirt:index/volume:Volume");
        for (const name of ["lb", "lb-secrets"]) {
            const { inputs, dependsOn, deletedWith, replaceWith, replacementTrigger } = command(name);
            for (const text of [inputs.create, inputs.delete]) {
                assert.match(String(text), /^ssh .* -l fusion -- 10\.77\.0\.20 .*sudo -n sh -c/s);
            }
            assert.ok(dependsOn.includes("command:local:Command::front"), dependsOn.join());
            assert.equal(deletedWith, "libvirt:index/domain:Domain::front");
            assert.deepEqual(replaceWith, ["libvirt:index/volume:Volume::front"]);
            assert.equal(replacementTrigger, disk?.inputs.name);
        }
        assert.match(String(command("lb").inputs.create), /HAPROXY_VERSION=2\.6\.12[\s\S]*install_haproxy; \}/);
        assert.doesNotMatch(String((await made(program)).command("lb").inputs.create), /install_haproxy/);
    });

    const byDigest = `10.0.0.5:5000/haproxy@sha256:${"a".repeat(64)}`;

    it("runs in a container of an image by digest, which the deployment pulls", async () => {
        const { command, config } = await made(() => program({ haproxy: { image: byDigest, install: true } }));
        const script = String(command("lb").inputs.create);
        assert.match(script, new RegExp(`\\nIMAGE=${byDigest}\\n`));
        assert.match(script, /command -v socat >\/dev\/null \|\| install_packages socat;/);
        assert.doesNotMatch(script, /HAPROXY_VERSION=/);
        assert.equal(config, (await made(program)).config);
        assert.equal(command("lb-image"), undefined);
    });

    it("gets the image of a private registry by a command of its own, whose credentials are secret", async () => {
        const registryAuth = { username: "puller", password: pulumi.secret("hunter2") };
        const { command, registered } = await made(() => program({ haproxy: { image: byDigest, registryAuth } }));
        const { inputs, secrets } = command("lb-image");
        assert.deepEqual(secrets, ["stdin"]);
        const { auths } = JSON.parse(String(inputs.stdin));
        assert.equal(Buffer.from(auths["10.0.0.5:5000"].auth, "base64").toString(), "puller:hunter2");
        assert.match(String(inputs.create), /docker pull --quiet "\$IMAGE"/);
        assert.ok(command("lb").dependsOn.includes("command:local:Command::lb-image"));
        const open = registered.flatMap(({ inputs: all, secrets: hidden }) =>
            Object.entries(all).filter(([key]) => !hidden.includes(key)),
        );
        assert.doesNotMatch(JSON.stringify(open), /hunter2|cHVsbGVy/);
    });

    it("is told of an image by tag whose registry cannot be asked", async () => {
        const { errors } = await runProgram(() => program({ haproxy: { image: "127.0.0.1:1/haproxy:3.0" } }));
        assert.match(errors.join(), /lb\.haproxy\.image: "127\.0\.0\.1:1\/haproxy:3\.0" has no digest, .*; give it as/);
    });

    it("is not waited for while its own machine is interrupted with others", async () => {
        const twoMachines = (maxMemoryMiB: number) => () => {
            const rack = new fusion.FusionHypervisor("rack", { uri: "qemu:///system", domainType: "qemu" });
            const vm = (name: string, address: string) =>
                new fusion.FusionVm(name, {
                    ...{ hypervisor: rack, address, maxMemoryMiB },
                    image: { source: "/etc/hosts", sha256: "a".repeat(64) },
                    ssh: { authorizedKeys: ["ssh-ed25519 OPERATOR"] },
                });
            const [vm1, edge] = [vm("vm1", "10.77.0.21"), vm("edge", "10.77.0.22")];
            const args = { hosts: [vm1], image: image("1"), replicas: 2, ports: [{ container: 80 }] };
            const web = new fusion.FusionContainerSet("web", { ...args, update: { maxSurge: 1 } });
            const lb = new fusion.FusionBalancer("lb", { listen: 80, backends: [web], host: edge });
            return { url: lb.url };
        };
        const isRunning = (name: string) => ({
            uuid: name,
            state: "running",
            memoryMiB: 2048,
            vcpus: 1,
            autostart: true,
        });
        const domains = new Map(["vm1", "edge"].map((name) => [name, isRunning(name)]));
        const first = await runProgram(twoMachines(2048));
        assert.deepEqual(first.errors, []);
        const disks = first.registered
            .filter(({ type }) => type === TYPES.volume)
            .map(({ inputs }) => String(inputs.name));
        const storage = { ...healthySurvey.storage, exists: true, files: disks };
        surveyAs(async () => ({ ...healthySurvey, domains, storage }));
        try {
            const second = await runProgram(twoMachines(4096), stateAfter(first));
            assert.deepEqual(second.errors, []);
            const memory = second.registered
                .filter(({ type }) => type === TYPES.domain)
                .map(({ inputs }) => inputs.memory);
            assert.deepEqual(memory, [4096, 4096]);
        } finally {
            surveyAs();
        }
    });

    it("is told of a machine that is called as a replica which is taken out by itself", async () => {
        const { errors } = await runProgram(() => {
            const rack = new fusion.FusionHypervisor("rack", { uri: "qemu:///system", domainType: "qemu" });
            const source = { source: "/etc/hosts", sha256: "a".repeat(64) };
            const vm = new fusion.FusionVm("web-0", { hypervisor: rack, image: source, address: "10.77.0.20" });
            const args = { hosts: [vm], image: image("1"), ports: [{ container: 80, host: 80 }] };
            new fusion.FusionBalancer("lb", { listen: 8080, backends: [new fusion.FusionContainerSet("web", args)] });
            return {};
        });
        assert.match(
            errors.join(),
            /lb\.backends: have a machine that is called "web-0", as a replica of a stop-first/,
        );
    });

    it("has all of them in one configuration, in the order of their matches, and waits for both sets", async () => {
        const { config, command } = await made(program);
        assert.match(
            config,
            /\n {4}use_backend legacy if \{ req\.hdr\(host\).*\n {4}use_backend api if \{ path .*\n {4}default_backend web\n/,
        );
        for (const backend of ["web", "api", "legacy"]) {
            assert.match(config, new RegExp(`^backend ${backend}$`, "m"));
        }
        assert.match(config, /\n {4}server api-0 10\.0\.0\.1:2\d{4} .*\n {4}server api-1 10\.0\.0\.2:2/);
        assert.match(config, /\n {4}server old 10\.0\.0\.9:8080 /);
        const { dependsOn, inputs } = command("lb");
        for (const gate of ["web-healthy", "api-healthy"]) {
            assert.ok(dependsOn.includes(`command:local:Command::${gate}`), dependsOn.join());
        }
        // Plain addresses are not waited for.
        assert.match(String(inputs.create), /\nBACKENDS='\\''web api'\\''\n/);
    });

    it("brings each set's groups into effect by steps of their own", async () => {
        const { registered } = await made(() => program({}, { maxSurge: 1 }));
        assert.deepEqual(registered.flatMap(({ name }) => (name.includes("-step-") ? [name] : [])).sort(), [
            "lb-api-step-0",
            "lb-api-step-1",
            "lb-web-step-0",
            "lb-web-step-1",
        ]);
    });

    const secret = () => ({
        listen: [{ port: 80 }, { port: 443, tls: true }],
        tls: { certificates: [{ certificate: certificate.certificate, key: certificate.key }] },
        metrics: { listen: { address: "127.0.0.1", port: 8405 }, user: "prometheus", password: "hunter2" },
    });

    it("gives keys and passwords as secrets alone, in files before the configuration", async () => {
        const { registered, command, config, values } = await made(() => program(secret()));
        const open = registered.flatMap(({ inputs, secrets }) =>
            Object.entries(inputs).filter(([key]) => !secrets.includes(key)),
        );
        const base64 = (text: string) => Buffer.from(text).toString("base64");
        const keyLine = certificate.key.split("\n")[1] ?? "";
        for (const hidden of ["PRIVATE KEY", keyLine, base64(keyLine).slice(0, 20), "hunter2", base64("hunter2")]) {
            assert.ok(!JSON.stringify(open).includes(hidden), hidden);
        }
        assert.ok(!JSON.stringify(open).includes(base64("prometheus:hunter2")));
        const { inputs, secrets } = command("lb-secrets");
        assert.deepEqual([secrets, inputs.logging], [["stdin"], "none"]);
        const files = Object.fromEntries(
            String(inputs.stdin)
                .trim()
                .split("\n")
                .map((line) => line.split(" ")),
        );
        const text = (name: string) => Buffer.from(files[name] ?? "", "base64").toString();
        assert.equal(text("metrics-login"), `Basic ${base64("prometheus:hunter2")}\n`);
        const [pem = ""] = Object.keys(files).filter((name) => name.endsWith(".pem"));
        assert.equal(text(pem), certificate.certificate + certificate.key);
        assert.match(config, new RegExp(`bind \\*:443 ssl crt /var/lib/fusion/lb/secret/${pem} alpn h2,http/1.1\n`));
        assert.ok(command("lb").dependsOn.includes("command:local:Command::lb-secrets"));
        assert.equal(values.url, "https://localhost/");
    });

    it("has certificates of an ACME server asked for on its machine, before and after the configuration that names them", async () => {
        const asked = { domains: ["www.example.org"], email: "ops@example.org", acceptTerms: true } as const;
        const run = (acme: fusion.AcmeArgs) => () =>
            program({ ...secret(), tls: { acme }, host: { ssh: { address: "10.0.0.5" } }, haproxy: { install: true } });
        const { command, config } = await made(run(asked));
        const [prepared, deployed, obtained] = ["lb-acme", "lb", "lb-certificates"].map(command);
        const [, file] = /ssl crt \/var\/lib\/fusion\/lb\/acme\/(\S+) alpn/.exec(config) ?? [];
        const settings = `server https://acme-v02.api.letsencrypt.org/directory\nemail ops@example.org\ncertificate ${file} www.example.org\n`;
        assert.equal(prepared?.inputs.stdin, settings);
        for (const one of [prepared, obtained]) {
            assert.match(String(one?.inputs.create), /^ssh .* 10\.0\.0\.5 .*sudo -n sh -c/s);
            assert.deepEqual([one?.deleteBeforeReplace, one?.timeouts.create], [true, "3600s"]);
        }
        assert.match(String(prepared?.inputs.create), /\ninstall_lego\n/);
        assert.ok(deployed?.dependsOn.includes("command:local:Command::lb-acme"));
        assert.deepEqual(obtained?.dependsOn, ["command:local:Command::lb"]);
        assert.equal(obtained?.inputs.delete, undefined);
        // What changes nothing in HAProxy's text is asked for all the same.
        const later = await made(run({ ...asked, renewDaysBefore: 10 }));
        assert.equal(later.config, config);
        assert.notDeepEqual(later.command("lb-certificates").inputs, obtained?.inputs);
        assert.deepEqual(later.command("lb").inputs, deployed?.inputs);
        const without = await made(() => program(secret()));
        assert.ok(!without.registered.some(({ name }) => /^lb-(acme|certificates)$/.test(name)));
    });

    it("shows a configuration of secret certificates, as it has their files' names alone", async () => {
        const { tls, ...others } = secret();
        const [{ certificate: pem, key }] = tls.certificates as [Made];
        const certificates = [{ certificate: pulumi.secret(pem), key: pulumi.secret(key) }];
        const { command } = await made(() => program({ ...others, tls: { certificates } }));
        assert.deepEqual(command("lb").secrets, ["environment"]);
    });

    it("has a renewed certificate in another file", async () => {
        const fileOf = ({ config }: { config: string }) => /ssl crt (\S+)/.exec(config)?.[1];
        const first = await made(() => program(secret()));
        const second = await made(() => program({ ...secret(), tls: { certificates: [renewed] } }), first);
        assert.notEqual(fileOf(second), fileOf(first));
    });

    it("tells wrong certificates with all other arguments", async () => {
        const certificates = [{ certificate: certificate.certificate, key: renewed.key }];
        const { errors } = await runProgram(() => program({ ...secret(), tls: { certificates }, maxConnections: 0 }));
        assert.match(
            errors.join(),
            /^2 wrong arguments.*\nlb\.maxConnections: .*\nlb\.tls\.certificates\[0\]\.key: is not/,
        );
    });

    describe("in a preview, with HAProxy at hand", () => {
        const previewed = async (more: Partial<fusion.FusionBalancerArgs>, change = (text: string) => text) => {
            const result = await made(() => program({ ...secret(), ...more }));
            const mocks = { newResource: () => ({ id: "x", state: {} }), call: () => ({}) };
            await pulumi.runtime.setMocks(mocks, "project", "dev", true);
            const backends = [{ ...legacy, ...more.backends?.[0] }] as fusion.FusionBalancerArgs["backends"];
            const args = { listen: 80, ...more, backends };
            return checkAtPreview({ name: "lb" }, args, change(result.config)).then(
                () => [],
                (error: Error) => error.message.split("\n").slice(1),
            );
        };
        const backends = [{ ...legacy, lines: ["option log-health-checks", "http-check frobnicate"] }];

        it("is taken, whatever users, certificates and files are not here", async () =>
            assert.deepEqual(
                await previewed({
                    lines: {
                        global: ["user nobody-of-that-name"],
                        frontend: ["http-request deny if { src -f /nowhere/list }", "errorfile 503 /nowhere/503.http"],
                    },
                }),
                [],
            ));

        it("is refused by the arguments of the user's own lines", async () => {
            const lines = {
                global: ["nbthrd 4"],
                defaults: ["option dontlognull", "option nothing"],
                frontend: ["http-request set-header X-A b", "frobnicate"],
            };
            const told = await previewed({ lines, backends });
            const wanted = [
                /^lb\.backends\[0\]\.lines\[1\]: HAProxy does not take "http-check frobnicate": .+; correct it$/,
                /^lb\.lines\.defaults\[1\]: HAProxy does not take "option nothing": .+/,
                /^lb\.lines\.frontend\[1\]: HAProxy does not take "frobnicate": unknown keyword .+; correct it$/,
                /^lb\.lines\.global\[0\]: HAProxy does not take "nbthrd 4": unknown keyword 'nbthrd' in 'global' section/,
            ];
            assert.equal(told.length, wanted.length, told.join("\n"));
            for (const [index, line] of wanted.entries()) assert.match(told[index] ?? "", line);
        });

        it("is refused by its name where no line is said", async () => {
            const told = await previewed({ lines: { frontend: ["use_backend nowhere if TRUE"] } });
            assert.equal(told.length, 1, told.join("\n"));
            assert.match(told[0] ?? "", /^lb: HAProxy does not take its configuration: .*'nowhere'.*; correct it$/);
        });

        it("is not looked at without HAProxy", async () => {
            const { PATH } = process.env;
            process.env.PATH = "/nowhere";
            try {
                assert.deepEqual(await previewed({ lines: { global: ["nbthrd 4"] } }), []);
            } finally {
                process.env.PATH = PATH;
            }
        });
    });
});
