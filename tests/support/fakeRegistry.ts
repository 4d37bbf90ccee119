import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export const digest = `sha256:${"b".repeat(64)}`;
/** Of an image's manifest for linux/amd64 and linux/arm64/v8, which `index` names. */
export const [amd64, arm64] = [`sha256:${"c".repeat(64)}`, `sha256:${"d".repeat(64)}`];
export const account = { username: "me", password: "hunter2" };

const INDEX = "application/vnd.oci.image.index.v1+json";
const index = {
    mediaType: INDEX,
    manifests: [
        { digest: arm64, platform: { os: "linux", architecture: "arm64", variant: "v8" } },
        { digest: amd64, platform: { os: "linux", architecture: "amd64" } },
        { digest, platform: { os: "unknown", architecture: "unknown" } },
    ],
};

const basic = `Basic ${Buffer.from(`${account.username}:${account.password}`).toString("base64")}`;

/**
 * Speaks as much of the distribution specification as a client of manifests needs. Repositories: `open`, `several` (one image
 * a platform), `secret` (an anonymous token is enough), `basic` and `token` (which want the account), `broken`. All have the
 * tag 1.
 */
export class FakeRegistry {
    /** Of the images that are not one of several platforms. */
    digest = digest;

    private constructor(
        private readonly server: Server,
        /** Host and port: the first part of its images' names. */
        readonly host: string,
    ) {}

    static async start(): Promise<FakeRegistry> {
        const server = createServer();
        await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
        const registry = new FakeRegistry(server, `127.0.0.1:${(server.address() as AddressInfo).port}`);
        server.on("request", (request, response) => answer(request, response, registry.digest));
        return registry;
    }

    stop(): void {
        this.server.close();
    }
}

function answer(request: IncomingMessage, response: ServerResponse, current: string): void {
    const base = `http://${request.headers.host}`;
    const { authorization } = request.headers;
    const url = new URL(request.url ?? "/", base);
    if (url.pathname === "/token") {
        const wanted = url.searchParams.get("scope") === "account" ? basic : undefined;
        response.statusCode = wanted === undefined || authorization === wanted ? 200 : 401;
        response.end(JSON.stringify(response.statusCode === 200 ? { token: "let-me-in" } : { details: "no" }));
        return;
    }
    const [, repository = "", reference = ""] = /^\/v2\/(\w+)\/manifests\/(.*)$/.exec(url.pathname) ?? [];
    const challenges: Record<string, [string, string]> = {
        secret: ["Bearer let-me-in", `Bearer realm="${base}/token",service="r",scope="s"`],
        token: ["Bearer let-me-in", `Bearer realm="${base}/token",service="r",scope="account"`],
        basic: [basic, 'Basic realm="lab"'],
    };
    const [wanted, challenge = ""] = challenges[repository] ?? [];
    if (wanted !== undefined && authorization !== wanted) {
        response.statusCode = 401;
        response.setHeader("www-authenticate", challenge).end();
    } else if (repository === "broken") {
        response.statusCode = 500;
        response.end();
    } else if (
        !["open", "several", "secret", "token", "basic"].includes(repository) ||
        !/^1$|^sha256:/.test(reference)
    ) {
        response.statusCode = 404;
        response.end();
    } else {
        response.setHeader("content-type", repository === "several" ? INDEX : "application/json");
        response.setHeader("docker-content-digest", current).end(JSON.stringify(index));
    }
}
