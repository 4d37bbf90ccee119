import { existsSync } from "node:fs";
import { join } from "node:path";
import { run } from "../../tools/run";
import { StubMachine } from "./stubs";

/** Docker as far as the scripts of images need it: `$LAB/images` has the names of images, `$LAB/used` those of containers', `$LAB/ports` lines PORT CONTAINER. */
const docker = `LAB="$BIN/../lab"
for last; do :; done
has() { grep -qxF -e "$1" "$LAB/images"; }
[ -z "\${DOCKER_CONFIG:-}" ] || { cat "$DOCKER_CONFIG/config.json"; ls -ld "$DOCKER_CONFIG" | cut -c 1-10; } >"$LAB/login"
case "$1 $2" in
"image inspect") has "$last" || exit 1; echo linux/amd64 ;;
"image rm") has "$last"; grep -vxF -e "$last" "$LAB/images" >"$LAB/rest"; mv "$LAB/rest" "$LAB/images" ;;
"pull "*) [ ! -e "$LAB/refuse" ] || { echo "unauthorized: $last" >&2; exit 1; }; echo "$last" >>"$LAB/images" ;;
"ps "*publish=* | "ps --filter") for word; do case $word in publish=*/udp) ;; publish=*) sed -n "s/^\${word#publish=} //p" "$LAB/ports" ;; esac; done ;;
"ps "*) case \${last#*ancestor=} in *) grep -xF -e "\${last#*ancestor=}" "$LAB/used" || true ;; esac ;;
"load "*) cat >"$LAB/loaded"; echo "Loaded image: web:1" ;;
"tag "*) [ "$2" = "\${TAGGABLE:-web:1}" ] || exit 1; echo "$last" >>"$LAB/images" ;;
"build "*) cat >"$LAB/context.tar"; [ ! -e "$LAB/broken" ] || { echo "Step 1/2"; echo "no such luck"; exit 1; } ;;
"push "*) [ ! -e "$LAB/refuse" ] || { echo "denied"; exit 1; } ;;
esac`;

/** A host that is reached by a stub of ssh, and the operator's machine at once. */
export class StubDockerHost {
    readonly machine: StubMachine;

    constructor() {
        this.machine = new StubMachine({
            docker,
            ssh: 'for last; do :; done; exec sh -c "$last"',
            date: 'cat "$BIN/../lab/now"',
            ...Object.fromEntries(
                ["base64", "gzip", "ls", "tar"].map((name) => [name, `PATH=/usr/bin:/bin exec ${name} "$@"`]),
            ),
        });
        for (const name of ["images", "used", "ports"]) {
            this.machine.write(`lab/${name}`, "");
        }
        this.at(0);
    }

    /** Sets the clock, in days. */
    at(day: number): this {
        this.machine.write("lab/now", `${1_700_000_000 + day * 86_400}\n`);
        return this;
    }

    /** Runs a command as Pulumi does. @returns the calls of Docker too, those that only look left out */
    async run(command: string, stdin = "", env: Readonly<Record<string, string>> = {}) {
        const { dir } = this.machine;
        const result = await run("/bin/sh", ["-c", command], {
            input: stdin,
            env: { PATH: join(dir, "bin"), HOME: dir, TMPDIR: dir, XDG_RUNTIME_DIR: dir, ...env },
            allowFailure: true,
        });
        // Lines of the script that ssh is called with look like calls, but for the variables in quotes.
        const isCall = (line: string) =>
            /^docker (pull|load|tag|build|push|rm|image rm)/.test(line) && !line.includes('"$');
        const calls = this.machine.calls().filter(isCall);
        return { ...result, calls };
    }

    /** What is in a file of the lab; undefined where there is none. */
    lab(name: string): string | undefined {
        return existsSync(join(this.machine.dir, "lab", name)) ? this.machine.read(`lab/${name}`) : undefined;
    }

    dispose(): void {
        this.machine.dispose();
    }
}
