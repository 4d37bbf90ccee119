import { isIPv4 } from "node:net";
import { askRegistry, type Credentials, isIndex, type ManifestAddress, platformsOf, suits } from "./askRegistry";
import { parseImageReference } from "./imageReference";

/** What is wrong with an argument. */
export interface ImageFault {
    argument: "image" | "registryAuth" | "platform";
    /** What is wrong, the value, and the remedy. */
    fault: string;
}

/** What a registry said about an image: its name with the digest and without a tag, or what is wrong. */
export type Resolution = { image: string } | ImageFault;

/** How a registry is asked. */
export interface RegistryAccess {
    /** Registries (host and port) that are asked without TLS; they are the ones Docker is told to trust so. @default [] */
    insecure?: readonly string[];
    /** @default none */
    credentials?: Credentials;
    /** A platform that the image must be there for. @default any */
    platform?: string;
}

/** For as long as a program runs. */
export const answers = new Map<string, Promise<Resolution>>();

/**
 * Finds the digest that an image's tag stands for now, by asking its registry from this machine. An image that has its digest
 * is only checked for being there, and taken as it is where the registry cannot be reached from here.
 */
export function resolveImage(text: string, access: RegistryAccess = {}): Promise<Resolution> {
    const { insecure, credentials, platform } = access;
    const question = JSON.stringify([text, platform, credentials, insecure]);
    const answer = answers.get(question) ?? resolve(text, access);
    answers.set(question, answer);
    return answer;
}

async function resolve(text: string, access: RegistryAccess): Promise<Resolution> {
    const reference = parseImageReference(text);
    if (reference === undefined) {
        return wrong("image", `is no image name: ${JSON.stringify(text)}; give one such as "httpd:2.4"`);
    }
    const { registry, repository, tag, digest } = reference;
    const address = { registry, repository, reference: digest ?? tag ?? "latest" };
    const name = registry === "docker.io" ? text.replace(/[@:].*$/, "") : `${registry}/${repository}`;
    const ask = `has no digest, and its registry ${registry}`;
    const remedy = `give it as ${name}@sha256:...`;
    let response: Response;
    try {
        response = await askRegistry(address, isPlain(registry, access), access.credentials);
    } catch (error) {
        return digest === undefined
            ? wrong("image", `${JSON.stringify(text)} ${ask} cannot be asked for it (${causeOf(error)}); ${remedy}`)
            : { image: `${name}@${digest}` };
    }
    const refused = refusal(response, registry, access.credentials);
    if (refused !== undefined) {
        return refused;
    }
    if (response.status === 404) {
        return wrong(
            "image",
            `is not there: ${JSON.stringify(text)} is unknown to ${registry}; correct its name, or push it`,
        );
    }
    const found = digest ?? response.headers.get("docker-content-digest") ?? "";
    if ((!response.ok && digest === undefined) || !/^sha256:[0-9a-f]{64}$/.test(found)) {
        const login = response.status === 401 ? "give registryAuth if it is private, or " : "";
        return wrong(
            "image",
            `${JSON.stringify(text)} ${ask} answers ${response.status} when asked for it; ${login}${remedy}`,
        );
    }
    const own = await platformDigest(text, address, response, access);
    return typeof own === "object" ? own : { image: `${name}@${own ?? found}` };
}

/** Whether a registry is asked without TLS: as Docker does, those of this machine, and those that are named. */
export function isPlain(registry: string, { insecure = [] }: RegistryAccess): boolean {
    const host = registry.replace(/:\d+$/, "");
    const isHere = host === "localhost" || host === "[::1]" || (isIPv4(host) && host.startsWith("127."));
    return isHere || insecure.includes(registry);
}

/** What to say where a registry does not take credentials. Without the user's name, which may be a secret as well. */
export function refusal(
    response: Response,
    registry: string,
    credentials: Credentials | undefined,
): ImageFault | undefined {
    return credentials !== undefined && (response.status === 401 || response.status === 403)
        ? wrong(
              "registryAuth",
              `is refused: ${registry} answers ${response.status} to this user; correct username and password, or let the user read the image`,
          )
        : undefined;
}

/** The digest of the wanted platform's own manifest, where the image has one for each platform. */
async function platformDigest(
    text: string,
    address: ManifestAddress,
    head: Response,
    access: RegistryAccess,
): Promise<string | undefined | ImageFault> {
    const { platform } = access;
    if (platform === undefined || !head.ok || !isIndex(head)) {
        return undefined;
    }
    const plain = isPlain(address.registry, access);
    const there = platformsOf(await (await askRegistry(address, plain, access.credentials, "GET")).json());
    const names = [...new Set(there.map((one) => one.platform))].sort();
    return (
        there.find((one) => suits(one.platform, platform))?.digest ??
        wrong(
            "platform",
            `is not there: ${JSON.stringify(text)} is for ${names.join(", ")}, not for ${platform}; give one of them`,
        )
    );
}

const wrong = (argument: ImageFault["argument"], fault: string): ImageFault => ({ argument, fault });

/** The text of an error, or of what is behind it. */
export function causeOf(error: unknown): string {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    return cause instanceof Error ? cause.message : String(cause);
}
