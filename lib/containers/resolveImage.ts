import { isRecord } from "../isRecord";
import { parseImageReference } from "./imageReference";

/** What a registry said about an image. */
export type Resolution =
    | { /** The name with its digest and without a tag. */ image: string }
    | { /** What is wrong, and the remedy. */ fault: string };

const manifestTypes = [
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
].join(", ");

const answers = new Map<string, Promise<Resolution>>();

/**
 * Finds the digest that an image's tag stands for now, by asking its registry from this machine (OCI distribution
 * specification 1.1, "pulling manifests"). An image that has its digest is only checked for being there, and taken as it is
 * where the registry cannot be reached from here.
 *
 * @param insecure registries (host and port) that are asked without TLS; they are the ones Docker is told to trust so
 */
export function resolveImage(text: string, insecure: readonly string[] = []): Promise<Resolution> {
    let answer = answers.get(text);
    if (answer === undefined) {
        answer = resolve(text, insecure);
        answers.set(text, answer);
    }
    return answer;
}

async function resolve(text: string, insecure: readonly string[]): Promise<Resolution> {
    const reference = parseImageReference(text);
    if (reference === undefined) {
        return { fault: `is no image name: ${JSON.stringify(text)}; give one such as "httpd:2.4"` };
    }
    const { registry, repository, tag, digest } = reference;
    const host = registry === "docker.io" ? "registry-1.docker.io" : registry;
    const scheme = insecure.includes(registry) || /^(localhost|127\.)/.test(registry) ? "http" : "https";
    const url = `${scheme}://${host}/v2/${repository}/manifests/${digest ?? tag}`;
    const name = registry === "docker.io" ? text.replace(/[@:].*$/, "") : `${registry}/${repository}`;
    let response: Response;
    try {
        response = await askRegistry(url);
    } catch (error) {
        return digest === undefined
            ? {
                  fault: `${JSON.stringify(text)} has no digest, and its registry ${registry} cannot be asked for it (${reason(error)}); give it as ${name}@sha256:...`,
              }
            : { image: `${name}@${digest}` };
    }
    if (response.status === 404) {
        return {
            fault: `is not there: ${JSON.stringify(text)} is unknown to ${registry}; correct its name, or push it`,
        };
    }
    const found = digest ?? response.headers.get("docker-content-digest") ?? "";
    if ((!response.ok && digest === undefined) || !/^sha256:[0-9a-f]{64}$/.test(found)) {
        return {
            fault: `${JSON.stringify(text)} has no digest, and its registry ${registry} answers ${response.status} when asked for it; give it as ${name}@sha256:...`,
        };
    }
    return { image: `${name}@${found}` };
}

/** One HEAD request, repeated with an anonymous token where the registry asks for one. */
async function askRegistry(url: string): Promise<Response> {
    const ask = (headers: Record<string, string>) =>
        fetch(url, {
            method: "HEAD",
            headers: { accept: manifestTypes, ...headers },
            signal: AbortSignal.timeout(15_000),
        });
    const first = await ask({});
    const challenge = /^Bearer (.*)$/i.exec(first.headers.get("www-authenticate") ?? "")?.[1];
    if (first.status !== 401 || challenge === undefined) {
        return first;
    }
    const fields = new Map([...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, key = "", value = ""]) => [key, value]));
    const realm = new URL(fields.get("realm") ?? "");
    for (const key of ["service", "scope"]) {
        const value = fields.get(key);
        if (value !== undefined) {
            realm.searchParams.set(key, value);
        }
    }
    const granted: unknown = await (await fetch(realm, { signal: AbortSignal.timeout(15_000) })).json();
    const token = isRecord(granted) ? (granted.token ?? granted.access_token) : undefined;
    return ask({ authorization: `Bearer ${token ?? ""}` });
}

function reason(error: unknown): string {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    return cause instanceof Error ? cause.message : String(cause);
}
