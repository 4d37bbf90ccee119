import * as net from "node:net";
import * as tls from "node:tls";

/** How long a client waits for anything to happen, in milliseconds. */
const PATIENCE = 20_000;

/** A whole answer. */
export interface Answer {
    status: number;
    body: string;
}

/**
 * One HTTP/1.1 connection, a request at a time, without anything that a client library would do to hide a failure: nothing is
 * asked a second time, and an answer counts when all of it is there.
 */
export class Connection {
    /** Whether the next request needs another connection. */
    closed = false;
    private readonly socket: net.Socket;
    private text = "";
    private waiting: { resolve: (answer: Answer) => void; reject: (error: Error) => void } | undefined;

    constructor(port: number, secure: boolean, from?: string) {
        const to = { host: "127.0.0.1", port, noDelay: true, ...(from !== undefined && { localAddress: from }) };
        // Certificates of a test sign themselves.
        this.socket = secure ? tls.connect({ ...to, rejectUnauthorized: false }) : net.connect(to);
        this.socket.setEncoding("latin1").setTimeout(PATIENCE);
        this.socket.on("timeout", () => this.socket.destroy(new Error(`nothing in ${PATIENCE / 1000} s`)));
        this.socket.on("data", (chunk: string) => this.take(chunk));
        this.socket.on("error", (error) => this.end(error));
        this.socket.on("end", () => this.end(new Error("closed before the end of an answer")));
        this.socket.on("close", () => this.end(new Error("closed before the end of an answer")));
    }

    /** @param request the whole text of it */
    ask(request: string): Promise<Answer> {
        return new Promise((resolve, reject) => {
            this.waiting = { resolve, reject };
            this.socket.write(request, "latin1");
        });
    }

    close(): void {
        this.closed = true;
        this.socket.destroy();
    }

    private take(chunk: string): void {
        this.text += chunk;
        const head = this.text.indexOf("\r\n\r\n");
        if (head < 0) return;
        const length = /\r\ncontent-length: *(\d+)/i.exec(this.text.slice(0, head + 2))?.[1];
        if (length === undefined) {
            this.end(new Error(`an answer of no length: ${this.text.slice(0, head)}`));
            return;
        }
        const end = head + 4 + Number(length);
        if (this.text.length < end) return;
        const answer = { status: Number(this.text.slice(9, 12)), body: this.text.slice(head + 4, end) };
        if (/\r\nconnection: *close/i.test(this.text.slice(0, head + 2))) this.close();
        this.text = this.text.slice(end);
        const { waiting } = this;
        this.waiting = undefined;
        waiting?.resolve(answer);
    }

    private end(error: Error): void {
        this.close();
        const { waiting } = this;
        this.waiting = undefined;
        waiting?.reject(error);
    }
}
