/** What a farm of `hosts` machines runs: as many containers on each as there are services, told in `size.json`. */
const preamble = `
import { readFileSync } from "node:fs";
import * as fusion from "pulumi-fusion";

const { hosts, services, image } = JSON.parse(readFileSync("size.json", "utf8"));
const machines = Array.from({ length: hosts }, (_, h): fusion.ExistingHost => ({
    name: \`h\${h}\`, address: \`10.79.0.\${h + 1}\`, labels: { zone: \`z\${h % 5}\` },
    ssh: { user: "root", privateKeyFile: "~/.ssh/id_ed25519", hostKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBenchmark" },
}));
const args = {
    image, pull: "never" as const, replicas: hosts, ports: [{ container: 80 }], healthCheck: { http: {} },
    env: { LOG_LEVEL: "info", PORT: "80" }, resources: { limits: { memoryMiB: 128 } },
};
`;

/** The same services on a swarm of the machines. */
export const swarmProgram = `${preamble}
const farm = new fusion.FusionSwarm("farm", { hosts: machines });
for (let s = 0; s < services; s++) {
    const { pull, ...others } = args;
    new fusion.FusionContainerSet(\`s\${s}\`, { ...others, hosts: farm });
}
`;

/** The same services as containers of the plain engine on each machine. */
export const plainProgram = `${preamble}
for (let s = 0; s < services; s++) {
    new fusion.FusionContainerSet(\`s\${s}\`, { ...args, hosts: machines });
}
`;

/** The same containers in Terraform's language: a provider a machine, since it cannot loop over providers. */
export function terraformProgram({
    hosts,
    services,
    image,
}: {
    hosts: number;
    services: number;
    image: string;
}): string {
    const all = Array.from({ length: hosts }, (_, host) => host);
    const head = 'terraform {\n  required_providers {\n    docker = { source = "kreuzwerker/docker" }\n  }\n}\n';
    return head + all.map((host) => machineText(host, services, image)).join("");
}

function machineText(host: number, services: number, image: string): string {
    const containers = Array.from({ length: services }, (_, service) => containerText(host, service, image));
    return `
provider "docker" {
  alias                       = "h${host}"
  host                        = "ssh://root@10.79.0.${host + 1}"
  disable_docker_daemon_check = true
}

resource "docker_image" "h${host}" {
  provider     = docker.h${host}
  name         = "${image}"
  keep_locally = true
}
${containers.join("")}`;
}

function containerText(host: number, service: number, image: string): string {
    return `
resource "docker_container" "s${service}-h${host}" {
  provider   = docker.h${host}
  depends_on = [docker_image.h${host}]
  name       = "s${service}-${host}"
  image      = "${image}"
  memory     = 128
  restart    = "unless-stopped"
  env        = ["FUSION_HOST=h${host}", "FUSION_REPLICA=s${service}-${host}", "LOG_LEVEL=info", "PORT=80"]
  ports {
    internal = 80
    external = ${20_000 + 8 * service}
    ip       = "10.79.0.${host + 1}"
  }
  healthcheck {
    test     = ["CMD-SHELL", "wget -q -O /dev/null http://127.0.0.1:80/"]
    interval = "2s"
    timeout  = "2s"
    retries  = 3
  }
}
`;
}
