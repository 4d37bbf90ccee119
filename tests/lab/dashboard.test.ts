import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { renderHaproxyConfig } from "../../lib/balancer/renderHaproxyConfig";
import { projectDir } from "../../tools/paths";
import { BalancerBench } from "../support/balancerBench";
import { needPrograms } from "../support/programs";

interface Panel {
    id: number;
    title: string;
    gridPos: { x: number; y: number; w: number; h: number };
    targets?: { refId: string; expr: string; legendFormat: string }[];
}

interface Variable {
    name: string;
    definition?: string;
}

/** A query, and the labels that words beside it name. */
interface Query {
    text: string;
    shown: string[];
}

const file = join(projectDir, "docs", "grafana-dashboard.json");
const dashboard: {
    panels: Panel[];
    templating: { list: Variable[] };
    annotations: { list: { expr?: string; titleFormat?: string }[] };
} = JSON.parse(readFileSync(file, "utf8"));

/** What Prometheus adds to all that it gets. */
const SCRAPED = ["job", "instance"];
const shownIn = (text = ""): string[] => [...text.matchAll(/\{\{(\w+)\}\}/g)].map(([, label = ""]) => label);

const queries: Query[] = [
    ...dashboard.panels.flatMap(({ targets = [] }) =>
        targets.map(({ expr, legendFormat }) => ({ text: expr, shown: shownIn(legendFormat) })),
    ),
    ...dashboard.annotations.list.flatMap(({ expr, titleFormat }) =>
        expr === undefined ? [] : [{ text: expr, shown: shownIn(titleFormat) }],
    ),
    ...dashboard.templating.list.flatMap(({ definition }) =>
        definition === undefined
            ? []
            : [{ text: definition, shown: [/, (\w+)\)$/.exec(definition)?.[1] ?? "no label"] }],
    ),
];

describe("the Grafana dashboard", () => {
    const bench = new BalancerBench();
    /** By metric, the values of each of its labels. */
    const exported = new Map<string, Map<string, Set<string>>>();

    before(async () => {
        await needPrograms("haproxy", "socat", "curl", "ip");
        await bench.open();
        await bench.serve(20000, 20001);
        const servers = [20000, 20001].map((port) => ({ name: `web-${port}`, address: "127.0.0.1", port }));
        const { code, stderr } = await bench.deploy(
            renderHaproxyConfig({
                socket: `${bench.directory}/admin.sock`,
                frontends: [{ name: "lb", bind: ["127.0.0.1:8080"], defaultBackend: "web" }],
                backends: [{ name: "web", healthCheck: { http: { path: "/" } }, servers }],
                metrics: "127.0.0.1:8405",
            }),
        );
        assert.equal(code, 0, stderr);
        await bench.ask(2);
        const { stdout } = await bench.inside(["curl", "-sS", "http://127.0.0.1:8405/metrics"]);
        for (const [, metric = "", labels = ""] of stdout.matchAll(/^(haproxy_\w+)(?:\{(.*)\})? \S+$/gm)) {
            const known = exported.get(metric) ?? new Map<string, Set<string>>();
            exported.set(metric, known);
            for (const [, label = "", value = ""] of labels.matchAll(/(\w+)="([^"]*)"/g)) {
                known.set(label, (known.get(label) ?? new Set()).add(value));
            }
        }
    });
    after(() => bench.close());

    it("asks for what the real HAProxy exports alone, by labels and values that it has", () => {
        assert.ok(queries.length > 40, `only ${queries.length} queries`);
        for (const { text, shown } of queries) {
            const selectors = [...text.matchAll(/(haproxy_\w+)(?:\{([^}]*)\})?/g)];
            assert.ok(selectors.length > 0, text);
            const grouped = [...text.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, list = ""]) => list.split(", "));
            for (const [, metric = "", matchers = ""] of selectors) {
                const labels = exported.get(metric);
                assert.ok(labels !== undefined, `${metric} is not exported: ${text}`);
                for (const label of [...grouped, ...shown]) {
                    assert.ok(SCRAPED.includes(label) || labels.has(label), `${metric} has no ${label}: ${text}`);
                }
                for (const [, label = "", how = "", value = ""] of matchers.matchAll(/(\w+)(=~|!=|=)"([^"]*)"/g)) {
                    const values = labels.get(label);
                    assert.ok(SCRAPED.includes(label) || values !== undefined, `${metric} has no ${label}: ${text}`);
                    const isThere = value.startsWith("$") || values?.has(value);
                    assert.ok(isThere, `${metric} has no ${label}${how}"${value}": ${text}`);
                }
            }
        }
    });

    it("shows what its queries keep, and uses the variables that it has", () => {
        const names = new Set(dashboard.templating.list.map(({ name }) => name));
        for (const { text, shown } of queries) {
            for (const [, name = ""] of text.matchAll(/\$(\w+)/g)) {
                assert.ok(name === "__rate_interval" || names.has(name), `$${name}: ${text}`);
            }
            if (/^(sum|max|min|avg)\b/.test(text)) {
                const kept = /^\w+ by \(([^)]*)\)/.exec(text)?.[1]?.split(", ") ?? [];
                assert.deepEqual(
                    shown.filter((label) => !kept.includes(label)),
                    [],
                    text,
                );
            }
        }
    });

    it("has panels of their own ids that lie side by side", () => {
        const { panels } = dashboard;
        assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length);
        const taken = new Map<string, string>();
        for (const { title, gridPos, targets = [] } of panels) {
            const { x, y, w, h } = gridPos;
            assert.ok(x >= 0 && w > 0 && h > 0 && x + w <= 24, title);
            assert.equal(new Set(targets.map(({ refId }) => refId)).size, targets.length, title);
            for (let cell = 0; cell < w * h; cell++) {
                const at = `${x + (cell % w)} ${y + Math.floor(cell / w)}`;
                assert.equal(taken.get(at), undefined, `${title} lies on ${taken.get(at)}`);
                taken.set(at, title);
            }
        }
    });

    it("is in the package", () => {
        const { files, exports } = JSON.parse(readFileSync(join(projectDir, "package.json"), "utf8"));
        assert.ok(files.includes("docs/grafana-dashboard.json"));
        assert.equal(exports["./grafana-dashboard.json"], "./docs/grafana-dashboard.json");
    });
});
