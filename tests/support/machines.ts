import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { EngineResult } from "./stack";
import { Webfarm } from "./webfarm";

/** What a program of {@link Machines} is told beside the lab's configuration. */
export interface MachinesArgs {
    /** Name to arguments beyond the usual ones; in the order of the program. */
    vms: Record<string, object>;
    /** Beyond the usual ones; undefined: no containers. */
    set?: object;
    /** Whether a balancer stands in front. */
    balancer?: boolean;
}

const program = `
import { readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import * as fusion from "pulumi-fusion";

const config = new pulumi.Config();
const { vms: machines, set, balancer } = JSON.parse(readFileSync("args.json", "utf8"));
const rack = new fusion.FusionHypervisor("rack", {
    uri: config.require("libvirtUri"), domainType: config.require("domainType") as "kvm",
    pool: { path: config.require("poolPath") },
});
const vms = Object.entries(machines).map(([name, more]) => new fusion.FusionVm(name, {
    hypervisor: rack,
    image: { source: config.require("imageSource"), sha256: config.require("imageSha256") },
    diskGiB: 3, memoryMiB: 1024, address: "10.77.0.1" + name.slice(2),
    ssh: { privateKeyFile: config.require("sshKey") },
    docker: { daemon: { "insecure-registries": [config.require("registry")] } },
    ...(more as object),
}));
const web = set && new fusion.FusionContainerSet("web", {
    hosts: vms, image: config.require("image"), replicas: vms.length, ports: [{ container: 80 }],
    healthCheck: { http: {} },
    command: ["sh", "-c", 'printf "<p>Served by container %s on %s.</p>" "$HOSTNAME" "$FUSION_HOST" ' +
        "> /usr/local/apache2/htdocs/index.html && exec httpd-foreground"],
    ...set,
});
const lb = balancer && new fusion.FusionBalancer("lb", {
    listen: 80, backends: [web], host: rack, directory: config.require("balancerDirectory"),
});
export const placement = web?.placement;
export const url = lb?.url;
`;

/** Virtual machines on a lab of their own, whose arguments a test changes from one deployment to the next. */
export class Machines {
    private constructor(readonly farm: Webfarm) {}

    static async create(lab: string, args: MachinesArgs): Promise<Machines> {
        const machines = new Machines(await Webfarm.create(lab, program));
        machines.set(args);
        return machines;
    }

    set(args: MachinesArgs): void {
        writeFileSync(join(this.farm.stack.dir, "args.json"), JSON.stringify(args));
    }

    /** Runs `up` with the arguments; throws with all that the engine said when it fails. */
    async up(args?: MachinesArgs): Promise<EngineResult> {
        if (args !== undefined) this.set(args);
        const result = await this.farm.stack.up();
        if (!result.ok) throw new Error(result.text);
        return result;
    }
}

/** The steps that change something, as `op name`, in the order in which they were done. */
export const changes = ({ steps }: EngineResult): string[] =>
    steps.filter(({ op }) => op !== "same" && op !== "read").map(({ op, name }) => `${op} ${name}`);
