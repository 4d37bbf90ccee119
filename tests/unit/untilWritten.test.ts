import assert from "node:assert/strict";
import { untilWritten } from "../../lib/untilWritten";

describe("reading a state that may be written just then", () => {
    const failing = (message: string, times = Number.POSITIVE_INFINITY) => {
        const asked = { times: 0 };
        const read = async () => {
            asked.times += 1;
            if (asked.times <= times) throw new Error(message);
            return "the state";
        };
        return { asked, read };
    };

    for (const message of [
        "failed to load checkpoint: EOF",
        "failed to load checkpoint: unexpected EOF",
        "pulumi stack export failed: error: unexpected end of JSON input",
    ]) {
        it(`is done again after "${message}"`, async () => {
            const { asked, read } = failing(message, 2);
            assert.equal(await untilWritten(read), "the state");
            assert.equal(asked.times, 3);
        });
    }

    it("is not done again after another error", async () => {
        const { asked, read } = failing("passphrase must be set");
        await assert.rejects(untilWritten(read), /^Error: passphrase must be set$/);
        assert.equal(asked.times, 1);
    });

    it("ends where the state stays cut off", async () => {
        const { read } = failing("failed to load checkpoint: EOF");
        await assert.rejects(untilWritten(read), /EOF/);
    });
});
