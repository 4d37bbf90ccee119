import assert from "node:assert/strict";
import { acmeSettings, acmeSpec } from "../../../lib/balancer/acmeSpec";
import type { AcmeArgs } from "../../../lib/balancer/balancerArgs";
import { balancerSpec } from "../../../lib/balancer/balancerSpec";
import type { FusionBalancerArgs } from "../../../lib/balancer/FusionBalancer";
import { renderHaproxyConfig } from "../../../lib/balancer/renderHaproxyConfig";
import { renewScript } from "../../../lib/balancer/renewScript";
import { Faults } from "../../../lib/faults";
import { type Made, makeCertificate } from "../../support/certificates";
import { assertFault, type WrongCase } from "../../support/faults";
import { assertGolden } from "../../support/golden";
import { haproxyCheck, least } from "../../support/haproxy";
import { needPrograms } from "../../support/programs";

const listen = [{ port: 80 }, { port: 443, tls: true }];
const usual: AcmeArgs = { domains: ["www.example.org"], email: "ops@example.org", acceptTerms: true };

interface Given {
    acme?: Partial<AcmeArgs>;
    args?: Partial<FusionBalancerArgs>;
}

const spec = ({ acme = {}, args = {} }: Given, faults: Faults) =>
    balancerSpec(
        "lb",
        {
            listen,
            backends: [{ name: "old", servers: [{ name: "old", address: "10.0.0.9", port: 8080 }] }],
            tls: { acme: { ...usual, ...acme } },
            ...args,
        },
        undefined,
        faults,
    );
function good(given: Given) {
    const faults = new Faults();
    const { acme, haproxy } = spec(given, faults);
    assert.equal(faults.size, 0, faults.size > 0 ? faults.error().message : "");
    assert.ok(acme);
    return { acme, haproxy, settings: acmeSettings(acme) };
}

describe("what an ACME server is asked for", () => {
    let authority: Made;
    before(async () => {
        await needPrograms("haproxy", "openssl");
        authority = await makeCertificate("ca.example.org");
    });

    it("is one certificate a name of Let's Encrypt, unless more is said", () => {
        const { acme, settings } = good({ acme: { domains: ["WWW.example.org", ["example.org", "a.example.org"]] } });
        assert.match(acme.challenges, /^127\.\d+\.\d+\.\d+:402$/);
        const [www, two] = acme.certificates.map(({ file }) => file);
        assert.equal(
            settings,
            `server https://acme-v02.api.letsencrypt.org/directory
email ops@example.org
certificate ${www} www.example.org
certificate ${two} example.org a.example.org
`,
        );
    });

    it("is of another authority, with days and its certificate, where that is said", () => {
        const server = "https://[fd00::1]:9000/acme/acme/directory";
        const { settings } = good({ acme: { server, renewDaysBefore: 7, authority: `\n${authority.certificate}` } });
        const base64 = Buffer.from(authority.certificate).toString("base64");
        assert.match(settings, /^server https:\/\/\[fd00::1\]:9000\/acme\/acme\/directory\nemail .*\ndays 7\nauth/);
        assert.ok(settings.includes(`\nauthority ${base64}\ncertificate `), settings);
    });

    it("has another file when it is of other names or of another authority, and of nothing else", () => {
        const file = (acme: Partial<AcmeArgs>) => good({ acme }).acme.certificates[0]?.file;
        const domains = [["a.org", "b.org"]];
        const first = file({ domains });
        assert.match(first ?? "", /^[0-9a-f]{16}\.pem$/);
        assert.equal(file({ domains: [["B.org", "a.org"]], email: "x@y.org", renewDaysBefore: 9 }), first);
        assert.notEqual(file({ domains: [["a.org"]] }), first);
        assert.notEqual(file({ domains, server: "https://acme-staging-v02.api.letsencrypt.org/directory" }), first);
    });

    it("is asked for at another loopback address by another balancer", () => {
        const at = (unit: string) =>
            acmeSpec("lb", { listen, backends: [], tls: { acme: usual } }, listen, unit, new Faults())?.challenges;
        assert.notEqual(at("fusion-haproxy-lb-1"), at("fusion-haproxy-lb-2"));
    });

    it("is passed on before all rules, as is kept in tests/golden, and HAProxy takes it", async () => {
        const clients = { allow: ["10.0.0.0/8"], deny: ["10.6.6.6"] };
        const web = {
            ...{ name: "http", bind: ["*:80", "*:8081"], clients: { ...clients, rate: { requests: 100 } } },
            ...{ redirectToTls: 443, routes: [{ backend: "web", paths: ["/.well-known"] }] },
            ...{ lines: ["http-request deny if { path_beg /admin }"], defaultBackend: "web" },
        };
        const sql = { name: "sql", mode: "tcp", bind: ["127.0.0.1:5432"], clients, defaultBackend: "db" } as const;
        const db = { name: "db", mode: "tcp", servers: [{ name: "a", address: "10.0.0.7", port: 5432 }] } as const;
        const text = renderHaproxyConfig({
            ...{ acmeChallenges: "127.7.7.7:8402", frontends: [web, sql], backends: [...least.backends, db] },
        });
        assertGolden("balancer/acme.cfg", text);
        assert.deepEqual(await haproxyCheck([text]), [undefined]);
    });

    it("is renewed by a script that is kept in tests/golden", () =>
        assertGolden(
            "balancer/renew.sh",
            renewScript({
                ...{ directory: "/var/lib/fusion/lb", owner: "project/stack/lb" },
                ...{ unit: "fusion-haproxy-lb-0", lockSeconds: 1800 },
            }),
        ));

    const wrong: WrongCase<Given>[] = [
        [
            "terms that nobody accepts",
            { acme: { acceptTerms: false as true } },
            "acceptTerms",
            /must be true, got false/,
        ],
        ["no address of mail", { acme: { email: "ops" } }, "email", /is no address of mail: "ops"; give one such as/],
        ["an option as an address", { acme: { email: "-a b@c.d" } }, "email", /no address of mail: "-a b@c.d"; give/],
        ["no domain", { acme: { domains: [] } }, "domains", /is missing or empty; give host names/],
        ["no name of a certificate", { acme: { domains: [[]] } }, "domains[0]", /has 0 names; give a certificate 1 to/],
        ["a name with a blank", { acme: { domains: ["a b.org"] } }, "domains[0]", /is no host name: "a b.org"; give/],
        ["an address", { acme: { domains: [["a.org", "10.0.0.1"]] } }, "domains[0][1]", /no host name: "10.0.0.1"/],
        ["a number", { acme: { domains: [7 as unknown as string] } }, "domains[0]", /is no host name: 7; give/],
        [
            "a name twice",
            { acme: { domains: ["a.org", ["A.org"]] } },
            "domains[1][0]",
            /is named twice: "A.org"; leave/,
        ],
        [
            "a wildcard",
            { acme: { domains: ["*.example.org"] } },
            "domains[0]",
            /is a wildcard: .*, which HTTP cannot prove; name each host, or give such a certificate in tls.certificates/,
        ],
        ["a server without TLS", { acme: { server: "http://ca.org/" } }, "server", /no URL of an ACME directory/],
        [
            "an option of a server",
            { acme: { server: "https://ca.org/ --dns" } },
            "server",
            /no URL of an ACME directory/,
        ],
        [
            "an authority that is a file",
            { acme: { authority: "/ca.pem" } },
            "authority",
            /is no certificate in PEM; give/,
        ],
        ["days of none", { acme: { renewDaysBefore: 0 } }, "renewDaysBefore", /from 1 to 60, got 0; give days/],
        [
            "a port for everybody",
            { acme: { challengePort: 8402 } },
            "challengePort",
            /to 1023, got 8402; give one that root alone/,
        ],
        ["the port of a listener", { acme: { challengePort: 443 } }, "challengePort", /listened on already: 443; give/],
        [
            "TLS alone",
            { args: { listen: { port: 443, tls: true } } },
            "",
            /is proven by HTTP without TLS, and every listener has it; listen on port 80 too/,
        ],
        ["mode tcp", { args: { mode: "tcp" } }, "", /which mode "tcp" does not see; give tls.certificates/],
        [
            "a standby",
            {
                args: {
                    standby: {
                        ...{ host: { ssh: { address: "192.0.2.12" } }, address: "192.0.2.10/24" },
                        peers: ["192.0.2.11", "192.0.2.12"],
                    },
                },
            },
            "",
            /cannot be had with a standby: .*, so the other gets no certificate; give tls.certificates/,
        ],
        [
            "more than HAProxy has room for",
            { acme: { domains: Array.from({ length: 26 }, (_, index) => `a${index}.org`) } },
            "domains",
            /are 26, and HAProxy has room for 25; name several hosts in one/,
        ],
    ];
    for (const [title, given, path, says] of wrong) {
        it(`is refused with ${title}`, () =>
            assertFault(`lb.tls.acme${path && `.${path}`}`, says, (faults) => spec(given, faults)));
    }
});
