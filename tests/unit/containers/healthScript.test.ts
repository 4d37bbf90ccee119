import assert from "node:assert/strict";
import { type HealthTarget, healthScript } from "../../../lib/containers/healthScript";
import { run } from "../../../tools/run";
import { assertGolden } from "../../support/golden";

const target = (replica: string, vm: string, probe?: HealthTarget["probe"]): HealthTarget => ({
    replica,
    container: `${replica}-0123`,
    vm,
    ssh: { address: vm === "vm1" ? "10.77.0.11" : "10.77.0.12", user: "fusion" },
    ...(probe && { probe }),
});

describe("waiting for containers", () => {
    it("is the script in tests/golden", () =>
        assertGolden(
            "containers/healthy.sh",
            healthScript(
                [
                    target("web-0", "vm1", { kind: "http", address: "10.77.0.11", port: 20000, path: "/it's?a=1&b" }),
                    target("web-1", "vm2", { kind: "tcp", address: "10.77.0.12", port: 20000, path: "/" }),
                    target("web-2", "vm1"),
                ],
                300,
            ),
        ));

    it("is a script that a shell understands, whatever the path is", async () => {
        const probe = { kind: "http", address: "10.77.0.11", port: 20000, path: `/'"$(reboot)\`\\` } as const;
        const { code, stderr } = await run("sh", ["-n"], { input: healthScript([target("web-0", "vm1", probe)], 1) });
        assert.deepEqual([code, stderr], [0, ""]);
    });

    it("opens one connection a host", () => {
        const text = healthScript([target("web-0", "vm1"), target("web-1", "vm1"), target("web-2", "vm2")], 1);
        assert.equal(text.match(/ssh -o BatchMode/g)?.length, 2);
    });

    it("has nothing to do without containers", async () => {
        assert.equal((await run("sh", ["-s"], { input: healthScript([], 1) })).code, 0);
    });
});
