import assert from "node:assert/strict";
import type { FusionContainerSetArgs } from "../../../lib/containers/FusionContainerSet";
import { placementSpec } from "../../../lib/containers/placementSpec";
import { Faults } from "../../../lib/faults";
import { assertFault, type WrongCase } from "../../support/faults";

const hosts = ["vm1", "vm2", "vm3"].map((name, i) => ({
    name,
    address: `10.77.0.1${i}`,
    capacity: {},
    labels: { zone: i < 2 ? "a" : "b" },
}));
const spec = (args: object, faults: Faults, on = hosts) => {
    const given: FusionContainerSetArgs = { hosts: [], image: "x", ...args };
    return placementSpec("web", given, on, faults);
};
const valid = (args: object, on = hosts) => {
    const faults = new Faults();
    const found = spec(args, faults, on);
    assert.equal(faults.size, 0, faults.size > 0 ? faults.error().message : "");
    return found;
};

describe("where a set's replicas run", () => {
    it("is on the set's hosts, as the placement's service has it", () => {
        const pin = { "web-0": "vm1" };
        assert.deepEqual(valid({ replicas: 2, placement: { pin, move: { improve: 1 }, objective: "balance" } }), {
            objective: "balance",
            move: { improve: 1 },
            where: { pin, replicas: 2, require: { host: ["vm1", "vm2", "vm3"] } },
        });
        const { where } = valid({ placement: { require: { host: ["vm3"], zone: ["b"] } } });
        assert.deepEqual(where.require, { host: ["vm3"], zone: ["b"] });
    });

    it("is each host that has what is required, by its name", () => {
        const { where } = valid({ replicas: "every-host", placement: { require: { zone: ["a"] } } });
        assert.deepEqual(where, {
            replicas: 2,
            names: ["vm1", "vm2"],
            pin: { "web-vm1": "vm1", "web-vm2": "vm2" },
            require: { zone: ["a"], host: ["vm1", "vm2", "vm3"] },
        });
        assert.deepEqual(valid({ replicas: "every-host" }, hosts.slice(1)).where.names, ["vm2", "vm3"]);
    });

    const every = (placement: object) => ({ replicas: "every-host", placement });
    const wrong: WrongCase<object>[] = [
        [
            "no number",
            { replicas: "all" },
            "web.replicas",
            /not known: "all"; give a number such as 4, or "every-host"/,
        ],
        ["no object", { placement: "zone a" }, "web.placement", /must be an object, got "zone a"; give e\.g\./],
        [
            "a rule misspelt",
            { placement: { spreadover: "zone" } },
            "web.placement.spreadover",
            /not known here; what can/,
        ],
        ["what is no rule", { placement: { replicas: 3 } }, "web.placement.replicas", /is not known here/],
        [
            "a pin to a foreign host",
            { placement: { pin: { "web-0": "vm9" } } },
            'web.placement.pin["web-0"]',
            /"vm9" is none of the set's hosts; name one of \["vm1"/,
        ],
        [
            "a foreign host required",
            { placement: { require: { host: ["vm1", "vm9"] } } },
            "web.placement.require.host[1]",
            /"vm9" is none of the set's hosts; name/,
        ],
        [
            "no budgets",
            { placement: { move: 3 } },
            "web.placement.move",
            /must be an object, got 3; give e\.g\. { improve: 2 }/,
        ],
        [
            "an unknown purpose",
            { placement: { move: { better: 1 } } },
            "web.placement.move.better",
            /not known here; what can be given is add, improve, restore/,
        ],
        [
            "half a move",
            { placement: { move: { improve: 0.5 } } },
            "web.placement.move.improve",
            /whole number from 0 to 10000, got 0\.5; give/,
        ],
        [
            "every host, pinned",
            every({ pin: { "web-vm1": "vm1" } }),
            "web.placement.pin",
            /no meaning with replicas: "every-host", got {"web-vm1":"vm1"}; leave it out/,
        ],
        [
            "every host, spread",
            every({ spreadOver: "zone" }),
            "web.placement.spreadOver",
            /no meaning.*got "zone"; leave/,
        ],
        ["every host, skewed", every({ maxSkew: 2 }), "web.placement.maxSkew", /no meaning.*got 2; leave/],
        ["every host, preferred", every({ prefer: { zone: ["a"] } }), "web.placement.prefer", /no meaning.*leave/],
        ["every host, moved", every({ move: { add: 1 } }), "web.placement.move", /no meaning.*got {"add":1}; leave/],
        [
            "every host, none of which will do",
            every({ require: { zone: ["c"] } }),
            "web.placement.require",
            /none of the 3 hosts has what is required, {"zone":\["c"\]}; require less, or label/,
        ],
    ];
    for (const [title, args, path, says] of wrong) {
        it(`refuses ${title}`, () => assertFault(path, says, (faults) => spec(args, faults)));
    }
});
