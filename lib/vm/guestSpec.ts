import type * as pulumi from "@pulumi/pulumi";
import type { Faults } from "../faults";
import { checkCloudInit } from "./cloudInit/mergeCloudInit";
import { type DockerArgs, type DockerSpec, dockerDaemon, dockerSpec } from "./dockerSpec";
import { checkCommand, checkFile, checkPackage, checkSysctl, checkTimezone, checkUsers } from "./guestChecks";
import { type ProxyArgs, type ProxySpec, proxySpec } from "./proxySpec";

/** What is to be in a machine's system. cloud-init does it once: a change makes the machine anew. */
export interface GuestArgs {
    /** Further users, who log in by key only. @default [] */
    users?: {
        /** Login name. */
        name: string;
        /** Public keys that may log in. @default [] */
        authorizedKeys?: string[];
        /** Groups, made where they are missing. @default [] */
        groups?: string[];
        /** Whether the user may do everything by sudo, without a password. @default false */
        sudo?: boolean;
        /** Absolute path of the shell. @default "/bin/bash" */
        shell?: string;
    }[];
    /** Name of the time zone: `"Europe/Berlin"`. @default the image's */
    timezone?: string;
    /** Packages of the distribution to install, `"NAME"` or `"NAME=VERSION"`. @default [] */
    packages?: string[];
    /** Files to write, those of root before any service starts, those of other owners before `commands`. @default [] */
    files?: {
        /** Absolute path; folders above it are made. */
        path: string;
        /** The text. A secret stays one up to the machine's seed. */
        content: pulumi.Input<string>;
        /** Octal digits. @default "0644" */
        permissions?: string;
        /** `"USER"` or `"USER:GROUP"`. @default "root:root" */
        owner?: string;
    }[];
    /** Run by root once, after all else but `cloudInit.runcmd`: a text by `sh -eu`, a list as a program and its words. One that fails ends the rest. @default [] */
    commands?: (string | string[])[];
    /** Kernel parameters: `{ "vm.max_map_count": 262144 }`. @default {} */
    sysctl?: Record<string, string | number>;
    /** Proxy for packages, Docker and logins. */
    proxy?: ProxyArgs;
    /** Docker in the machine. */
    docker?: DockerArgs;
    /** cloud-config of your own: lists go behind the library's, objects are merged, of single values yours count. @default {} */
    cloudInit?: Record<string, unknown>;
}

/** What is to be in a machine's system, as validated plain values. */
export interface GuestSpec<Text = string> {
    users: readonly GuestUser[];
    timezone?: string;
    packages: readonly string[];
    files: readonly GuestFile<Text>[];
    commands: readonly (string | readonly string[])[];
    sysctl: Readonly<Record<string, string | number>>;
    proxy?: ProxySpec;
    docker: DockerSpec;
    /** Contents of `/etc/docker/daemon.json`. */
    dockerDaemon?: Readonly<Record<string, unknown>>;
    cloudInit: Readonly<Record<string, unknown>>;
}

export interface GuestUser {
    name: string;
    authorizedKeys: readonly string[];
    groups: readonly string[];
    sudo: boolean;
    shell: string;
}

export interface GuestFile<Text = string> {
    path: string;
    content: Text;
    permissions: string;
    owner: string;
}

/**
 * Checks the arguments; what is wrong goes to `faults`, with paths from the component's name on.
 *
 * @param own the user that the library makes, whose name no other may have, and the machine's own address
 */
export function guestSpec(
    name: string,
    args: GuestArgs,
    own: { user: string; address: string },
    faults: Faults,
): GuestSpec<pulumi.Input<string>> {
    const { timezone, packages = [], files = [], commands = [], sysctl = {}, proxy, cloudInit = {} } = args;
    if (timezone !== undefined) {
        checkTimezone(`${name}.timezone`, timezone, faults);
    }
    for (const [index, one] of packages.entries()) {
        checkPackage(`${name}.packages[${index}]`, one, faults);
    }
    for (const [index, file] of files.entries()) {
        checkFile(`${name}.files[${index}]`, file, files.slice(0, index), faults);
    }
    for (const [index, command] of commands.entries()) {
        checkCommand(`${name}.commands[${index}]`, command, faults);
    }
    checkSysctl(`${name}.sysctl`, sysctl, faults);
    checkCloudInit(`${name}.cloudInit`, cloudInit, faults);
    const daemon = dockerDaemon(args.docker);
    return {
        users: checkUsers(`${name}.users`, args.users ?? [], own.user, faults),
        ...(timezone !== undefined && { timezone }),
        packages,
        files: files.map(({ path, content, permissions = "0644", owner = "root:root" }) => ({
            path,
            content,
            permissions,
            owner,
        })),
        commands,
        sysctl,
        ...(proxy !== undefined && { proxy: proxySpec(`${name}.proxy`, proxy, own.address, faults) }),
        docker: dockerSpec(`${name}.docker`, args.docker, faults),
        ...(daemon !== undefined && { dockerDaemon: daemon }),
        cloudInit,
    };
}
