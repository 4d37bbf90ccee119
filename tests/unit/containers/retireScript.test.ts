import assert from "node:assert/strict";
import { retireScript } from "../../../lib/containers/retireScript";
import { run } from "../../../tools/run";
import { assertGolden } from "../../support/golden";

const target = (replica: string, container: string) => ({
    ...{ replica, container, vm: "vm1" },
    ssh: { address: "10.77.0.11", user: "fusion" },
});

describe("stopping the containers whose place others have taken", () => {
    const text = retireScript([target("web-0", "web-0-0123abcd-1"), target("web-1", "web-1-0123abcd-1")], 30);

    it("is the script in tests/golden", () => assertGolden("containers/retire.sh", text));

    it("is a script that a shell understands", async () => {
        assert.equal((await run("sh", ["-n"], { input: text })).code, 0);
    });
});
