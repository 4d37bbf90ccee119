import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { lastOutputs, urnOf } from "./lastState";

/** An ed25519 key pair in OpenSSH's formats. */
export interface KeyPair {
    /** `ssh-ed25519 AAAA...`, without a comment. */
    publicKey: string;
    /** The text of the private key file. */
    privateKey: string;
}

/**
 * The host key of one virtual machine: made once, then kept in the stack's state, the private half encrypted. It is a
 * plain value of the program, so a machine's key can be pinned before the machine exists.
 */
export class SshHostKey extends pulumi.ComponentResource<KeyPair> {
    readonly publicKey: pulumi.Output<string>;
    readonly privateKey: pulumi.Output<string>;

    constructor(name: string, opts: pulumi.ComponentResourceOptions) {
        super("fusion:index:SshHostKey", name, {}, opts);
        const pair = pulumi.output(this.getData());
        this.publicKey = pair.publicKey;
        this.privateKey = pulumi.secret(pair.privateKey);
    }

    protected override async initialize(): Promise<KeyPair> {
        const last = await lastOutputs(urnOf(this));
        const pair = isKeyPair(last) ? last : generate();
        this.registerOutputs({ publicKey: pair.publicKey, privateKey: pulumi.secret(pair.privateKey) });
        return { publicKey: pair.publicKey, privateKey: pair.privateKey };
    }
}

function isKeyPair(value: object | undefined): value is KeyPair {
    return (
        value !== undefined &&
        "publicKey" in value &&
        "privateKey" in value &&
        typeof value.publicKey === "string" &&
        typeof value.privateKey === "string"
    );
}

function generate(): KeyPair {
    const dir = mkdtempSync(join(tmpdir(), "fusion-"));
    try {
        const file = join(dir, "key");
        execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "", "-f", file]);
        return {
            publicKey: readFileSync(`${file}.pub`, "utf8").trim(),
            privateKey: readFileSync(file, "utf8"),
        };
    } finally {
        rmSync(dir, { recursive: true, force: true });
    }
}
