import { DockerLab } from "../../tools/lab/docker-lab";
import { httpdImage } from "../../tools/lab/httpd-image";
import { pushImage } from "../../tools/lab/registry";
import { run } from "../../tools/run";

// A process of its own that has a Docker host with a container, for tests that kill it: `dockerLabUp.ts NAME DIR`. It says `up`.
const [name = "", dir = ""] = process.argv.slice(2);

async function main(): Promise<void> {
    const lab = await DockerLab.up(name, dir, 1);
    const image = await pushImage(lab.wrap, "httpd", await httpdImage());
    const [nsenter = "", ...wrap] = lab.hosts[0]?.wrap ?? [];
    await run(nsenter, [...wrap, "docker", "run", "--detach", image]);
    console.log("up");
    setInterval(() => {}, 60_000);
}

main().catch((error: unknown) => {
    console.error(error);
    process.exitCode = 1;
});
