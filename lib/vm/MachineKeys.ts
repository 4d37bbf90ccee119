import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { lastOutputs, urnOf } from "../lastState";
import { constructed } from "../program";
import type { OperatorKeys } from "./operatorKeys";

/** An ed25519 key pair in OpenSSH's formats. */
interface KeyPair {
    /** `ssh-ed25519 AAAA...`, without a comment. */
    publicKey: string;
    /** The text of the private key file. */
    privateKey: string;
}

interface Keys extends KeyPair {
    authorizedKeys: pulumi.Input<readonly string[]>;
}

/**
 * The ssh keys of one virtual machine, kept in the stack's state: its host key, made once, the private half encrypted; and
 * the public keys that may log in. They are plain values of the program, so a machine's key can be pinned before the machine
 * exists.
 */
export class MachineKeys extends pulumi.ComponentResource<Keys> {
    readonly publicKey: pulumi.Output<string>;
    readonly privateKey: pulumi.Output<string>;
    readonly authorizedKeys: pulumi.Output<readonly string[]>;

    /**
     * @param given the public keys that may log in; where they are `remembered`, they are those that the operator happens to have, so the
     * ones of the first deployment are kept, and another operator does not have the machine made anew
     */
    constructor(
        name: string,
        private readonly given: OperatorKeys,
        opts: pulumi.ComponentResourceOptions,
    ) {
        super("fusion:index:MachineKeys", name, {}, opts);
        // One by one: keys that are not known yet must not make the others unknown.
        const keys = this.getData();
        this.publicKey = pulumi.output(keys.then(({ publicKey }) => publicKey));
        this.privateKey = pulumi.secret(keys.then(({ privateKey }) => privateKey));
        this.authorizedKeys = pulumi.output(keys.then(({ authorizedKeys }) => authorizedKeys));
    }

    protected override async initialize(): Promise<Keys> {
        await constructed;
        const last = await lastOutputs(urnOf(this));
        const { publicKey, privateKey } = isKeyPair(last) ? last : generate();
        const before = last?.authorizedKeys;
        const authorizedKeys =
            this.given.remembered && Array.isArray(before) && before.length > 0
                ? before.map(String)
                : this.given.authorized;
        this.registerOutputs({ publicKey, privateKey: pulumi.secret(privateKey), authorizedKeys });
        return { publicKey, privateKey, authorizedKeys };
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
