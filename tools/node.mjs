// Runs a TypeScript file of this repository on Node.js 22 or later: `node tools/node.mjs FILE [ARGUMENT...]`.
//
// Pulumi's Node.js SDK needs Node 22, and a Debian 12 machine may have less. Where the Node.js that npm uses is too old,
// the pinned one below is taken from npm into the cache outside the checkout; FUSION_NODE=24.21.0 takes exactly that one.
// Nothing here needs install scripts, which npm 11 no longer runs by itself.
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const PINNED = "22.23.3";
const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** The path of a Node.js of version 22 or later, or of exactly the version that is asked for. */
function suitableNode() {
    const asked = process.env.FUSION_NODE;
    const { node } = process.versions;
    if (asked === undefined ? Number(node.split(".")[0]) >= 22 : node === asked) {
        return process.execPath;
    }
    const version = asked ?? PINNED;
    const cache =
        process.env.FUSION_CACHE ??
        join(process.env.XDG_CACHE_HOME ?? join(process.env.HOME ?? homedir(), ".cache"), "pulumi-fusion");
    const name = `node-${process.platform}-${process.arch}`;
    const home = join(cache, `${name}-${version}`);
    const binary = join(home, "node_modules", name, "bin", "node");
    if (!existsSync(binary)) {
        const why = asked === undefined ? `Node.js ${node} is too old for Pulumi` : `Node.js ${asked} is asked for`;
        console.error(`${why}; getting ${version} from npm`);
        const partial = `${home}.${process.pid}`;
        mkdirSync(partial, { recursive: true });
        try {
            execFileSync(
                "npm",
                ["install", "--no-save", "--loglevel=error", "--prefix", partial, `${name}@${version}`],
                {
                    stdio: ["ignore", 2, 2],
                },
            );
            rmSync(home, { recursive: true, force: true });
            renameSync(partial, home);
        } catch (error) {
            rmSync(partial, { recursive: true, force: true });
            console.error(
                `Node.js ${version} could not be got from npm (${error.message}). Install Node.js 22 or later.`,
            );
            process.exit(1);
        }
    }
    return binary;
}

const [file, ...args] = process.argv.slice(2);
if (file === undefined) {
    console.error("usage: node tools/node.mjs FILE [ARGUMENT...]");
    process.exit(2);
}
const node = suitableNode();
const child = spawn(node, ["--require", join(root, "node_modules", "tsx", "dist", "cjs", "index.cjs"), file, ...args], {
    stdio: "inherit",
    env: {
        // Each program that Pulumi runs would compile a thousand files of the SDK again: a sixth of a preview's time.
        NODE_COMPILE_CACHE: join(root, "node_modules", ".cache", "compiled"),
        ...process.env,
        PATH: dirname(node) + delimiter + process.env.PATH,
    },
});
// The child shares the terminal, so it sees Ctrl-C itself; what is sent to this process alone is passed on.
process.on("SIGINT", () => {});
process.on("SIGTERM", () => child.kill("SIGTERM"));
child.on("exit", (code, signal) => process.exit(signal ? 128 + 15 : code));
