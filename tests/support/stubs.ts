import {
    chmodSync,
    existsSync,
    mkdirSync,
    mkdtempSync,
    readFileSync,
    rmSync,
    symlinkSync,
    writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { run } from "../../tools/run";

const REAL = [
    ...[
        "awk",
        "cat",
        "chmod",
        "cp",
        "cut",
        "dirname",
        "grep",
        "head",
        "id",
        "mkdir",
        "mktemp",
        "mv",
        "rm",
        "sed",
        "sh",
    ],
    ...["sort", "tail", "touch", "tr", "wc"],
];

/** A machine for a script to run on: its `/etc` and `/var/lib` are folders of a test, its programs stubs that log their call. */
export class StubMachine {
    readonly dir = mkdtempSync(join(tmpdir(), "fusion-stubs-"));
    private readonly log = join(this.dir, "log");

    /** @param programs a stub's name to what it does after it has logged its call; `$BIN` is the folder of the programs */
    constructor(programs: Readonly<Record<string, string>>, osRelease = "") {
        for (const folder of ["bin", "etc/apt/sources.list.d", "etc/yum.repos.d"]) {
            mkdirSync(join(this.dir, folder), { recursive: true });
        }
        for (const name of REAL) {
            const found = ["/usr/bin", "/bin"].map((folder) => join(folder, name)).find(existsSync);
            symlinkSync(found ?? name, join(this.dir, "bin", name));
        }
        for (const [name, does] of Object.entries(programs)) {
            this.write(
                `bin/${name}`,
                `#!/bin/sh\necho "${name} $*" >>'${this.log}'\nBIN='${join(this.dir, "bin")}'\n${does}\n`,
            );
            chmodSync(join(this.dir, "bin", name), 0o755);
        }
        this.write("etc/os-release", osRelease);
    }

    write(path: string, text: string): void {
        mkdirSync(dirname(join(this.dir, path)), { recursive: true });
        // What is there may be a link to the machine's own program, which must not be written through.
        rmSync(join(this.dir, path), { force: true });
        writeFileSync(join(this.dir, path), text);
    }

    read(path: string): string {
        return readFileSync(join(this.dir, path), "utf8");
    }

    /** The calls of stubs since the last look. */
    calls(): string[] {
        const text = existsSync(this.log) ? readFileSync(this.log, "utf8").replaceAll(this.dir, "") : "";
        rmSync(this.log, { force: true });
        return text.split("\n").filter((line) => line !== "");
    }

    async run(script: string, env: Readonly<Record<string, string>> = {}) {
        const input = script
            .replaceAll(/(?<![\w./])\/(etc|var|run)\//g, (_, folder) => `${this.dir}/${folder}/`)
            .replaceAll("file:///etc", `file://${this.dir}/etc`);
        const path = join(this.dir, "bin");
        const { code, stdout, stderr } = await run("/bin/sh", ["-s"], {
            input,
            env: { PATH: path, ...env },
            allowFailure: true,
        });
        return { code, stdout: stdout.replaceAll(this.dir, ""), stderr: stderr.replaceAll(this.dir, "") };
    }

    dispose(): void {
        rmSync(this.dir, { recursive: true, force: true });
    }
}

/** `/etc/os-release` of the families, in what is read of it. */
export const osReleases = {
    debian12:
        'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nVERSION="12 (bookworm)"\nVERSION_CODENAME=bookworm\nID=debian\n',
    debian13: 'PRETTY_NAME="Debian GNU/Linux 13 (trixie)"\nVERSION="13 (trixie)"\nVERSION_CODENAME=trixie\nID=debian\n',
    ubuntu2204:
        'PRETTY_NAME="Ubuntu 22.04.5 LTS"\nVERSION_CODENAME=jammy\nID=ubuntu\nID_LIKE=debian\nUBUNTU_CODENAME=jammy\n',
    ubuntu2404:
        'PRETTY_NAME="Ubuntu 24.04.2 LTS"\nVERSION_CODENAME=noble\nID=ubuntu\nID_LIKE=debian\nUBUNTU_CODENAME=noble\n',
    fedora: 'NAME="Fedora Linux"\nVERSION="42 (Cloud Edition)"\nID=fedora\nPRETTY_NAME="Fedora Linux 42 (Cloud Edition)"\n',
    almalinux:
        'NAME="AlmaLinux"\nVERSION="9.6 (Sage Margay)"\nID="almalinux"\nID_LIKE="rhel centos fedora"\nPRETTY_NAME="AlmaLinux 9.6"\n',
};
