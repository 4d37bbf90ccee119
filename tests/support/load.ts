import { Background, type LoadResult } from "./background";

/** Clients of one port of 127.0.0.1. All ask as fast as they are answered but those that sit idle. */
export interface LoadPlan {
    port: number;
    /** @default false */
    tls?: boolean;
    /** Clients that keep their connection. @default 6 */
    keepAlive?: number;
    /** Clients that make a new connection for each request. @default 6 */
    fresh?: number;
    /** One of how many requests is a POST. @default 10 */
    posts?: number;
    /** Clients that ask for what takes 3 s, half of it by POST. @default 0 */
    slow?: number;
    /** Clients that keep their connection, with so many milliseconds between two requests. @default none */
    idle?: readonly number[];
}

/** What `loadClients.ts` is told: to count from nothing, to tell its counts when there are so many requests, to end. */
export interface LoadOrder {
    begin?: true;
    least?: number;
    end?: true;
}

/** How clients fared in one case. */
export interface CaseResult extends LoadResult {
    /** Requests of which each had a connection of its own. */
    fresh: number;
    posts: number;
}

/** How they fared, in a line. */
export const caseWords = ({ sent, fresh, posts, failures, slowest }: CaseResult): string =>
    `${sent} requests (${fresh} on connections of their own, ${posts} POSTs), ${failures.length} failed, the slowest took ${slowest} ms`;

/** Real clients that go on from one case to the next, each case with its own counts. */
export class Load {
    private constructor(readonly clients: Background) {}

    static async start(namespace: string, plan: LoadPlan): Promise<Load> {
        return new Load(await Background.start(namespace, "loadClients.ts", [JSON.stringify(plan)]));
    }

    /** Does something under load, which goes on until there are `least` requests. A request counts where it ends. */
    async during(least: number, work: () => Promise<unknown>): Promise<CaseResult> {
        this.clients.send({ begin: true } satisfies LoadOrder);
        await work();
        return await this.counts({ least });
    }

    /** Ends the clients in good order. @returns how they fared since the last case began */
    async end(): Promise<CaseResult> {
        const result = await this.counts({ end: true });
        await this.clients.end();
        return result;
    }

    private counts(order: LoadOrder): Promise<CaseResult> {
        const told = this.clients.told<CaseResult>();
        this.clients.send(order);
        return told;
    }
}
