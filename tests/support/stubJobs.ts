import { existsSync } from "node:fs";
import { join } from "node:path";
import { StubMachine } from "./stubs";

/**
 * Docker as far as the scripts of jobs need it: `$LAB/NAME` is a container, its lines status, exit code, time limit and labels;
 * `$LAB/exit` what the next one ends with, `$LAB/lines` what containers write. `docker wait` ends a container, or takes too long where
 * `$LAB/hangs` is.
 */
const docker = `LAB="$BIN/../lab"
for last; do :; done
case "$1" in
ps)
    for file in "$LAB"/*-????????; do
        [ -e "$file" ] || continue
        has=yes
        for word; do case $word in label=*) grep -q "^labels .*$word " "$file" || has= ;; esac; done
        [ -z "$has" ] || echo "\${file##*/}"
    done ;;
inspect)
    [ -e "$LAB/$last" ] || exit 1
    { read -r status; read -r code; read -r until; } <"$LAB/$last"
    case "$3" in
    *until*) echo "$until" ;;
    *OOM*) ;;
    *exited*) [ "$status" != exited ] || echo "$code" ;;
    *) echo "$status" ;;
    esac ;;
create)
    while [ "$1" != --name ]; do shift; done
    { printf 'created\\n0\\n9999999999\\nlabels '; for word; do case $word in fusion.*=*) printf 'label=%s ' "$word" ;; esac; done; } >"$LAB/$2"
    for word; do case $word in */env) cat "$word" >"$LAB/env" ;; esac; done
    echo "\${TWO:-}" >"$LAB/exported" ;;
cp) cat >"$LAB/files.tar" ;;
start)
    labels=$(tail -n 1 "$LAB/$last")
    printf 'running\\n%s\\n9999999999\\n%s\\n' "$(cat "$LAB/exit")" "$labels" >"$LAB/$last" ;;
wait) [ ! -e "$LAB/hangs" ] || exit 124; { read -r _; read -r code; } <"$LAB/$last"; echo "$code" ;;
logs) cat "$LAB/lines" 2>/dev/null || echo "lines of $last" ;;
rm) rm -f "$LAB/$last" ;;
esac`;

/** The call of a stub that is given a script, whose lines look like calls. */
const forget = 'rm -f "$BIN/../log"; ';
const passed = (name: string) => `PATH=/usr/bin:/bin exec ${name} "$@"`;

/** A host of jobs with or without systemd, reached by a stub of ssh. */
export class StubJobHost {
    readonly machine: StubMachine;

    /** @param user the number of the user who logs in */
    constructor({ systemd = true, user = 0, sudo = true } = {}) {
        this.machine = new StubMachine({
            docker,
            ssh: `${forget}for last; do :; done; [ ! -e "$BIN/../lab/gone" ] || exit 255; exec sh -c "$last"`,
            id: `case $1 in -u) cat "$BIN/../lab/user" ;; *) echo ops ;; esac`,
            sudo: `${forget}${sudo ? ":" : "exit 1"}; shift; [ "$1" = true ] || { echo 0 >"$BIN/../lab/user"; exec "$@"; }`,
            date: "echo 1700000000",
            timeout: 'shift; "$@"',
            uname: "echo h1",
            ...(systemd && {
                systemctl: "",
                "systemd-analyze": 'case $2 in daily | *:*) ;; *) echo "Failed to parse calendar"; exit 1 ;; esac',
            }),
            ...Object.fromEntries(["base64", "tar", "ls"].map((name) => [name, passed(name)])),
        });
        this.machine.write("lab/user", `${user}\n`);
        this.machine.write("lab/exit", "0\n");
        this.machine.write("var/lib/.keep", "");
        if (systemd) {
            this.machine.write("run/systemd/system/.keep", "");
            this.machine.write("etc/systemd/system/.keep", "");
        }
    }

    /** Runs a command as Pulumi does. @returns the calls too, without those that only look */
    async run(command: string, stdin = "", env: Readonly<Record<string, string>> = {}) {
        const data = stdin === "" ? "" : `printf %s '${stdin}' | `;
        const script = `export TMPDIR='${this.machine.dir}'\n${data}{\n${command}\n}\n`;
        const result = await this.machine.run(script, env);
        const isCall = (line: string) =>
            /^(docker (create|cp|start|stop|wait|rm)|systemctl|systemd-analyze) /.test(line);
        const calls = this.machine
            .calls()
            .filter(isCall)
            .map((line) => line.replace(/\S*\/fusion-\w+\//, "/fusion-X/"));
        return { ...result, calls };
    }

    /** A container that an earlier deployment has left. */
    leave(name: string, status: "running" | "exited" | "created", code = 0, stack = "shop/prod"): this {
        const labels = `labels label=fusion.job=migrate label=fusion.stack=${stack} `;
        this.machine.write(`lab/${name}`, `${status}\n${code}\n1700000100\n${labels}\n`);
        return this;
    }

    has(path: string): boolean {
        return existsSync(join(this.machine.dir, path));
    }

    dispose(): void {
        this.machine.dispose();
    }
}
