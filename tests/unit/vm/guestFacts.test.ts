import assert from "node:assert/strict";
import { Faults } from "../../../lib/faults";
import { guestFacts } from "../../../lib/vm/guestFacts";
import { type GuestArgs, type GuestSpec, guestSpec } from "../../../lib/vm/guestSpec";

const hashes = (args: GuestArgs, key = "secret", user = "fusion") => {
    const guest = guestSpec("vm1", args, { user, address: "" }, new Faults()) as GuestSpec;
    return guestFacts(key, { guest, args, user, authorizedKeys: ["ssh-ed25519 A"] });
};

describe("the hashes of a guest's arguments", () => {
    const plain = hashes({});

    it("differ for the argument that differs, and for no other", () => {
        const changes: [GuestArgs, string][] = [
            [{ commands: ["reboot"] }, "commands"],
            [{ timezone: "Etc/UTC" }, "timezone"],
            [{ packages: ["htop"] }, "packages"],
            [{ files: [{ path: "/etc/motd", content: "x" }] }, "files"],
            [{ users: [{ name: "alice" }] }, "users"],
            [{ sysctl: { "vm.swappiness": 1 } }, "sysctl"],
            [{ proxy: { http: "http://10.0.0.5:3128" } }, "proxy"],
            [{ docker: { version: "27.3.1" } }, "docker"],
            [{ docker: { daemon: { debug: true } } }, "docker"],
            [{ cloudInit: { locale: "C" } }, "cloudInit"],
        ];
        for (const [args, argument] of changes) {
            const now = hashes(args);
            const differ = Object.keys({ ...plain, ...now }).filter((key) => plain[key] !== now[key]);
            assert.deepEqual(differ, [argument]);
        }
        assert.notEqual(hashes({}, "secret", "ops")["ssh.user"], plain["ssh.user"]);
    });

    it("do not depend on the order of keys", () => {
        const one = hashes({ sysctl: { "vm.swappiness": 1, "vm.max_map_count": 2 } });
        assert.deepEqual(hashes({ sysctl: { "vm.max_map_count": 2, "vm.swappiness": 1 } }), one);
    });

    it("cannot be tried against without the machine's secret", () => {
        const secret: GuestArgs = { files: [{ path: "/etc/token", content: "hunter2" }] };
        assert.notEqual(hashes(secret, "another").files, hashes(secret).files);
        assert.match(hashes(secret).files ?? "", /^[0-9a-f]{8}$/);
    });
});
