import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { UsageError } from "../../../lib/cli/io";
import { postComment } from "../../../lib/cli/postComment";

interface Comment {
    id: number;
    body: string;
}

/** The few calls of GitHub's and GitLab's API that are used, over real HTTP: the real ones cannot be reached from a test. */
class Forge {
    readonly comments: Comment[] = [];
    readonly calls: string[] = [];
    refuses = false;
    private readonly server: Server = createServer(async (request, response) => {
        const { method = "", url = "" } = request;
        const { pathname, searchParams } = new URL(url, "http://forge");
        this.calls.push(`${method} ${pathname}`);
        const token = request.headers.authorization === "Bearer t" || request.headers["private-token"] === "t";
        if (this.refuses || !token) return response.writeHead(403).end('{"message":"Resource not accessible"}');
        const from = (Number(searchParams.get("page")) - 1) * Number(searchParams.get("per_page"));
        if (method === "GET") return response.end(JSON.stringify(this.comments.slice(from, from + 100)));
        const { body } = JSON.parse(await text(request));
        const known = this.comments.find(({ id }) => pathname.endsWith(`/${id}`));
        if (known !== undefined) known.body = body;
        else this.comments.push({ id: this.comments.length + 1, body });
        return response.end("{}");
    });

    async start(): Promise<string> {
        await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
        const address = this.server.address() as AddressInfo;
        return `http://127.0.0.1:${address.port}`;
    }

    stop(): void {
        this.server.close();
        this.server.closeAllConnections();
    }
}

describe("the comment of a review", () => {
    let forge: Forge;
    let url: string;
    beforeEach(async () => {
        forge = new Forge();
        url = await forge.start();
    });
    afterEach(() => forge.stop());

    const environments = {
        GitHub: () => ({ GITHUB_API_URL: url, GITHUB_REPOSITORY: "o/r", FUSION_PULL_REQUEST: "7", GITHUB_TOKEN: "t" }),
        GitLab: () => ({
            GITLAB_CI: "true",
            CI_API_V4_URL: url,
            CI_PROJECT_ID: "5",
            CI_MERGE_REQUEST_IID: "7",
            FUSION_GITLAB_TOKEN: "t",
        }),
    };
    for (const [forgeName, environment] of Object.entries(environments)) {
        it(`is one that is changed in place on ${forgeName}, also when the change vanishes`, async () => {
            for (let i = 1; i <= 130; i++)
                forge.comments.push({ id: i, body: `> <!-- fusion-review shop -->\nlook ${i}` });
            const post = (markdown: string, onlyUpdate: boolean, name = "shop") =>
                postComment(markdown, { name, onlyUpdate }, environment());
            assert.match(await post("nothing to do", true), /none was made/);
            assert.equal(forge.comments.length, 130);
            assert.match(await post("first", false), /was made/);
            assert.match(await post("second", false), /was updated/);
            assert.match(await post("other", false, "db"), /was made/);
            assert.match(await post("nothing to do", true), /was updated/);
            assert.deepEqual(
                forge.comments.slice(130).map(({ body }) => body),
                ["<!-- fusion-review shop -->\nnothing to do", "<!-- fusion-review db -->\nother"],
            );
            assert.ok(
                forge.calls.includes(
                    forgeName === "GitHub"
                        ? "PATCH /repos/o/r/issues/comments/131"
                        : "PUT /projects/5/merge_requests/7/notes/131",
                ),
            );
        });
    }

    it("says what to do where it may not be posted, and where there is no pull request", async () => {
        forge.refuses = true;
        const comment = { name: "shop", onlyUpdate: false };
        await assert.rejects(postComment("x", comment, environments.GitHub()), (error: unknown) => {
            assert.ok(error instanceof UsageError);
            assert.match(error.message, /answered 403 .*; give the job `permissions: \{ pull-requests: write \}`/);
            return true;
        });
        await assert.rejects(postComment("x", comment, {}), /needs a job of GitHub Actions or GitLab CI/);
    });
});
