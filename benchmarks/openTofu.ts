import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildPrograms } from "../tools/engine/goBuild";
import { recipes } from "../tools/engine/recipe";

/** A program and what its environment must have. */
export interface OpenTofu {
    program: string;
    env: NodeJS.ProcessEnv;
}

/**
 * OpenTofu with docker's provider, the one that `@pulumi/docker` wraps; built from Go modules at the first call on a machine. Terraform
 * itself cannot be built so: its module leaves parts of itself out.
 *
 * @param folder is made, with the text as its `main.tf`
 */
export async function ensureOpenTofu(folder: string, text: string): Promise<OpenTofu> {
    const [tofu = "", docker = ""] = await buildPrograms([recipes.openTofu, recipes.dockerTerraform]);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "main.tf"), text);
    const config = join(folder, "tofu.rc");
    // No registry is asked, and nothing has to be initialised.
    writeFileSync(
        config,
        `provider_installation {\n  dev_overrides {\n    "kreuzwerker/docker" = "${docker}"\n  }\n  direct {}\n}\n`,
    );
    return { program: join(tofu, "tofu"), env: { TF_CLI_CONFIG_FILE: config } };
}
