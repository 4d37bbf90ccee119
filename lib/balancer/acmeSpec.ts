import { createHash, X509Certificate } from "node:crypto";
import { type Faults, show } from "../faults";
import type { AcmeArgs, Listener } from "./balancerArgs";
import { isHost, isIp } from "./checkWords";
import type { FusionBalancerArgs } from "./FusionBalancer";

/** A certificate that is asked for. */
export interface AcmeCertificate {
    /** Name of its file: a hash of its names and of who is asked, so that another one is a change that shows. */
    file: string;
    names: readonly string[];
}

/** What is asked of an ACME server (RFC 8555), as plain values. */
export interface AcmeSpec {
    server: string;
    email: string;
    /** undefined: the last third of a certificate's time. */
    renewDaysBefore: number | undefined;
    /** PEM; undefined: what the machine trusts. */
    authority: string | undefined;
    /** ADDRESS:PORT on which the ACME client answers challenges while it has some. */
    challenges: string;
    certificates: readonly AcmeCertificate[];
}

const LETS_ENCRYPT = "https://acme-v02.api.letsencrypt.org/directory";

/** One that root alone may listen on: whoever answers there gets certificates. */
const CHALLENGE_PORT = 402;

/** As many as Let's Encrypt has in a certificate. */
const MOST_NAMES = 100;

/**
 * Reads what is asked of an ACME server; what is wrong goes to `faults`.
 *
 * @param unit the balancer's own service: another balancer of the machine has its challenges elsewhere
 */
export function acmeSpec(
    name: string,
    args: FusionBalancerArgs,
    listeners: readonly Listener[],
    unit: string,
    faults: Faults,
): AcmeSpec | undefined {
    const acme = args.tls?.acme;
    if (acme === undefined) {
        return undefined;
    }
    const path = `${name}.tls.acme`;
    checkTerms(path, acme, faults);
    checkWay(path, args, listeners, faults);
    const { server = LETS_ENCRYPT, email, renewDaysBefore, authority, challengePort = CHALLENGE_PORT } = acme;
    const certificates = namesOf(path, acme, faults).map((names) => ({ file: fileOf(server, names), names }));
    return {
        ...{ server, email, renewDaysBefore, certificates },
        authority: authority?.trim(),
        challenges: `${loopback(unit)}:${challengePort}`,
    };
}

/** What {@link AcmeSpec} is for the scripts: a line each thing. */
export function acmeSettings({ server, email, renewDaysBefore, authority, certificates }: AcmeSpec): string {
    const lines = [
        `server ${server}`,
        `email ${email}`,
        ...(renewDaysBefore === undefined ? [] : [`days ${renewDaysBefore}`]),
        ...(authority === undefined ? [] : [`authority ${Buffer.from(`${authority}\n`).toString("base64")}`]),
        ...certificates.map(({ file, names }) => `certificate ${file} ${names.join(" ")}`),
    ];
    return lines.map((line) => `${line}\n`).join("");
}

function checkTerms(path: string, acme: AcmeArgs, faults: Faults): void {
    const { acceptTerms, email, server, authority, renewDaysBefore, challengePort } = acme;
    if (acceptTerms !== true) {
        const remedy = "read the terms of the authority, and say acceptTerms: true";
        faults.add(`${path}.acceptTerms`, `must be true, got ${show(acceptTerms)}; ${remedy}`);
    }
    const [, host = ""] = /^[A-Za-z0-9._%+-]{1,64}@(.+)$/.exec(email ?? "") ?? [];
    if (!isName(host)) {
        faults.add(`${path}.email`, `is no address of mail: ${show(email)}; give one such as "ops@example.org"`);
    }
    if (server !== undefined && !/^https:\/\/[A-Za-z0-9.[\]:-]{1,260}(\/[A-Za-z0-9_.~/=-]{0,500})?$/.test(server)) {
        const example = "https://acme-staging-v02.api.letsencrypt.org/directory";
        faults.add(`${path}.server`, `is no URL of an ACME directory: ${show(server)}; give one such as "${example}"`);
    }
    if (authority !== undefined && !isCertificate(authority)) {
        faults.add(`${path}.authority`, 'is no certificate in PEM; give text with "-----BEGIN CERTIFICATE-----"');
    }
    if (renewDaysBefore !== undefined) {
        faults.integer(`${path}.renewDaysBefore`, renewDaysBefore, 1, 60, "give days, such as 30");
    }
    if (challengePort !== undefined) {
        const remedy = "give one that root alone may listen on, such as 402: who answers there gets certificates";
        faults.integer(`${path}.challengePort`, challengePort, 1, 1023, remedy);
    }
}

/** The authority asks by HTTP, at port 80 of each name: something has to bring that here. */
function checkWay(path: string, args: FusionBalancerArgs, listeners: readonly Listener[], faults: Faults): void {
    if (args.mode === "tcp") {
        faults.add(path, 'is proven by HTTP, which mode "tcp" does not see; give tls.certificates');
    } else if (listeners.length > 0 && listeners.every(({ tls }) => tls)) {
        faults.add(path, "is proven by HTTP without TLS, and every listener has it; listen on port 80 too");
    }
    if (args.standby !== undefined) {
        const why = "the authority asks the one of both that has the address, so the other gets no certificate";
        faults.add(path, `cannot be had with a standby: ${why}; give tls.certificates`);
    }
    const { challengePort = CHALLENGE_PORT } = args.tls?.acme ?? {};
    if ([...listeners, args.metrics?.listen].some((one) => one?.port === challengePort)) {
        faults.add(`${path}.challengePort`, `is listened on already: ${challengePort}; give another`);
    }
}

/** The names of each certificate. */
function namesOf(path: string, { domains }: AcmeArgs, faults: Faults): string[][] {
    const seen = new Set<string>();
    const read = (at: string, given: unknown): string => {
        const name = typeof given === "string" ? given.toLowerCase() : "";
        if (name.startsWith("*.") && isName(name.slice(2))) {
            const remedy = "which HTTP cannot prove; name each host, or give such a certificate in tls.certificates";
            faults.add(at, `is a wildcard: ${show(given)}, ${remedy}`);
        } else if (!isName(name)) {
            faults.add(at, `is no host name: ${show(given)}; give one such as "www.example.org"`);
        } else if (seen.has(name)) {
            faults.add(at, `is named twice: ${show(given)}; leave it out here`);
        }
        seen.add(name);
        return name;
    };
    if (domains === undefined || domains.length === 0) {
        faults.add(`${path}.domains`, 'is missing or empty; give host names such as ["www.example.org"]');
    }
    return (domains ?? []).map((one, index) => {
        const at = `${path}.domains[${index}]`;
        if (!Array.isArray(one)) {
            return [read(at, one)];
        }
        if (one.length === 0 || one.length > MOST_NAMES) {
            faults.add(at, `has ${one.length} names; give a certificate 1 to ${MOST_NAMES}`);
        }
        return one.map((name, place) => read(`${at}[${place}]`, name));
    });
}

const isName = (text: string): boolean => isHost(text) && !isIp(text);

const fileOf = (server: string, names: readonly string[]): string =>
    `${hash([server, ...[...names].sort()].join(" "))
        .toString("hex")
        .slice(0, 16)}.pem`;

/** An address that is this balancer's alone: all of 127.0.0.0/8 is the machine itself. */
const loopback = (unit: string): string => `127.${[...hash(unit).subarray(0, 3)].map((n) => 1 + (n % 254)).join(".")}`;

const hash = (text: string): Buffer => createHash("sha256").update(text).digest();

function isCertificate(text: string): boolean {
    try {
        return new X509Certificate(text).subject !== "";
    } catch {
        return false;
    }
}
