import { readFileSync } from "node:fs";
import { isRecord } from "../isRecord";
import { UsageError } from "./io";

/** Where the comments of one pull request are, in the REST API of what runs the job. */
interface Thread {
    /** Lists comments, 100 a page, and makes new ones. */
    readonly url: string;
    /** Changes one. */
    readonly own: (id: number) => string;
    readonly change: "PATCH" | "PUT";
    readonly headers: Readonly<Record<string, string>>;
    /** What to do where the token may not. */
    readonly permission: string;
}

const PAGE = 100;
/** Pages that are looked through; GitLab and GitHub list the oldest comments first. */
const MOST_PAGES = 50;
const TIMEOUT_MS = 30_000;

/**
 * Puts a review as one comment into the pull request that a job of GitHub Actions or GitLab CI runs for: the comment of an
 * earlier run is changed in place. Where there is none and nothing to tell, none is made.
 *
 * @param name by which the comment is found again; one a stack, where a pull request has several
 * @returns what was done, in words
 * @throws UsageError where no pull request is known, or the service refuses, with what to do
 */
export async function postComment(
    markdown: string,
    { name, onlyUpdate }: { name: string; onlyUpdate: boolean },
    env: NodeJS.ProcessEnv = process.env,
): Promise<string> {
    const thread = env.GITLAB_CI !== undefined ? gitlab(env) : github(env);
    const mark = `<!-- fusion-review ${name} -->`;
    const body = JSON.stringify({ body: `${mark}\n${markdown}` });
    const id = await findComment(thread, mark);
    if (id !== undefined) {
        await ask(thread, thread.own(id), thread.change, body);
        return "the comment was updated";
    }
    if (onlyUpdate) return "there is nothing to do and no earlier comment: none was made";
    await ask(thread, thread.url, "POST", body);
    return "a comment was made";
}

async function findComment(thread: Thread, mark: string): Promise<number | undefined> {
    for (let page = 1; page <= MOST_PAGES; page++) {
        const comments = await ask(thread, `${thread.url}?per_page=${PAGE}&page=${page}`, "GET");
        const all: unknown[] = Array.isArray(comments) ? comments : [];
        for (const one of all) {
            // At its beginning: a quotation of it is another comment.
            if (isRecord(one) && typeof one.id === "number" && String(one.body).startsWith(mark)) return one.id;
        }
        if (all.length < PAGE) return undefined;
    }
    return undefined;
}

async function ask({ headers, permission }: Thread, url: string, method: string, body?: string): Promise<unknown> {
    const more: Record<string, string> = body === undefined ? {} : { "Content-Type": "application/json" };
    let response: Response;
    try {
        const signal = AbortSignal.timeout(TIMEOUT_MS);
        response = await fetch(url, { method, headers: { ...headers, ...more }, signal, ...(body && { body }) });
    } catch (error) {
        const cause = error instanceof Error ? (error.cause ?? error) : error;
        throw new UsageError(`the comment cannot be posted: ${cause instanceof Error ? cause.message : String(cause)}`);
    }
    if (!response.ok) {
        const told = (await response.text()).slice(0, 200);
        const remedy = [401, 403, 404].includes(response.status) ? `; ${permission}` : "";
        throw new UsageError(`the comment cannot be posted: ${method} answered ${response.status} ${told}${remedy}`);
    }
    return response.json();
}

function github(env: NodeJS.ProcessEnv): Thread {
    const number = env.FUSION_PULL_REQUEST ?? numberIn(env.GITHUB_EVENT_PATH);
    const api = env.GITHUB_API_URL;
    if (api === undefined || env.GITHUB_REPOSITORY === undefined || number === undefined) {
        throw new UsageError(
            "--comment needs a job of GitHub Actions or GitLab CI that runs for a pull request; leave it out, or set FUSION_PULL_REQUEST to its number",
        );
    }
    if (env.GITHUB_TOKEN === undefined) {
        throw new UsageError("--comment needs GITHUB_TOKEN in the environment; give the job's own token");
    }
    const issues = `${api}/repos/${env.GITHUB_REPOSITORY}/issues`;
    return {
        url: `${issues}/${number}/comments`,
        own: (id) => `${issues}/comments/${id}`,
        change: "PATCH",
        headers: { Authorization: `Bearer ${env.GITHUB_TOKEN}`, Accept: "application/vnd.github+json" },
        permission: "give the job `permissions: { pull-requests: write }`",
    };
}

function gitlab(env: NodeJS.ProcessEnv): Thread {
    const {
        CI_API_V4_URL: api,
        CI_PROJECT_ID: project,
        CI_MERGE_REQUEST_IID: number,
        FUSION_GITLAB_TOKEN: token,
    } = env;
    if (api === undefined || project === undefined || number === undefined) {
        throw new UsageError(
            "--comment needs a job of a merge request's pipeline; give it `rules: if: $CI_MERGE_REQUEST_IID`",
        );
    }
    if (token === undefined) {
        throw new UsageError(
            "--comment needs FUSION_GITLAB_TOKEN in the environment; give a project access token with scope api",
        );
    }
    const notes = `${api}/projects/${project}/merge_requests/${number}/notes`;
    return {
        url: notes,
        own: (id) => `${notes}/${id}`,
        change: "PUT",
        headers: { "PRIVATE-TOKEN": token },
        permission: "give FUSION_GITLAB_TOKEN a project access token with scope api and role Reporter",
    };
}

/** The number of the pull request in the event that started the job. */
function numberIn(file: string | undefined): string | undefined {
    if (file === undefined) return undefined;
    try {
        const event: unknown = JSON.parse(readFileSync(file, "utf8"));
        const request = isRecord(event) && isRecord(event.pull_request) ? event.pull_request.number : undefined;
        return typeof request === "number" ? String(request) : undefined;
    } catch {
        return undefined;
    }
}
