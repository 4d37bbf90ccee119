import { readFileSync, rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../../tools/run";

/** A certificate and its key, as PEM. */
export interface Made {
    certificate: string;
    key: string;
}

const keys = { ec: ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"], rsa: ["-newkey", "rsa:2048"] } as const;

/**
 * Makes a certificate that signs itself.
 *
 * @param days how long it is valid; -1: it has ended
 */
export async function makeCertificate(name: string, days = 1, kind: keyof typeof keys = "ec"): Promise<Made> {
    const directory = await mkdtemp(join(tmpdir(), "fusion-certificate-"));
    try {
        const [key, csr, certificate] = ["key.pem", "csr.pem", "cert.pem"].map((file) => join(directory, file));
        const request = [...keys[kind], "-nodes", "-keyout", String(key)];
        await run("openssl", ["req", "-new", ...request, "-subj", `/CN=${name}`, "-out", String(csr)]);
        const sign = ["-req", "-in", String(csr), "-signkey", String(key), "-days", String(days)];
        await run("openssl", ["x509", ...sign, "-out", String(certificate)]);
        return { certificate: readFileSync(String(certificate), "utf8"), key: readFileSync(String(key), "utf8") };
    } finally {
        rmSync(directory, { recursive: true });
    }
}
