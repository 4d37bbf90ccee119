import { chmodSync, copyFileSync, existsSync, linkSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { buildPrograms, engineCache } from "./goBuild";
import { digest, recipes } from "./recipe";
import { bundleStandIns, keepFirst } from "./standIns";
import { versions } from "./versions";

/** A folder of programs for the PATH, and a PULUMI_HOME with the plugins. */
export interface BuiltHome {
    bin: string;
    home: string;
}

// libvirt's Terraform provider, where the generic provider finds it without asking any network.
const LIBVIRT = join("dynamic_tf_plugins", "registry.opentofu.org", "dmacvicar", "libvirt", versions.libvirt);

/**
 * Builds the plugins, and Pulumi itself when asked, and puts them together as Pulumi expects them.
 *
 * @param withCli whether Pulumi and its language host are needed; an installed Pulumi brings both
 */
export async function ensureBuilt(withCli: boolean): Promise<BuiltHome> {
    const programs = [recipes.terraformProvider, recipes.libvirt, recipes.docker, ...(withCli ? [recipes.cli] : [])];
    const folders = await buildPrograms(programs);
    const standIns = await bundleStandIns();
    const root = join(engineCache, `home-${digest(...folders, standIns)}`);
    if (!existsSync(root)) {
        const partial = `${root}.${process.pid}`;
        const [terraformProvider = "", libvirt = "", docker = "", cli] = folders;
        const plugins = join(partial, "home", "plugins");
        place(terraformProvider, join(plugins, `resource-terraform-provider-v${versions.terraformProvider}`));
        place(docker, join(plugins, `resource-docker-v${versions.docker}`));
        place(libvirt, join(partial, "home", LIBVIRT, goPlatform()));
        wrap(
            join(standIns, "command-provider.js"),
            join(plugins, `resource-command-v${versions.command}`, "pulumi-resource-command"),
        );
        mkdirSync(join(partial, "bin"), { recursive: true });
        if (cli) {
            place(cli, join(partial, "bin"));
            wrap(join(standIns, "language-host.js"), join(partial, "bin", "pulumi-language-nodejs"));
        }
        keepFirst(partial, root);
    }
    return { bin: join(root, "bin"), home: join(root, "home") };
}

const goPlatform = (): string => `${process.platform}_${process.arch === "x64" ? "amd64" : process.arch}`;

/** Links the files of a folder of the cache into another: Pulumi does not look into folders that are links. */
function place(from: string, to: string): void {
    mkdirSync(to, { recursive: true });
    for (const name of readdirSync(from)) {
        try {
            linkSync(join(from, name), join(to, name));
        } catch {
            copyFileSync(join(from, name), join(to, name));
        }
    }
}

/** Writes a program that runs a bundle with the Node.js of the engine's PATH. */
function wrap(bundle: string, program: string): void {
    mkdirSync(join(program, ".."), { recursive: true });
    writeFileSync(program, `#!/bin/sh\n# ${basename(bundle)}, a stand-in\nexec node '${bundle}' "$@"\n`);
    chmodSync(program, 0o755);
}
