import { homedir } from "node:os";
import { join } from "node:path";

/** The folder of this checkout. */
export const projectDir = join(__dirname, "..");

/**
 * What is slow to make and safe to keep lives here, outside the checkout, so that all checkouts share it: the engine, the
 * guest images, Node.js itself. `FUSION_CACHE` overrides it.
 */
export const cacheDir =
    process.env.FUSION_CACHE ??
    join(process.env.XDG_CACHE_HOME ?? join(process.env.HOME ?? homedir(), ".cache"), "pulumi-fusion");
