import type { HaproxyBind, HaproxyClients, HaproxyFrontend, HaproxyRoute, HaproxySpec } from "./haproxySpec";
import { orderLines } from "./orderLines";
import { acmeLines, rejectLines } from "./renderAcme";

/** The lines of a frontend's section. @param whole what is so in the whole configuration */
export function frontendLines(
    frontend: HaproxyFrontend,
    whole: Pick<HaproxySpec, "acmeChallenges" | "nonlocalBinds"> = {},
): string[] {
    const { mode = "http", maxConnections, defaultBackend, lines = [] } = frontend;
    const acme = whole.acmeChallenges !== undefined && mode === "http";
    return orderLines([
        ...bindLines(frontend, whole),
        ...(acme ? acmeLines : []),
        ...(mode === "tcp" ? ["mode tcp", "no option idle-close-on-response"] : []),
        ...(maxConnections === undefined ? [] : [`maxconn ${maxConnections}`]),
        ...clientLines(frontend.clients ?? {}, mode, acme),
        ...(mode === "http" ? headerLines(frontend) : []),
        ...lines,
        ...routeLines(frontend.routes ?? []),
        ...(defaultBackend === undefined ? [] : [`default_backend ${defaultBackend}`]),
    ]);
}

export const bindOf = (bind: string | HaproxyBind): HaproxyBind =>
    typeof bind === "string" ? { address: bind } : bind;

/** What lets HAProxy listen on an address that the machine has not; every machine has `*`. */
export const nonlocal = (address: string, { nonlocalBinds = false }: Pick<HaproxySpec, "nonlocalBinds">): string =>
    nonlocalBinds && !address.startsWith("*:") ? " transparent" : "";

function bindLines(
    { bind, mode, certificates = [] }: HaproxyFrontend,
    whole: Pick<HaproxySpec, "nonlocalBinds">,
): string[] {
    const files = certificates.map((file) => ` crt ${file}`).join("");
    // What is said within TLS in mode tcp, the server says.
    const tls = ` ssl${files}${mode === "tcp" ? "" : " alpn h2,http/1.1"}`;
    return bind
        .map(bindOf)
        .sort((a, b) => (a.address < b.address ? -1 : 1))
        .map(({ address, tls: speaks }) => `bind ${address}${speaks ? tls : ""}${nonlocal(address, whole)}`);
}

/** Who may come in. The client's address is known before all else, also where a proxy in front tells it. */
function clientLines(
    { proxies = [], allow, deny = [], rate }: HaproxyClients,
    mode: "http" | "tcp",
    acme: boolean,
): string[] {
    const lines: string[] = [];
    const reject = acme ? rejectLines : (condition: string) => [`tcp-request session reject ${condition}`];
    if (proxies.length > 0) {
        lines.push(...networks("fusion-proxies", proxies));
        lines.push("tcp-request connection expect-proxy layer4 if fusion-proxies");
    }
    if (deny.length > 0) {
        lines.push(...networks("fusion-denied", deny), ...reject("if fusion-denied"));
    }
    if (allow !== undefined) {
        lines.push(...networks("fusion-allowed", allow), ...reject("unless fusion-allowed"));
    }
    if (rate !== undefined) {
        const { requests, seconds = 10 } = rate;
        const counter = mode === "http" ? "http_req_rate" : "conn_rate";
        // An IPv6 key holds IPv4 addresses too.
        lines.push(`stick-table type ipv6 size 100k expire ${seconds}s store ${counter}(${seconds}s)`);
        lines.push(
            ...(mode === "http"
                ? [
                      "http-request track-sc0 src",
                      `http-request deny deny_status 429 if { sc_http_req_rate(0) gt ${requests} }`,
                  ]
                : [
                      "tcp-request session track-sc0 src",
                      `tcp-request session reject if { sc_conn_rate(0) gt ${requests} }`,
                  ]),
        );
    }
    return lines;
}

/** A line of HAProxy's has room for 64 words. */
const WORDS = 40;

/** The ACL that a client's address is in one of some networks. */
function networks(name: string, list: readonly string[]): string[] {
    const all = [...new Set(list)].sort();
    const count = Math.max(1, Math.ceil(all.length / WORDS));
    return Array.from({ length: count }, (_, part) => {
        const words = all.slice(part * WORDS, (part + 1) * WORDS);
        return ["acl", name, "src", ...words].join(" ");
    });
}

/** What the servers, and browsers, are told. What a client says of itself is not passed on. */
function headerLines({ bind, redirectToTls, hstsSeconds }: HaproxyFrontend): string[] {
    const binds = bind.map(bindOf);
    const some = binds.some(({ tls }) => tls);
    const all = binds.every(({ tls }) => tls);
    const scheme = "http-request set-header X-Forwarded-Proto";
    const lines = ["http-request set-header X-Forwarded-For %[src]"];
    lines.push(
        ...(all
            ? [`${scheme} https`]
            : some
              ? [`${scheme} https if { ssl_fc }`, `${scheme} http if !{ ssl_fc }`]
              : [`${scheme} http`]),
    );
    if (redirectToTls !== undefined) {
        const port = redirectToTls === 443 ? "" : `:${redirectToTls}`;
        lines.push(
            `http-request redirect code 301 location https://%[req.hdr(host),host_only]${port}%[pathq] if !{ ssl_fc }`,
        );
    }
    if (hstsSeconds !== undefined && some) {
        lines.push(
            `http-response set-header Strict-Transport-Security max-age=${hstsSeconds}${all ? "" : " if { ssl_fc }"}`,
        );
    }
    return lines;
}

/** Which backend gets which requests. Routes of the same conditions with shares divide what they take. */
function routeLines(routes: readonly HaproxyRoute[]): string[] {
    const taken = new Map<string, number>();
    return routes
        .flatMap(byPath)
        .sort(bySaying)
        .map((route) => {
            const conditions = conditionsOf(route);
            const key = conditions.join(" ");
            const before = taken.get(key) ?? 0;
            taken.set(key, before + (route.share ?? 0));
            // Of what those before have left.
            const share =
                route.share === undefined
                    ? []
                    : [`{ rand(10000) lt ${Math.round((route.share * 10_000) / (100 - before))} }`];
            const all = [...conditions, ...share];
            return `use_backend ${route.backend}${all.length > 0 ? ` if ${all.join(" ")}` : ""}`;
        });
}

/** A route of several paths is one for each, so that the longer path comes first, whoever has it; shares are drawn once. */
const byPath = (route: HaproxyRoute): HaproxyRoute[] =>
    route.share === undefined && route.paths !== undefined
        ? route.paths.map((path) => ({ ...route, paths: [path] }))
        : [route];

/** Says whether a route is asked before another: that of more headers, then of hosts, then of longer paths; those with a share first. */
function bySaying(a: HaproxyRoute, b: HaproxyRoute): number {
    const rank = ({ headers = {}, hosts = [], paths = [], share }: HaproxyRoute) => [
        Object.keys(headers).length,
        hosts.length === 0 ? 0 : hosts.some((host) => host.startsWith("*")) ? 1 : 2,
        Math.max(0, ...paths.map((path) => path.length)),
        share === undefined ? 0 : 1,
    ];
    const [of, other] = [rank(a), rank(b)];
    const differs = of.findIndex((value, index) => value !== other[index]);
    if (differs >= 0) {
        return (other[differs] ?? 0) - (of[differs] ?? 0);
    }
    const [text, otherText] = [a, b].map((route) => `${conditionsOf(route).join(" ")} ${route.backend}`);
    return (text ?? "") < (otherText ?? "") ? -1 : 1;
}

function conditionsOf({ hosts = [], paths = [], headers = {} }: HaproxyRoute): string[] {
    const conditions = Object.entries(headers)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, value]) => `{ req.fhdr(${name}) -m str -- '${value}' }`);
    if (hosts.length > 0) {
        const names = alternatives(
            hosts.map((host) => host.toLowerCase()),
            (host) => literal(host).replace(/^\*/, "[^.]+"),
        );
        conditions.push(`{ req.hdr(host),host_only,lower -m reg '^${names}$' }`);
    }
    // "/" is the beginning of every path.
    if (paths.length > 0 && !paths.includes("/")) {
        conditions.push(`{ path -m reg '^${alternatives(paths, (path) => literal(path.replace(/\/$/, "")))}(/|$)' }`);
    }
    return conditions;
}

const alternatives = (words: readonly string[], pattern: (word: string) => string): string =>
    `(${[...new Set(words)].sort().map(pattern).join("|")})`;

/** A word as a regular expression; of what hosts and paths may have, these alone mean something there. */
const literal = (word: string): string => word.replace(/[.+?]/g, "[$&]");
