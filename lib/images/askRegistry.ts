import { isRecord } from "../isRecord";

/** A user of a registry. */
export interface Credentials {
    username: string;
    password: string;
}

/** A manifest in a registry. */
export interface ManifestAddress {
    /** Host and port; `docker.io` for Docker Hub. */
    registry: string;
    repository: string;
    /** A tag or a digest. */
    reference: string;
}

/** The media types of manifests that stand for several images, one a platform. */
const INDEX_TYPES = [
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
];

const accept = [
    ...INDEX_TYPES,
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
].join(", ");

const TIMEOUT = 15_000;

/**
 * Asks a registry for a manifest (OCI distribution specification 1.1, "pulling manifests"), and once more with what it wants
 * to see: a token (anonymous without credentials) or the credentials themselves.
 *
 * @param plain whether without TLS
 * @param method `HEAD` where the digest is enough: it does not count against Docker Hub's limit
 * @throws Error when the registry cannot be reached
 */
export async function askRegistry(
    { registry, repository, reference }: ManifestAddress,
    plain: boolean,
    credentials: Credentials | undefined,
    method: "HEAD" | "GET" = "HEAD",
): Promise<Response> {
    const host = registry === "docker.io" ? "registry-1.docker.io" : registry;
    const url = `${plain ? "http" : "https"}://${host}/v2/${repository}/manifests/${reference}`;
    const ask = (headers: Record<string, string>) =>
        fetch(url, { method, headers: { accept, ...headers }, signal: AbortSignal.timeout(TIMEOUT) });
    const first = await ask({});
    if (first.status !== 401) {
        return first;
    }
    const challenge = first.headers.get("www-authenticate") ?? "";
    const bearer = /^Bearer (.*)$/i.exec(challenge)?.[1];
    if (bearer !== undefined) {
        const granted = await getToken(bearer, plain, credentials);
        return typeof granted === "string" ? ask({ authorization: `Bearer ${granted}` }) : granted;
    }
    return credentials !== undefined && /^Basic\b/i.test(challenge)
        ? ask({ authorization: basic(credentials) })
        : first;
}

/** A token from the server that the registry names; what it answers instead, where it gives none. */
async function getToken(
    challenge: string,
    plain: boolean,
    credentials: Credentials | undefined,
): Promise<string | Response> {
    const fields = new Map([...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, key = "", value = ""]) => [key, value]));
    const realm = new URL(fields.get("realm") ?? "");
    for (const key of ["service", "scope"]) {
        const value = fields.get(key);
        if (value !== undefined) {
            realm.searchParams.set(key, value);
        }
    }
    if (credentials !== undefined && realm.protocol !== "https:" && !plain) {
        throw new Error(`it wants the password to be sent to ${realm.origin} without TLS`);
    }
    const answer = await fetch(realm, {
        ...(credentials !== undefined && { headers: { authorization: basic(credentials) } }),
        signal: AbortSignal.timeout(TIMEOUT),
    });
    if (!answer.ok) {
        return answer;
    }
    const granted: unknown = await answer.json();
    const token = isRecord(granted) ? (granted.token ?? granted.access_token) : undefined;
    return String(token ?? "");
}

const basic = ({ username, password }: Credentials): string =>
    `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;

/** Whether an answer is about an image that is there for several platforms. */
export const isIndex = (answer: Response): boolean =>
    INDEX_TYPES.includes((answer.headers.get("content-type") ?? "").replace(/;.*/, ""));

/** The images that an index has for platforms, these as `os/architecture[/variant]`. */
export function platformsOf(index: unknown): { platform: string; digest: string }[] {
    const manifests = isRecord(index) && Array.isArray(index.manifests) ? index.manifests : [];
    return manifests.flatMap((one) => {
        const platform = isRecord(one) && isRecord(one.platform) ? platformOf(one.platform) : "unknown/";
        // Attestations stand beside the images, for a platform that there is none of.
        return platform.startsWith("unknown/") ? [] : [{ platform, digest: String(one.digest) }];
    });
}

/** The platform that a record of an OCI index or of an image's configuration names. */
export const platformOf = ({ os, architecture, variant }: Record<string, unknown>): string =>
    [os, architecture, ...(typeof variant === "string" && variant !== "" ? [variant] : [])].join("/");

/** Whether an image is for the platform `wanted`, which need not name the variant. */
export const suits = (platform: string, wanted: string): boolean =>
    platform === wanted || platform.startsWith(`${wanted}/`) || wanted === `${platform}/v8`;
