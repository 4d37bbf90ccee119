// `node tools/node.mjs tools/review/record.ts [KIND...]`: previews of the real engine for tests of `fusion review`, written to
// tests/golden/review. Takes some minutes: three machines are started once, and asked about every kind of change.
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { Webfarm } from "../../tests/support/webfarm";
import { httpdImage } from "../lab/httpd-image";
import { writeVariant } from "../lab/oci";
import { pushImage } from "../lab/registry";
import { projectDir } from "../paths";
import { kinds } from "./kinds";
import { type ShopArgs, shopArgs, shopProgram } from "./shop";
import { trimPreview } from "./trim";

const folder = join(projectDir, "tests", "golden", "review");

async function main(names: readonly string[]): Promise<void> {
    const unknown = names.filter((name) => !Object.hasOwn(kinds, name));
    if (unknown.length > 0)
        throw new Error(`unknown kind: ${unknown.join(", ")}; there are ${Object.keys(kinds).join(", ")}`);
    mkdirSync(folder, { recursive: true });
    const farm = await Webfarm.create("review", shopProgram);
    try {
        await record(farm, names.length > 0 ? names : ["first", ...Object.keys(kinds)]);
    } finally {
        await farm.dispose();
    }
}

async function record({ lab, stack }: Webfarm, names: readonly string[]): Promise<void> {
    const set = (args: ShopArgs) => writeFileSync(join(stack.dir, "args.json"), JSON.stringify(args));
    const replaced = new Map([
        [stack.dir, "/project"],
        [lab.dir, "/lab"],
        [lab.poolPath, "/pool"],
        [lab.image.source, "https://images.example.org/debian-12.qcow2"],
        [lab.registry, "registry.example.org"],
        [lab.uri, "qemu:///system"],
        [lab.sshKey, "~/.ssh/id_ed25519"],
        [homedir(), "~"],
        ["127.0.0.1:1/", "registry.example.org/"],
    ]);
    const write = async (name: string, sames = true) => {
        const text = await stack.pulumi(["preview", "--json", ...(sames ? ["--show-sames"] : [])]);
        writeFileSync(join(folder, `${name}.json`), trimPreview(text, replaced));
        console.error(`recorded ${name}`);
    };
    const older = await variant(lab.wrap, lab.dir, "1f3a");
    set(shopArgs(older, lab.httpd));
    if (names.includes("first")) await write("first");
    const image = await variant(lab.wrap, lab.dir, "2b7c");
    // A rollback goes to the image of the deployment before.
    for (const one of names.includes("rollback") ? [older, image] : [image]) {
        set(shopArgs(one, lab.httpd));
        const { ok, text } = await stack.up();
        if (!ok) throw new Error(text);
        console.error("deployed");
    }
    const deployed = shopArgs(image, lab.httpd);
    for (const name of names) {
        const kind = kinds[name];
        if (kind === undefined) continue;
        set(kind(deployed));
        try {
            await write(name);
            if (name === "image") await write("image-without-sames", false);
        } catch (error) {
            console.error(`${name}: ${error instanceof Error ? error.message : String(error)}`);
            process.exitCode = 1;
        }
    }
}

/** The lab's web server under a digest of its own. */
async function variant(wrap: readonly string[], dir: string, tag: string): Promise<string> {
    const { layout: httpd } = await httpdImage();
    const layout = join(dir, "images", tag);
    rmSync(layout, { recursive: true, force: true });
    const page = `echo ${tag} > /usr/local/apache2/htdocs/index.html && exec httpd-foreground`;
    return pushImage(
        wrap,
        "web",
        { layout, digest: await writeVariant(httpd, layout, { Cmd: ["sh", "-c", page] }) },
        { tag },
    );
}

main(process.argv.slice(2)).catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
});
