import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { OciImage } from "./httpd-image";
import { copyLibraries, put } from "./image-files";
import { type ImageConfig, writeOciLayout } from "./oci";

/** As the official `haproxy` image has them, but for what its start script does. */
const CONFIG: ImageConfig = {
    Env: ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
    WorkingDir: "/var/lib/haproxy",
    Entrypoint: ["docker-entrypoint.sh"],
    Cmd: ["haproxy", "-f", "/usr/local/etc/haproxy/haproxy.cfg"],
    User: "haproxy",
    ExposedPorts: {},
    StopSignal: "SIGUSR1",
};

/** An image of the machine's own HAProxy, without a shell, for machines that reach no registry. @param folder an empty one */
export async function haproxyImage(folder: string): Promise<OciImage> {
    const root = join(folder, "root");
    for (const name of ["etc", "var/lib/haproxy", "tmp"]) {
        await mkdir(join(root, name), { recursive: true });
    }
    await writeFile(join(root, "etc/passwd"), "root:x:0:0:root:/root:/bin/false\nhaproxy:x:99:99::/:/bin/false\n");
    await writeFile(join(root, "etc/group"), "root:x:0:\nhaproxy:x:99:\n");
    await copyLibraries("/", root, [await put("/usr/sbin/haproxy", join(root, "usr/local/sbin/haproxy"))]);
    const layout = join(folder, "layout");
    return { layout, digest: await writeOciLayout(root, layout, CONFIG) };
}
