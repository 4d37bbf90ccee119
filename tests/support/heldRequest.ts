import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../../tools/run";

/** Sends a request to a port of 127.0.0.1 in a namespace that its client does not finish. @returns what ends its connection */
export function holdRequest(namespace: string, port: number): () => Promise<void> {
    const dir = mkdtempSync(join(tmpdir(), "fusion-held-"));
    const file = join(dir, "request");
    writeFileSync(file, "POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 10\r\n\r\n");
    const end = new AbortController();
    // At the file's end it waits for more.
    const client = ["socat", "-u", `OPEN:${file},ignoreeof`, `TCP:127.0.0.1:${port}`];
    const held = run("ip", ["netns", "exec", namespace, ...client], { allowFailure: true, signal: end.signal });
    const ended = held.then(
        () => {},
        () => {},
    );
    return async () => {
        end.abort();
        await ended;
        rmSync(dir, { recursive: true });
    };
}
