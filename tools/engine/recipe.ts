import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { versions } from "./versions";

/** How one program is built from Go modules. */
export interface Recipe {
    name: string;
    /** The folder of its go.mod, below `tools/engine/go`. */
    module: "plugins" | "libvirt" | "opentofu";
    package: string;
    /** The file name of the program. */
    program: string;
    /** Variables that the linker sets. */
    variables?: Record<string, string>;
    /** Another package, whose output is kept beside the program. */
    generate?: { package: string; file: string };
    /** Shown to the person who waits: about how long it takes on 2 cores with nothing cached, in minutes. */
    minutes: number;
}

const DOCKER = "github.com/terraform-providers/terraform-provider-docker/fusion/docker/info";

export const recipes = {
    cli: {
        name: "pulumi",
        module: "plugins",
        package: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
        program: "pulumi",
        variables: { "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version": `v${versions.pulumi}` },
        minutes: 5,
    },
    docker: {
        name: "docker",
        module: "plugins",
        package: "./docker",
        program: "pulumi-resource-docker",
        variables: { [`${DOCKER}.Version`]: versions.docker },
        generate: { package: "./docker/schema", file: "schema.json" },
        minutes: 3,
    },
    terraformProvider: {
        name: "terraform-provider",
        module: "plugins",
        package: "github.com/pulumi/pulumi-terraform-bridge/v3/dynamic",
        program: "pulumi-resource-terraform-provider",
        variables: {
            // Two Terraform protocols register protobuf files of the same names.
            "google.golang.org/protobuf/reflect/protoregistry.conflictPolicy": "ignore",
            "github.com/pulumi/pulumi-terraform-bridge/v3/dynamic/version.version": `v${versions.terraformProvider}`,
        },
        minutes: 3,
    },
    libvirt: {
        name: "libvirt",
        module: "libvirt",
        package: "github.com/dmacvicar/terraform-provider-libvirt",
        program: "terraform-provider-libvirt",
        minutes: 1,
    },
    // For benchmarks: what the library is compared with.
    openTofu: {
        name: "opentofu",
        module: "opentofu",
        package: "github.com/opentofu/opentofu/cmd/tofu",
        program: "tofu",
        minutes: 5,
    },
    dockerTerraform: {
        name: "docker-terraform",
        module: "plugins",
        package: "github.com/terraform-providers/terraform-provider-docker",
        program: "terraform-provider-docker",
        minutes: 2,
    },
    sdkWriter: {
        name: "sdk-writer",
        module: "plugins",
        package: "./sdk",
        program: "write-sdk",
        minutes: 1,
    },
} satisfies Record<string, Recipe>;

/** The linker flags of a recipe: no symbol tables, which halves the size, and its variables. */
export const linkerFlags = (recipe: Recipe): string =>
    ["-s", "-w", ...Object.entries(recipe.variables ?? {}).map(([name, value]) => `-X ${name}=${value}`)].join(" ");

/** A short text that is another one as soon as anything of what goes in is. */
export const digest = (...parts: readonly string[]): string =>
    createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 16);

/** The key of a program in the cache: its recipe, the versions in its go.mod and the sources that are ours. */
export function recipeKey(recipe: Recipe, goDir: string, platform = `${process.platform}-${process.arch}`): string {
    const { minutes: _, ...relevant } = recipe;
    return digest(platform, JSON.stringify(relevant), ...sources(join(goDir, recipe.module), recipe));
}

function sources(module: string, recipe: Recipe): string[] {
    // A program of ours is read from its own folder: another one's change does not build it again.
    const own = recipe.package.startsWith("./") ? readdirSync(join(module, recipe.package), { recursive: true }) : [];
    const files = own.map(String).filter((file) => file.endsWith(".go"));
    return ["go.mod", "go.sum", ...files.sort().map((file) => join(recipe.package, file))].flatMap((file) => [
        file,
        readFileSync(join(module, file), "utf8"),
    ]);
}
