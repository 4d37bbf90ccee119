import fc from "fast-check";
import type { GuestArgs } from "../../lib/vm/guestSpec";

const word = fc.stringMatching(/^[a-z_][a-z0-9_-]{0,10}$/).filter((name) => name !== "root" && name !== "fusion");
const text = fc.string({ unit: "grapheme" }).filter((value) => !value.includes("\0"));
const line = fc.stringMatching(/^[ -~]{1,20}$/);
const path = fc
    .array(fc.stringMatching(/^[A-Za-z0-9_-]{1,8}$/), { minLength: 1, maxLength: 3 })
    .map((l) => `/${l.join("/")}`);
const version = fc.stringMatching(/^[0-9][A-Za-z0-9.+:~-]{0,8}$/);
const list = <T>(item: fc.Arbitrary<T>) => fc.array(item, { maxLength: 3 });
const key = fc.stringMatching(/^[A-Za-z0-9+/]{4,12}$/).map((code) => `ssh-ed25519 ${code}`);

/** Arguments about a guest that are all right: whatever the checks let pass must be right for cloud-init, too. */
export const anyGuest: fc.Arbitrary<GuestArgs & { files: { path: string; content: string }[] }> = fc.record(
    {
        users: fc.uniqueArray(
            fc.record(
                { name: word, authorizedKeys: list(key), groups: list(word), sudo: fc.boolean(), shell: path },
                { requiredKeys: ["name"] },
            ),
            { selector: ({ name }) => name, maxLength: 3 },
        ),
        timezone: fc.constantFrom("Europe/Berlin", "Etc/GMT+5", "UTC", "America/Argentina/Buenos_Aires"),
        packages: list(
            fc
                .tuple(fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9+._-]{0,8}$/), fc.option(version))
                .map(([name, pinned]) => (pinned === null ? name : `${name}=${pinned}`)),
        ),
        files: fc.uniqueArray(
            fc.record(
                {
                    path: path.map((end) => `/srv${end}`),
                    content: text,
                    permissions: fc.stringMatching(/^[0-7]{3,4}$/),
                    owner: fc.oneof(
                        word,
                        fc.tuple(word, word).map((pair) => pair.join(":")),
                    ),
                },
                { requiredKeys: ["path", "content"] },
            ),
            { selector: (file) => file.path, maxLength: 3 },
        ),
        commands: list(
            fc.oneof(
                text.filter((value) => value.trim() !== ""),
                fc.tuple(word, text).map((words) => [...words]),
            ),
        ),
        sysctl: fc.dictionary(
            fc.stringMatching(/^[a-z0-9_]{1,6}\.[A-Za-z0-9_*:-]{1,6}$/),
            fc.oneof(fc.integer(), line),
            { maxKeys: 3 },
        ),
        proxy: fc.record(
            {
                http: fc.constant("http://10.0.0.5:3128"),
                https: fc.constant("http://[fd00::5]:3128/"),
                noProxy: list(word),
            },
            { requiredKeys: ["http"] },
        ),
        docker: fc.record(
            {
                daemon: fc.dictionary(text, fc.jsonValue(), { maxKeys: 3 }),
                source: fc.constantFrom("distribution" as const, "docker" as const),
                version,
                registryMirrors: list(word.map((name) => `https://${name.replaceAll("_", "-")}.example.org`)),
            },
            { requiredKeys: [] },
        ),
        cloudInit: fc.record(
            { final_message: text, runcmd: list(fc.array(text, { minLength: 1 })), package_upgrade: fc.boolean() },
            { requiredKeys: [] },
        ),
    },
    { requiredKeys: ["files"] },
);
