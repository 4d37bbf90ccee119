import { setTimeout as pause } from "node:timers/promises";
import { ask } from "./webfarm";

/**
 * Asks a URL for its page again and again, each time over a new connection, a quarter of a second after the answer before:
 * under emulation each is a twentieth of a second of a processor.
 *
 * @param most after so many requests it ends by itself
 */
export function askSteadily(url: string, most: number) {
    const failed: string[] = [];
    let asked = 0;
    let running = true;
    const ended = (async () => {
        while (running && asked < most) {
            asked++;
            const answer = await ask(url).catch((error: unknown) => ({ status: String(error) }));
            if (answer.status !== 200) failed.push(`${new Date().toISOString()} ${answer.status}`);
            await pause(250);
        }
        return { asked, failed };
    })();
    return {
        ended,
        stop: () => {
            running = false;
        },
    };
}
