import assert from "node:assert/strict";
import fc from "fast-check";
import { type ManagerCandidate, planManagers } from "../../../lib/swarm/planManagers";

/** Hosts h1, h2... from "zone/hypervisor" each. */
const hosts = (...where: string[]): ManagerCandidate[] =>
    where.map((text, index) => {
        const [zone = "", hypervisor = ""] = text.split("/");
        return { name: `h${index + 1}`, labels: { ...(zone && { zone }), ...(hypervisor && { hypervisor }) } };
    });

describe("the managers of a swarm", () => {
    for (const [title, given, count, before, expected] of [
        ["are the first by name without labels", hosts("", "", "", ""), 3, [], ["h1", "h2", "h3"]],
        ["are all where there are no more", hosts("", ""), 3, [], ["h1", "h2"]],
        ["are in different zones", hosts("a", "a", "b", "c"), 3, [], ["h1", "h3", "h4"]],
        ["are on different hypervisors of a zone", hosts("a/1", "a/1", "a/2", "b/3"), 3, [], ["h1", "h3", "h4"]],
        ["are in different zones before hypervisors", hosts("a/1", "a/2", "b/3", "b/3"), 2, [], ["h1", "h3"]],
        ["stay, wherever they are", hosts("a", "a", "a", "b", "c"), 3, ["h1", "h2", "h3"], ["h1", "h2", "h3"]],
        [
            "that are gone are made up for elsewhere",
            hosts("a", "a", "b", "c"),
            3,
            ["h1", "h9", "h4"],
            ["h1", "h3", "h4"],
        ],
        [
            "that are too many go where most are",
            hosts("a", "a", "b", "c"),
            3,
            ["h1", "h2", "h3", "h4"],
            ["h1", "h3", "h4"],
        ],
        ["that are too many go from behind", hosts("", "", ""), 1, ["h1", "h2", "h3"], ["h1"]],
        ["are counted in zones with those without as one", hosts("", "", "a"), 2, [], ["h1", "h3"]],
    ] as const) {
        it(title, () => assert.deepEqual(planManagers(given, count, before), expected));
    }

    it("have the one among them that must be, even if it was none", () => {
        assert.deepEqual(planManagers(hosts("", "", "", ""), 3, ["h1", "h2", "h3"], "h4"), ["h1", "h2", "h4"]);
        assert.deepEqual(planManagers(hosts("", ""), 1, ["h1"], "h2"), ["h2"]);
    });

    const label = fc.option(fc.constantFrom("a", "b", "c"), { nil: undefined });
    const problem = fc.record({
        hosts: fc
            .array(fc.record({ zone: label, hypervisor: label }), { minLength: 1, maxLength: 12 })
            .map((all) => hosts(...all.map(({ zone = "", hypervisor = "" }) => `${zone}/${hypervisor}`))),
        count: fc.constantFrom(1, 3, 5, 7),
        before: fc.uniqueArray(
            fc.integer({ min: 1, max: 14 }).map((n) => `h${n}`),
            { maxLength: 7 },
        ),
    });

    it("are as many as asked, as far as there are hosts, whatever the order; and the same again", () =>
        fc.assert(
            fc.property(problem, ({ hosts: given, count, before }) => {
                const managers = planManagers(given, count, before);
                assert.equal(managers.length, Math.min(count, given.length));
                assert.deepEqual(planManagers([...given].reverse(), count, [...before].reverse()), managers);
                assert.deepEqual(planManagers(given, count, managers), managers);
            }),
        ));

    it("change as little as can be: none goes while another comes", () =>
        fc.assert(
            fc.property(problem, ({ hosts: given, count, before }) => {
                const there = before.filter((name) => given.some((host) => host.name === name));
                const managers = planManagers(given, count, before);
                const stay = there.filter((name) => managers.includes(name));
                assert.equal(stay.length, Math.min(there.length, count));
            }),
        ));

    it("that are all new are spread over zones as evenly as these allow", () =>
        fc.assert(
            fc.property(problem, ({ hosts: given, count }) => {
                const managers = planManagers(given, count, []);
                const zoneOf = (name: string) => given.find((host) => host.name === name)?.labels.zone;
                const inZone = (zone: string | undefined) => managers.filter((name) => zoneOf(name) === zone).length;
                for (const free of given.filter(({ name }) => !managers.includes(name))) {
                    for (const manager of managers) {
                        assert.ok(
                            inZone(zoneOf(manager)) <= inZone(free.labels.zone) + 1,
                            `${managers}, but ${free.name}`,
                        );
                    }
                }
            }),
        ));
});
