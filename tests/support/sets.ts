import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { DockerHosts, type DockerHostsOptions } from "./dockerHosts";
import type { EngineResult } from "./stack";

/** What a program of {@link Sets} is told: a set's arguments by its name, and before which of them a balancer stands. */
export interface SetsArgs {
    sets: Record<string, object>;
    /** The set behind it. */
    balanced?: string;
    /** More arguments of that balancer. */
    balancer?: object;
    /** Which hosts there are. @default all */
    hosts?: readonly string[];
}

const program = `
import { readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import * as fusion from "pulumi-fusion";

const config = new pulumi.Config();
const { sets, balanced, balancer, hosts: names } = JSON.parse(readFileSync("args.json", "utf8"));
const all = config.requireObject<fusion.ExistingHost[]>("hosts");
const hosts = names === undefined ? all : all.filter(({ name }) => names.includes(name));
const made = Object.entries<any>(sets).map(([name, args]) => new fusion.FusionContainerSet(name, {
    hosts, ports: [{ container: 80 }], healthCheck: { http: {} }, ...args,
}));
const front = made[Object.keys(sets).indexOf(balanced)];
if (front !== undefined) {
    const directory = config.require("balancerDirectory");
    new fusion.FusionBalancer("lb", { listen: 80, backends: [front], directory, ...balancer });
}
export const placements = pulumi.all(made.map(({ placement }) => placement));
`;

/** Container sets on Docker hosts, whose arguments a test changes from one deployment to the next. */
export class Sets {
    private constructor(readonly farm: DockerHosts) {}

    static async create(name: string, options: Omit<DockerHostsOptions, "program"> = {}): Promise<Sets> {
        return new Sets(await DockerHosts.create(name, { ...options, program }));
    }

    set(args: SetsArgs): void {
        writeFileSync(join(this.farm.stack.dir, "args.json"), JSON.stringify(args));
    }

    /** Runs `up` with the arguments; throws with all that the engine said when it fails. */
    async up(args: SetsArgs, ...more: string[]): Promise<EngineResult> {
        this.set(args);
        const result = await this.farm.stack.up(...more);
        if (!result.ok) throw new Error(result.text);
        return result;
    }

    preview(args: SetsArgs): Promise<EngineResult> {
        this.set(args);
        return this.farm.stack.preview();
    }

    /** The names of a host's running containers, sorted. */
    async running(host: string): Promise<string[]> {
        return (await this.farm.docker(host, "ps", "--format", "{{.Names}}")).split("\n").filter(Boolean).sort();
    }
}

/** The steps that changed something, in the order in which they were done, as `op type name`. */
export const done = ({ done: steps }: EngineResult): string[] =>
    steps.filter(({ op }) => op !== "same").map(({ op, type, name }) => `${op} ${type.split(":").at(-1)} ${name}`);
