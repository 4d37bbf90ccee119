// `node tools/node.mjs tools/review/record.ts [--check] [KIND...]`: previews of the real engine for tests of `fusion review`, written to
// tests/golden/review; with `--check` nothing is written. Takes some minutes: three machines are started once, and asked about every kind of
// change. The policy pack is asked too, and must refuse what the review stops.
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { summarisePreview } from "../../lib";
import { ownPack, wordsOfPack, wordsOfReview } from "../../tests/support/policyWords";
import type { TestStack } from "../../tests/support/stack";
import { Webfarm } from "../../tests/support/webfarm";
import { httpdImage } from "../lab/httpd-image";
import { writeVariant } from "../lab/oci";
import { pushImage } from "../lab/registry";
import { projectDir } from "../paths";
import { kinds } from "./kinds";
import { type ShopArgs, shopArgs, shopProgram } from "./shop";
import { trimPreview } from "./trim";

const folder = join(projectDir, "tests", "golden", "review");

async function main(given: readonly string[]): Promise<void> {
    const names = given.filter((name) => name !== "--check");
    const known = ["first", ...Object.keys(kinds)];
    const unknown = names.filter((name) => !known.includes(name));
    if (unknown.length > 0) throw new Error(`unknown kind: ${unknown.join(", ")}; there are ${known.join(", ")}`);
    mkdirSync(folder, { recursive: true });
    const farm = await Webfarm.create("review", shopProgram);
    try {
        const keep = !given.includes("--check");
        await record(farm, names.length > 0 ? names : known, keep);
    } finally {
        await farm.dispose();
    }
}

async function record({ lab, stack }: Webfarm, names: readonly string[], keep: boolean): Promise<void> {
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
        if (keep) writeFileSync(join(folder, `${name}.json`), trimPreview(text, replaced));
        if (sames) await askPack(stack, text);
        console.error(`${keep ? "recorded" : "checked"} ${name}`);
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

/** The policy pack, which hears of the same change, refuses it with the same words. @throws Error with both */
async function askPack(stack: TestStack, preview: string): Promise<void> {
    for (const rules of [{}, { leastServing: 100, mostMachinesReplaced: 0, mostLoadPercent: 1 }]) {
        const wanted = wordsOfReview(summarisePreview(JSON.parse(preview), rules).stops);
        const { ok, text } = await stack.preview(...ownPack(stack.dir, rules));
        const told = wordsOfPack(text);
        if (ok === (wanted.length === 0) && told.join("\n") === wanted.join("\n")) continue;
        throw new Error(`the review stops:\n${wanted.join("\n")}\nand the policy pack:\n${told.join("\n")}\n${text}`);
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
