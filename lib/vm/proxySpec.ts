import { type Faults, show } from "../faults";
import { isText } from "../isText";

/** The proxy through which a machine reaches other networks. */
export interface ProxyArgs {
    /** URL of the proxy for http: `"http://10.0.0.5:3128"`. A password in it is refused: all in the machine could read it. @default none */
    http?: string;
    /** URL of the proxy for https. @default that of `http` */
    https?: string;
    /** Hosts, domains and networks that are reached directly; the machine itself always is. @default [] */
    noProxy?: string[];
}

/** A proxy as validated plain values. */
export interface ProxySpec {
    http?: string;
    https?: string;
    /** In the order in which they are written. */
    noProxy: readonly string[];
}

/** Checks the arguments about the proxy of the machine at `address`; what is wrong goes to `faults`. */
export function proxySpec(path: string, args: ProxyArgs, address: string, faults: Faults): ProxySpec {
    const { http, https = http, noProxy = [] } = args;
    if (http === undefined && https === undefined) {
        faults.add(path, `names no proxy, got ${show(args)}; give http, https, or both`);
    }
    for (const [key, url] of [["http", http] as const, ["https", args.https] as const]) {
        if (url !== undefined && !isText(url, /^https?:\/\/[A-Za-z0-9.[\]:-]+\/?$/)) {
            const password = /^https?:\/\/[^/]*@/.test(String(url));
            faults.add(
                `${path}.${key}`,
                password
                    ? "has a user or password, which everybody in the machine could read; let the proxy trust the machine's address"
                    : `is no URL of a proxy: ${show(url)}; give one such as "http://10.0.0.5:3128"`,
            );
        }
    }
    for (const [index, host] of noProxy.entries()) {
        if (!isText(host, /^[A-Za-z0-9.*:/_-]+$/)) {
            faults.add(
                `${path}.noProxy[${index}]`,
                `is no host or network: ${show(host)}; give one such as ".example.org" or "10.0.0.0/8"`,
            );
        }
    }
    return {
        ...(http !== undefined && { http }),
        ...(https !== undefined && { https }),
        noProxy: [...new Set(["localhost", "127.0.0.1", "::1", address, ...noProxy])],
    };
}

/** The variables that programs read a proxy from, in small letters: `http_proxy=...`. */
export function proxyVariables({ http, https, noProxy }: ProxySpec): string[] {
    return [
        ...(http === undefined ? [] : [`http_proxy=${http}`]),
        ...(https === undefined ? [] : [`https_proxy=${https}`]),
        `no_proxy=${noProxy.join(",")}`,
    ];
}
