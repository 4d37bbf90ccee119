import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import type { CertificateArgs } from "../../../lib/balancer/balancerArgs";
import { checkCertificates } from "../../../lib/balancer/checkCertificates";
import { renderHaproxyConfig } from "../../../lib/balancer/renderHaproxyConfig";
import { Faults } from "../../../lib/faults";
import { type Made, makeCertificate } from "../../support/certificates";
import { haproxyCheck, least } from "../../support/haproxy";
import { needPrograms } from "../../support/programs";

describe("certificates of a balancer", () => {
    let one: Made;
    let other: Made;
    let old: Made;
    before(async () => {
        await needPrograms("openssl", "haproxy");
        [one, other, old] = [
            await makeCertificate("www.example.org"),
            await makeCertificate("api.example.org"),
            await makeCertificate("old.example.org", -1),
        ];
    });

    const told = async (...certificates: CertificateArgs[]) => {
        const faults = new Faults();
        await checkCertificates("lb", { listen: 443, backends: [], tls: { certificates } }, faults);
        return faults.size === 0 ? "" : faults.error().message;
    };

    it("are right with their keys, secret or not, and with those of authorities behind them", async () => {
        assert.equal(await told(one, { ...other, key: pulumi.secret(other.key) }), "");
        assert.equal(await told({ ...one, certificate: one.certificate + other.certificate }), "");
    });

    it("are refused where they are none, and the key is not shown", async () => {
        assert.equal(
            await told({ certificate: "hello", key: `x${one.key}`.replace("BEGIN", "BEGN") }),
            [
                'lb.tls.certificates[0].certificate: is no certificate in PEM; give text with "-----BEGIN CERTIFICATE-----"',
                'lb.tls.certificates[0].key: is no private key in PEM; give text with "-----BEGIN PRIVATE KEY-----", without a passphrase',
            ].join("\n"),
        );
    });

    it("are refused with the key of another", async () =>
        assert.equal(
            await told(one, { ...one, key: other.key }),
            "lb.tls.certificates[1].key: is not the one of the certificate (CN=www.example.org); give its own",
        ));

    it("are refused when they have ended", async () =>
        assert.match(
            await told(old),
            /^lb\.tls\.certificates\[0\]\.certificate: ended at .* GMT \(CN=old\.example\.org\); renew it$/,
        ));

    it("of resources are not waited for, which may wait for the balancer", async () => {
        const never = pulumi.output(new Promise<string>(() => {}));
        Reflect.set(never, "resources", () => new Set([{}]));
        assert.equal(await told({ certificate: never, key: never }), "");
    });

    for (const mode of ["http", "tcp"] as const) {
        it(`are taken by HAProxy in mode ${mode}`, async () => {
            const directory = mkdtempSync(join(tmpdir(), "fusion-pem-"));
            try {
                const certificates = [one, other].map(({ certificate, key }, index) => {
                    const file = join(directory, `${index}.pem`);
                    writeFileSync(file, certificate + key);
                    return file;
                });
                const bind = ["*:80", { address: "*:443", tls: true }, { address: "[::1]:443", tls: true }];
                const http = mode === "http" ? { redirectToTls: 443, hstsSeconds: 60 } : {};
                const text = renderHaproxyConfig({
                    frontends: [{ name: "lb", mode, bind, certificates, ...http, defaultBackend: "web" }],
                    backends: [{ ...least.backends[0], mode }],
                });
                assert.deepEqual(await haproxyCheck([text]), [undefined]);
            } finally {
                rmSync(directory, { recursive: true });
            }
        });
    }
});
