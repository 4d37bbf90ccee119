import { askMachine } from "../askMachine";
import type { SshTarget } from "../ssh";
import type { Turn } from "./servicePorts";
import { lookScript, rollBackScript } from "./serviceScripts";
import type { Brought, InSwarm } from "./turn";

/** Seconds that a manager has to answer. */
const SECONDS = 20;

/** A service as a manager has it. */
export interface SeenService extends InSwarm {
    /** Whether Swarm is about an update, or about going back. */
    isBusy: boolean;
    /** Whether it has stopped an update where it was, so that two versions have tasks, and can go back to the one before. */
    isPaused: boolean;
}

/** What a manager's answer says; undefined for one that says nothing. */
export function readLook(answer: string): SeenService | undefined {
    const [state = "", ...versions] = answer.trim().split(/\s+/);
    if (state === "absent") return { running: [], isBusy: false, isPaused: false };
    const [now, before] = versions.map(readVersion);
    if (now === undefined || !/^(none|completed|updating|paused|rollback_(started|paused|completed))$/.test(state)) {
        return undefined;
    }
    const isBusy = state === "updating" || state === "rollback_started";
    const both = isBusy || state === "paused" || state === "rollback_paused";
    const running = both && before !== undefined && before.turn !== now.turn ? [now, before] : [now];
    return { running, isBusy, isPaused: state === "paused" && running.length > 1 };
}

function readVersion(word: string): Pick<Brought, "version" | "turn"> | undefined {
    const [, version = "", turn] = /^([0-9a-f]+)-([01])$/.exec(word) ?? [];
    const read: Turn | undefined = turn === "0" ? 0 : turn === "1" ? 1 : undefined;
    return read === undefined ? undefined : { version, turn: read };
}

/** Replaced in tests. */
export const serviceLook = {
    /** Asks the managers one after the other for a service; undefined where none of them answers. */
    ask: async (managers: readonly SshTarget[], service: string): Promise<SeenService | undefined> => {
        for (const target of managers) {
            const { code, stdout } = await askMachine(target, lookScript(service), SECONDS);
            const seen = code === 0 ? readLook(stdout) : undefined;
            if (seen !== undefined) return seen;
        }
        return undefined;
    },
    /** Has the first manager that answers go back to the version before. */
    rollBack: async (managers: readonly SshTarget[], service: string): Promise<void> => {
        for (const target of managers) {
            if ((await askMachine(target, rollBackScript(service), SECONDS)).code === 0) return;
        }
    },
};
