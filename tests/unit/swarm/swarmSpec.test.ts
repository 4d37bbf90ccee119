import assert from "node:assert/strict";
import type { DockerHostSpec } from "../../../lib/dockerHost";
import { Faults } from "../../../lib/faults";
import { checkChange } from "../../../lib/swarm/checkChange";
import { planSwarm, tellSwarm } from "../../../lib/swarm/planSwarm";
import type { SwarmMemory } from "../../../lib/swarm/SwarmRecord";
import { checkAddresses, type SwarmSpec, swarmSpec } from "../../../lib/swarm/swarmSpec";
import { assertFault, faultsOf, type WrongCase } from "../../support/faults";

const host = (number: number, more: Partial<DockerHostSpec> = {}): DockerHostSpec => ({
    name: `h${number}`,
    address: `10.78.0.1${number}`,
    capacity: {},
    labels: {},
    ...more,
});
const four = [1, 2, 3, 4].map((number) => host(number));
const spec = (args: object, nodes = four, faults = new Faults()): SwarmSpec =>
    swarmSpec("farm", { hosts: [], ...args }, nodes, faults);

describe("the arguments of a swarm", () => {
    it("have defaults", () => {
        const faults = new Faults();
        assert.deepEqual(spec({ networks: { b: {}, a: { encrypted: true } } }, four, faults), {
            name: "farm",
            nodes: four,
            managers: 3,
            autolock: false,
            addressPool: "10.201.0.0/16",
            networks: { a: { encrypted: true }, b: { encrypted: false } },
            recover: undefined,
            drainSeconds: 60,
        });
        assert.equal(faults.size, 0);
        assert.equal(spec({}, four.slice(0, 2)).managers, 1);
    });

    const wrong: readonly WrongCase<object>[] = [
        ["an even number of managers", { managers: 2 }, "farm.managers", /1, 3, 5 or 7, got 2; .*give 3/],
        ["too many managers", { managers: 9 }, "farm.managers", /got 9/],
        ["half a manager", { managers: 1.5 }, "farm.managers", /got 1\.5/],
        ["managers in words", { managers: "3" }, "farm.managers", /got "3"/],
        ["more managers than hosts", { managers: 5 }, "farm.managers", /5 of 4; give fewer, or more hosts/],
        [
            "a pool that is none",
            { addressPool: "10.201.0.0" },
            "farm.addressPool",
            /no IPv4 network .*"10\.201\.0\.0"; give/,
        ],
        ["a pool of one network", { addressPool: "10.201.0.0/24" }, "farm.addressPool", /from \/8 to \/23/],
        ["a pool with bits behind its prefix", { addressPool: "10.201.0.1/16" }, "farm.addressPool", /no IPv4 network/],
        [
            "a pool with hosts in it",
            { addressPool: "10.78.0.0/16" },
            "farm.addressPool",
            /the address of h1 \(10\.78\.0\.11\), h2.* in it; give a private network/,
        ],
        ["seconds that are none", { drainSeconds: -1 }, "farm.drainSeconds", /from 0 to 3600, got -1; give seconds/],
        ["a host to recover from that it has not", { recover: "h9" }, "farm.recover", /"h9" is none of .*\["h1"/],
        ["a network's name", { networks: { "a b": {} } }, "farm.networks", /no name for a network: "a b"; use/],
        ["a network's name with a dot", { networks: { "a.b": {} } }, "farm.networks", /no name for a network: "a\.b"/],
        [
            "a network's name that is too long behind the swarm's",
            { networks: { [`a${"b".repeat(48)}`]: {} } },
            `farm.networks.a${"b".repeat(48)}`,
            /may come to be called "farm-ab+-encrypted", which Swarm does not take; use up to 63/,
        ],
        ["Swarm's own network", { networks: { ingress: {} } }, "farm.networks.ingress", /Swarm's own .*another name/],
        [
            "two networks that may meet",
            { networks: { a: {}, "a-encrypted": {} } },
            "farm.networks.a-encrypted",
            /"a" may come to be called; give it another name/,
        ],
        ["a network that is no object", { networks: { a: true } }, "farm.networks.a", /must be an object, got true/],
        [
            "encryption in words",
            { networks: { a: { encrypted: "yes" } } },
            "farm.networks.a.encrypted",
            /true or false/,
        ],
        [
            "an argument of a network that is not known",
            { networks: { a: { crypted: true } } },
            "farm.networks.a.crypted",
            /did you mean encrypted/,
        ],
    ];
    for (const [title, given, path, says] of wrong) {
        it(`are refused with ${title}`, () =>
            assertFault(path, says, (faults) => {
                checkAddresses(spec(given, four, faults), faults);
            }));
    }

    const wrongHosts: readonly WrongCase<DockerHostSpec[]>[] = [
        ["no hosts", [], "farm.hosts", /is empty; give at least one/],
        ["a host twice", [host(1), host(1)], "farm.hosts[1]", /the name "h1" of hosts\[0\]; give each host .* once/],
        [
            "an address twice",
            [host(1), host(2, { address: "10.78.0.11" })],
            "farm.hosts[1]",
            /the address of h1, 10\.78\.0\.11; give each/,
        ],
        ["a name of the library's", [host(1, { name: "unlock-key" })], "farm.hosts[0].name", /another name/],
        ["a label of the library's", [host(1, { labels: { "fusion.host": "x" } })], "farm.hosts[0].labels", /name it/],
        ["a label without a name", [host(1, { labels: { "a b": "x" } })], "farm.hosts[0].labels", /"a b"; use letters/],
        [
            "a label that cannot be compared",
            [host(1, { labels: { rack: "a'b" } })],
            "farm.hosts[0].labels.rack",
            /no value that Swarm can compare: "a'b"; use letters/,
        ],
    ];
    for (const [title, nodes, path, says] of wrongHosts) {
        it(`are refused with ${title}`, () =>
            assertFault(path, says, (faults) => {
                checkAddresses(spec({}, nodes, faults), faults);
            }));
    }

    it("are refused all at once", () => {
        const told = faultsOf((faults) => {
            spec({ managers: 2, drainSeconds: "x", recover: "h9", addressPool: "x" }, four, faults);
        });
        assert.equal(told.length, 4);
    });
});

describe("a swarm that was founded", () => {
    const last: SwarmMemory = {
        managers: ["h1", "h2", "h3"],
        nodes: ["h1", "h2", "h3", "h4"],
        provider: "h1",
        addressPool: "10.201.0.0/16",
        looks: 0,
        begun: 0,
    };
    const check =
        (args: object, nodes = four) =>
        (faults: Faults) =>
            checkChange(spec(args, nodes), last, faults);

    it("keeps its address pool", () => {
        assertFault(
            "farm.addressPool",
            /was 10\.201\.0\.0\/16 .*got 10\.9\.0\.0\/16; leave/,
            check({ addressPool: "10.9.0.0/16" }),
        );
        assert.deepEqual(faultsOf(check({})), []);
        assert.deepEqual(
            faultsOf((faults) => checkChange(spec({ addressPool: "10.9.0.0/16" }), undefined, faults)),
            [],
        );
    });

    it("keeps one of its managers for the others to take over, unless it begins anew", () => {
        const others = [host(4), host(5)];
        assertFault("farm.hosts", /none of the swarm's managers any more: h1, h2, h3; keep one/, check({}, others));
        assert.deepEqual(faultsOf(check({ recover: "h4" }, others)), []);
    });

    it("has managers asked, and where there is one only, another host that may stand in", () => {
        assert.deepEqual(planSwarm(spec({}), last), { managers: ["h1", "h2", "h3"], contacts: ["h1", "h2", "h3"] });
        assert.deepEqual(planSwarm(spec({ managers: 1 }), undefined), { managers: ["h1"], contacts: ["h1", "h2"] });
        assert.deepEqual(planSwarm(spec({}, [host(2)]), last), { managers: ["h2"], contacts: ["h2"] });
        assert.deepEqual(planSwarm(spec({ managers: 1, recover: "h3" }), last).managers, ["h3"]);
    });

    const words = (args: object, nodes: readonly DockerHostSpec[], before: SwarmMemory | undefined) => {
        const now = spec(args, [...nodes]);
        return tellSwarm(now, planSwarm(now, before), before);
    };

    it("says what becomes of it, and nothing where it stays as it is", () => {
        assert.equal(words({}, four, undefined), "farm: a swarm of 4 nodes is founded; h1, h2 and h3 manage it.");
        assert.equal(words({}, [host(1)], undefined), "farm: a swarm of 1 node is founded; h1 manages it.");
        assert.equal(words({}, four, last), undefined);
        assert.equal(
            words({}, [host(2), host(3), host(4), host(5)], last),
            "farm: h5 joins as a worker; h4 becomes a manager; h1 is drained and leaves.",
        );
        assert.equal(words({ managers: 1 }, four, last), "farm: h2 becomes a worker; h3 becomes a worker.");
    });
});
