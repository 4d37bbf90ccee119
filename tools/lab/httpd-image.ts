import { existsSync, readFileSync } from "node:fs";
import { chmod, copyFile, mkdir, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { cacheDir } from "../paths";
import { type Progress, step } from "../progress";
import { makeRoot } from "./debian-root";
import { copyLibraries, put } from "./image-files";
import { locked, shortHash } from "./lock";
import { type ImageConfig, writeOciLayout } from "./oci";

/** An image in a cache folder. */
export interface OciImage {
    /** Folder of an OCI layout. */
    layout: string;
    /** `sha256:...` of the manifest. */
    digest: string;
}

const PREFIX = "usr/local/apache2";
const HERE = join(__dirname, "httpd");

/** As the official `httpd` image has them, so that programs need not know which of the two they run. */
const CONFIG: ImageConfig = {
    Env: [`PATH=/${PREFIX}/bin:/usr/sbin:/usr/bin:/sbin:/bin`, `HTTPD_PREFIX=/${PREFIX}`],
    WorkingDir: `/${PREFIX}`,
    Cmd: ["httpd-foreground"],
    ExposedPorts: { "80/tcp": {} },
    StopSignal: "SIGWINCH",
};

const APPLETS =
    "[ basename cat chmod chown cp cut date dirname echo env expr false find grep head hostname id kill ln ls mkdir mktemp mv " +
    "nc printf ps pwd rm rmdir sed seq sleep sort stat tail tee test touch tr true uname wc wget which xargs";

/** A web server's image from Debian's apache2, for machines that reach no registry. Built once (about 15 s), then cached. */
export async function httpdImage(): Promise<OciImage> {
    const recipe = [
        __filename,
        join(__dirname, "image-files.ts"),
        join(__dirname, "oci.ts"),
        join(HERE, "httpd.conf"),
        join(HERE, "httpd-foreground"),
    ];
    const folder = join(
        cacheDir,
        `httpd-${shortHash(recipe.map((file) => readFileSync(file, "utf8")).join("\0"), 12)}`,
    );
    if (!existsSync(folder)) {
        await mkdir(cacheDir, { recursive: true });
        const say = () => console.error("  waiting for another process that builds the httpd image");
        await locked(`${cacheDir}/httpd`, say, async () => {
            if (!existsSync(folder)) {
                await step("building the httpd image", (progress) => build(folder, progress));
            }
        });
    }
    return { layout: join(folder, "layout"), digest: (await readFile(join(folder, "digest"), "utf8")).trim() };
}

async function build(folder: string, progress: Progress): Promise<void> {
    const partial = join(cacheDir, "httpd.partial");
    // The lock is held, so what is there was left by a build that was ended.
    await rm(partial, { recursive: true, force: true });
    const debian = join(partial, "debian");
    const root = join(partial, "root");
    await mkdir(partial, { recursive: true });
    const packages = ["apache2-bin", "busybox-static", "dash", "media-types"];
    await makeRoot(debian, { variant: "extract", packages }, partial, progress);
    progress.update("writing the image");
    await fillRoot(debian, root);
    const digest = await writeOciLayout(root, join(partial, "layout"), CONFIG);
    await writeFile(join(partial, "digest"), `${digest}\n`);
    await rm(debian, { recursive: true });
    await rm(root, { recursive: true });
    await rename(partial, folder);
}

async function fillRoot(debian: string, root: string): Promise<void> {
    const prefix = join(root, PREFIX);
    for (const name of ["bin", "conf", "conf/extra", "htdocs", "logs", "modules"]) {
        await mkdir(join(prefix, name), { recursive: true });
    }
    for (const name of ["bin", "dev", "etc/apache2", "proc", "sys", "tmp"]) {
        await mkdir(join(root, name), { recursive: true });
    }
    await chmod(join(root, "tmp"), 0o1777);
    const server = await put(join(debian, "usr/sbin/apache2"), join(prefix, "bin", "httpd"));
    const config = await readFile(join(HERE, "httpd.conf"), "utf8");
    const modules = [...config.matchAll(/^LoadModule \S+ modules\/(\S+)/gm)].map((match) => match[1] ?? "");
    for (const name of modules) {
        await put(join(debian, "usr/lib/apache2/modules", name), join(prefix, "modules", name));
    }
    await copyLibraries(debian, root, [server, ...modules.map((name) => join(prefix, "modules", name))]);

    await copyFile(join(HERE, "httpd.conf"), join(prefix, "conf", "httpd.conf"));
    // Where Debian's binary looks for it by itself.
    await symlink(`/${PREFIX}/conf/httpd.conf`, join(root, "etc/apache2/apache2.conf"));
    await copyFile(join(debian, "etc/mime.types"), join(prefix, "conf", "mime.types"));
    await put(join(HERE, "httpd-foreground"), join(prefix, "bin", "httpd-foreground"));
    await writeFile(join(prefix, "htdocs", "index.html"), "<html><body><h1>It works!</h1></body></html>\n");
    await writeFile(join(root, "etc/passwd"), "root:x:0:0:root:/root:/bin/sh\nwww-data:x:33:33::/var/www:/bin/false\n");
    await writeFile(join(root, "etc/group"), "root:x:0:\nwww-data:x:33:\n");
    // Busybox's own shell would take its own httpd before the one on the PATH.
    await copyLibraries(debian, root, [await put(join(debian, "bin/dash"), join(root, "bin/sh"))]);
    await put(join(debian, "bin/busybox"), join(root, "bin/busybox"));
    for (const applet of APPLETS.split(" ")) {
        await symlink("busybox", join(root, "bin", applet));
    }
}
