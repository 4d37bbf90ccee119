import { inkOn, OTHER } from "./colours";
import { count, meanShare, percent, type Scene, type SceneHost, type SceneService, sceneOf } from "./scene";
import type { PictureInput, PictureOptions } from "./types";

/** Mermaid refuses more than 500 edges; a reader refuses more than this. */
const MOST_EDGES = 120;

/**
 * The graph of services and hosts as Mermaid text, for a README. With many edges they go to groups of hosts.
 *
 * @returns a flowchart, the same for any order of the input, to be put between lines of ```` ```mermaid ```` and ```` ``` ````
 */
export function mermaidGraph(input: PictureInput, options: PictureOptions = {}): string {
    const scene = sceneOf(input, options);
    const edges = scene.hosts.reduce((sum, { runs }) => sum + runs.length, 0);
    const lines = edges <= MOST_EDGES ? byHost(scene) : byGroup(scene);
    return ["flowchart LR", ...scene.services.map(serviceNode), ...lines, ...styles(scene), ""].join("\n");
}

function serviceNode({ name, placed, missing }: SceneService, i: number): string {
    const lacking = missing > 0 ? `, ${missing} without a host` : "";
    return `    s${i}(["${quote(name)}<br/>${count(placed, "replica")}${lacking}"])`;
}

function byHost(scene: Scene): string[] {
    const index = new Map(scene.hosts.map((host, i) => [host, i]));
    const node = (host: SceneHost): string => `h${index.get(host)}["${quote(host.name)}${loads(scene, [host])}"]`;
    const nodes = scene.groups.flatMap((group, i) =>
        scene.groupBy === undefined
            ? group.hosts.map((host) => `    ${node(host)}`)
            : [
                  `    subgraph g${i}["${quote(groupName(scene, group.name))}"]`,
                  ...group.hosts.map((host) => `        ${node(host)}`),
                  "    end",
              ],
    );
    return [...nodes, ...scene.hosts.flatMap((host, i) => edgesTo(scene, [host], `h${i}`))];
}

function byGroup(scene: Scene): string[] {
    const nodes = scene.groups.map(({ name, hosts }, i) => {
        const what = `${quote(groupName(scene, name))}<br/>${count(hosts.length, "host")}`;
        return `    g${i}["${what}${loads(scene, hosts)}"]`;
    });
    return [...nodes, ...scene.groups.flatMap(({ hosts }, i) => edgesTo(scene, hosts, `g${i}`))];
}

function edgesTo(scene: Scene, hosts: readonly SceneHost[], id: string): string[] {
    return scene.services.flatMap((service, s) => {
        const runs = hosts.flatMap((host) => host.runs.filter((run) => run.service === service));
        const replicas = runs.reduce((sum, run) => sum + run.replicas.length, 0);
        return replicas === 0 ? [] : [`    s${s} ---|${replicas}| ${id}`];
    });
}

function styles(scene: Scene): string[] {
    return scene.services.map(
        ({ colour }, i) => `    style s${i} fill:${colour},color:${inkOn(colour)},stroke:${OTHER}`,
    );
}

function groupName(scene: Scene, name: string): string {
    return scene.groupBy === undefined ? "hosts" : `${scene.groupBy} ${name || "(none)"}`;
}

function loads(scene: Scene, hosts: readonly SceneHost[]): string {
    const told = scene.dimensions.map((dimension, i) => `${quote(dimension)} ${percent(meanShare(hosts, i))}`);
    return told.length === 0 ? "" : `<br/>${told.join(", ")}`;
}

/** All but the plainest characters by their numbers: Mermaid takes some as Markdown, HTML or its own language. */
function quote(text: string): string {
    return text.replace(/[^A-Za-z0-9 ._-]/gu, (char) => `#${char.codePointAt(0)};`);
}
