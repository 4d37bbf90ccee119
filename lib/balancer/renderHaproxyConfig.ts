import { createHash } from "node:crypto";
import { Faults } from "../faults";
import { checkHaproxySpec } from "./checkHaproxySpec";
import type { HaproxySpec } from "./haproxySpec";
import { orderLines } from "./orderLines";
import { acmeSection } from "./renderAcme";
import { backendLines } from "./renderBackend";
import { bindOf, frontendLines, nonlocal } from "./renderFrontend";

/**
 * Renders an HAProxy configuration (2.6 and later). The same values in any order give the same bytes; a server's lines do
 * not change with what happens to others.
 *
 * The first section names a hash of the text, which `show info` reads back from the running process: the proof of which
 * configuration serves.
 *
 * @throws FusionInputError naming every value that HAProxy would not take or that could inject something
 */
export function renderHaproxyConfig(spec: HaproxySpec): string {
    const faults = new Faults();
    checkHaproxySpec(spec, faults);
    faults.throwIfAny();
    const { acmeChallenges: challenges } = spec;
    const body = [
        section("defaults", defaultLines(spec)),
        ...byName(spec.frontends).map((one) => section(`frontend ${one.name}`, frontendLines(one, spec))),
        ...byName(spec.backends).map((one) => section(`backend ${one.name}`, backendLines(one))),
        ...(challenges === undefined ? [] : [section(...acmeSection(challenges))]),
        ...(spec.metrics === undefined ? [] : [section("frontend fusion-metrics", metricLines(spec.metrics, spec))]),
    ];
    const settings = indented(globalLines(spec));
    const hash = createHash("sha256")
        .update([settings, ...body].join("\n"))
        .digest("hex")
        .slice(0, 16);
    return [`global\n    description "fusion-${hash}"\n${settings}`, ...body].join("\n");
}

const indented = (lines: readonly string[]): string => lines.map((line) => `    ${line}\n`).join("");
const section = (title: string, lines: readonly string[]): string => `${title}\n${indented(lines)}`;

const byName = <T extends { name: string }>(items: readonly T[]): T[] =>
    [...items].sort((a, b) => (a.name < b.name ? -1 : 1));

function globalLines(spec: HaproxySpec): string[] {
    const tls = spec.frontends.some(({ bind }) => bind.map(bindOf).some((one) => one.tls));
    return [
        "user haproxy",
        "group haproxy",
        "chroot /var/lib/haproxy",
        ...(spec.socket === undefined ? [] : [`stats socket ${spec.socket} mode 600 level admin expose-fd listeners`]),
        `maxconn ${spec.maxConnections ?? 8000}`,
        `hard-stop-after ${spec.hardStopAfterSeconds ?? 90}s`,
        ...(tls ? intermediate : []),
        ...(spec.lines?.global ?? []),
    ];
}

/** Mozilla's "intermediate" profile, version 5.7 (https://ssl-config.mozilla.org). */
const intermediate: readonly string[] = [
    "ssl-default-bind-options prefer-client-ciphers ssl-min-ver TLSv1.2 no-tls-tickets",
    `ssl-default-bind-ciphers ${[
        "ECDHE-ECDSA-AES128-GCM-SHA256",
        "ECDHE-RSA-AES128-GCM-SHA256",
        "ECDHE-ECDSA-AES256-GCM-SHA384",
        "ECDHE-RSA-AES256-GCM-SHA384",
        "ECDHE-ECDSA-CHACHA20-POLY1305",
        "ECDHE-RSA-CHACHA20-POLY1305",
        "DHE-RSA-AES128-GCM-SHA256",
        "DHE-RSA-AES256-GCM-SHA384",
        "DHE-RSA-CHACHA20-POLY1305",
    ].join(":")}`,
    "ssl-default-bind-ciphersuites TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256",
    "tune.ssl.default-dh-param 2048",
];

function defaultLines({ timeouts = {}, lines }: HaproxySpec): string[] {
    const { requestSeconds = 10, keepAliveSeconds = 10, connectSeconds = 3, queueSeconds = 10 } = timeouts;
    const { clientSeconds = 60, serverSeconds = 60, tunnelSeconds = 3600 } = timeouts;
    return [
        "mode http",
        // Without it every reload fails some requests of clients that keep their connection.
        "option idle-close-on-response",
        "option redispatch 1",
        "retries 3",
        "retry-on conn-failure empty-response",
        `timeout http-request ${requestSeconds}s`,
        `timeout http-keep-alive ${keepAliveSeconds}s`,
        `timeout connect ${connectSeconds}s`,
        `timeout queue ${queueSeconds}s`,
        `timeout client ${clientSeconds}s`,
        `timeout server ${serverSeconds}s`,
        `timeout tunnel ${tunnelSeconds}s`,
        "timeout check 2s",
        "default-server check inter 2s fastinter 500ms downinter 1s fall 3 rise 1 observe layer4 error-limit 10 on-error mark-down",
        ...(lines?.defaults ?? []),
    ];
}

function metricLines(bind: string, spec: HaproxySpec): string[] {
    return orderLines([
        `bind ${bind}${nonlocal(bind, spec)}`,
        "monitor-uri /ready",
        ...byName(spec.backends).map(({ name }) => `monitor fail if { nbsrv(${name}) eq 0 }`),
        "stats enable",
        "stats uri /stats",
        "stats refresh 10s",
        ...(spec.metricsLogin === undefined
            ? []
            : [`http-request auth realm fusion unless { req.hdr(authorization) -m str -f ${spec.metricsLogin} }`]),
        "http-request use-service prometheus-exporter if { path /metrics }",
    ]);
}
