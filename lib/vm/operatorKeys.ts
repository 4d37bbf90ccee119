import * as pulumi from "@pulumi/pulumi";
import type { Faults } from "../faults";
import { type KeptKey, keepPrivateKey } from "../sshFolder";
import { authorizedKeys } from "./authorizedKeys";
import type { FusionVmArgs } from "./FusionVm";

/** The keys that the library and the operator log in with. */
export interface OperatorKeys {
    /** Public keys that may log in. */
    authorized: pulumi.Input<readonly string[]>;
    /** Whether these are those that the operator happens to have. */
    remembered: boolean;
    /** Path of the private key on the operator's machine; undefined: the operator's agent and default keys. */
    privateKeyFile: pulumi.Input<string | undefined>;
}

/** Reads the arguments `ssh` of a machine; a private key that is given as text is put where ssh finds it. */
export function operatorKeys(path: string, ssh: FusionVmArgs["ssh"], faults: Faults): OperatorKeys {
    const remembered = ssh?.authorizedKeys === undefined && ssh?.privateKeyFile === undefined;
    if (ssh?.privateKey === undefined) {
        return { authorized: authorizedKeys(path, ssh, faults), remembered, privateKeyFile: ssh?.privateKeyFile };
    }
    if (ssh.privateKeyFile !== undefined) {
        faults.add(`${path}.privateKey`, "is given beside privateKeyFile; give one of the two");
    }
    if (typeof ssh.privateKey === "string") {
        try {
            keepPrivateKey(ssh.privateKey);
        } catch (error) {
            faults.add(`${path}.privateKey`, messageOf(error));
            return { authorized: [], remembered: false, privateKeyFile: undefined };
        }
    }
    // Neither the path nor the public half tells anything about the key.
    const key = pulumi.unsecret(pulumi.output(ssh.privateKey).apply((text) => keep(path, text)));
    return {
        authorized:
            ssh.authorizedKeys === undefined
                ? key.apply(({ publicKey }) => [publicKey])
                : authorizedKeys(path, ssh, faults),
        remembered: false,
        privateKeyFile: key.apply(({ file }) => file),
    };
}

function keep(path: string, text: string): KeptKey {
    try {
        return keepPrivateKey(text);
    } catch (error) {
        const propertyPath = `${path}.privateKey`;
        throw new pulumi.InputPropertyError({ propertyPath, reason: `${propertyPath}: ${messageOf(error)}` });
    }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** The arguments as they may stand in the state: the key's text is nobody's to read there. */
export function withoutKey(args: FusionVmArgs): Omit<FusionVmArgs, "ssh"> & { ssh?: object } {
    if (args.ssh?.privateKey === undefined) {
        return args;
    }
    const { privateKey: _, ...ssh } = args.ssh;
    return { ...args, ssh };
}
