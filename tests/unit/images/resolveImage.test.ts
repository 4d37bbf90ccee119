import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { resolveImage } from "../../../lib/images/resolveImage";

const digest = `sha256:${"b".repeat(64)}`;

/** Speaks as much of the distribution specification as a client of tags needs, with a token where `secret` is asked for. */
function registry(): Server {
    return createServer((request, response) => {
        const base = `http://${request.headers.host}`;
        if (request.url?.startsWith("/token")) {
            response.end(JSON.stringify({ token: "let-me-in" }));
        } else if (request.url === "/v2/open/manifests/1") {
            response.setHeader("docker-content-digest", digest).end();
        } else if (request.url === "/v2/secret/manifests/1" && request.headers.authorization === "Bearer let-me-in") {
            response.setHeader("docker-content-digest", digest).end();
        } else if (request.url === "/v2/secret/manifests/1") {
            response.statusCode = 401;
            response.setHeader("www-authenticate", `Bearer realm="${base}/token",service="r",scope="s"`).end();
        } else if (request.url === "/v2/broken/manifests/1") {
            response.statusCode = 500;
            response.end();
        } else {
            response.statusCode = 404;
            response.end();
        }
    });
}

describe("resolving an image's tag", () => {
    const server = registry();
    let host = "";
    before((done) => {
        server.listen(0, "127.0.0.1", () => {
            host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
            done();
        });
    });
    after(() => server.close());

    const fault = async (text: string) => {
        const answer = await resolveImage(text);
        assert.ok("fault" in answer, `resolved to ${JSON.stringify(answer)}`);
        return answer.fault;
    };

    it("gives the digest that the registry names", async () =>
        assert.deepEqual(await resolveImage(`${host}/open:1`), { image: `${host}/open@${digest}` }));
    it("asks for a token where the registry wants one", async () =>
        assert.deepEqual(await resolveImage(`${host}/secret:1`), { image: `${host}/secret@${digest}` }));
    it("says that an image is not there", async () =>
        assert.match(await fault(`${host}/open:2`), /is not there: .*correct its name, or push it/));
    it("says what a registry answers that cannot help", async () =>
        assert.match(await fault(`${host}/broken:1`), /answers 500.*give it as .*@sha256/));
    it("says that a registry cannot be asked", async () =>
        assert.match(await fault("127.0.0.1:1/web:1"), /cannot be asked.*give it as 127\.0\.0\.1:1\/web@sha256/));
    it("takes a digest as it is where the registry cannot be asked", async () =>
        assert.deepEqual(await resolveImage(`127.0.0.1:1/web:1@${digest}`), { image: `127.0.0.1:1/web@${digest}` }));
    it("refuses what is no image name", async () => assert.match(await fault("Not An Image"), /is no image name/));
});
