import { askMachine } from "../askMachine";
import { type Contact, lookText } from "./nodeScripts";

/** Seconds that a host has to answer. */
const SECONDS = 30;

/** Replaced in tests with hosts that are not there. */
export const swarmSurvey = { managesWithQuorum };

/** Asks a host whether it manages its swarm, with a quorum. */
async function managesWithQuorum({ ssh }: Contact): Promise<boolean> {
    const { stdout } = await askMachine(ssh, lookText, SECONDS);
    return stdout.trim().split("|")[4] === "quorum";
}

/**
 * A manager that has a quorum: the first one if it has, since that is one question, else the first that has of the others, which are
 * asked together.
 */
export async function findManager(contacts: readonly Contact[]): Promise<string | undefined> {
    const [first, ...others] = contacts;
    if (first !== undefined && (await swarmSurvey.managesWithQuorum(first))) {
        return first.name;
    }
    const answers = await Promise.all(others.map((contact) => swarmSurvey.managesWithQuorum(contact)));
    return others.find((_, index) => answers[index])?.name;
}
