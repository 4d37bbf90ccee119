import assert from "node:assert/strict";
import { type DockerInstall, installDockerScript } from "../../../lib/vm/installDocker";
import { assertGolden } from "../../support/golden";
import { osReleases, StubMachine } from "../../support/stubs";

const APT_KEY = "9DC858229FC7DD38854AE2D88D81803C0EBFCD88";
const RPM_KEY = "060A61C51B558A7F742B77AAC52FEB6B621E9F35";

/** Lets a package bring a program. */
const brings = (...programs: string[]) =>
    programs.map((name) => `printf '#!/bin/sh\\n' >"$BIN/${name}"; chmod +x "$BIN/${name}"`).join("; ");

const apt = {
    "apt-get": `case " $* " in
*" docker.io"*|*" docker-ce"[" ="]*) ${brings("dockerd", "docker")} ;;
*" docker-cli"*|*" docker-ce-cli"*) ${brings("docker")} ;;
esac`,
    "apt-cache": `case $2 in
docker.io) echo " docker.io | 26.1.5+dfsg1-9+b1 | http://mirror trixie/main amd64 Packages" ;;
docker-cli) echo " docker-cli | 26.1.5+dfsg1-9+b1 | http://mirror trixie/main amd64 Packages" ;;
docker-ce*) for one in 28.0.1 27.3.1 27.3.0; do echo " $2 | 5:$one-1~ubuntu.24.04~noble | http://mirror noble/stable amd64 Packages"; done ;;
esac`,
    "apt-mark": "",
    dpkg: "echo amd64",
    curl: 'eval file=\\$5; echo "$6" >"$5"',
    gpg: `printf 'pub:-:4096:1:8D81803C0EBFCD88:\\nfpr:::::::::${APT_KEY}:\\nsub:-:4096:\\nfpr:::::::::0000:\\n'`,
    systemctl: "",
    sleep: "",
};
const dnf = {
    dnf: `case " $* " in
*" moby-engine"*|*" docker-ce"*) ${brings("dockerd", "docker")} ;;
esac`,
    curl: apt.curl,
    gpg: apt.gpg.replace(APT_KEY, RPM_KEY),
    systemctl: '[ "$1" != is-enabled ] || [ -e "$BIN/enabled" ] || exit 1; : >"$BIN/enabled"',
    sleep: "",
};

describe("the installation of Docker", () => {
    const machines: StubMachine[] = [];
    const machine = (programs: Record<string, string>, osRelease: string): StubMachine => {
        const made = new StubMachine(programs, osRelease);
        machines.push(made);
        return made;
    };
    afterEach(() => {
        for (const made of machines.splice(0)) made.dispose();
    });

    const GET = "apt-get -q -y -o DPkg::Lock::Timeout=600 -o Acquire::Retries=3";
    const INSTALL = `${GET} install --no-install-recommends`;
    const START = ["systemctl is-enabled --quiet docker", "systemctl start docker"];
    /** Debian's packages enable the service themselves. */
    const ENABLE = ["systemctl is-enabled --quiet docker", "systemctl enable docker", "systemctl start docker"];
    const FETCH = "curl -fsSL --max-time 60 -o KEY";
    const SHOW = "gpg --homedir DIR --batch --quiet --with-colons --show-keys KEY";
    /** The calls, names of temporary folders left out. */
    const calls = (on: StubMachine) =>
        on.calls().map((line) => line.replace(/\/tmp\/\S+\/key/g, "KEY").replace(/\/tmp\/tmp\S+/, "DIR"));

    const cases: [string, string, Partial<DockerInstall>, Record<string, string>, string[]][] = [
        ["Debian 12", osReleases.debian12, {}, apt, [`${GET} update`, `${INSTALL} docker.io apparmor ca-certificates`]],
        [
            "Debian 13, where the client is a package of its own",
            osReleases.debian13,
            {},
            { ...apt, "apt-get": apt["apt-get"].replace(brings("dockerd", "docker"), brings("dockerd")) },
            [`${GET} update`, `${INSTALL} docker.io apparmor ca-certificates`, `${INSTALL} docker-cli`],
        ],
        [
            "Debian 13 with a version",
            osReleases.debian13,
            { version: "26.1.5" },
            { ...apt, "apt-get": apt["apt-get"].replace(brings("dockerd", "docker"), brings("dockerd")) },
            [
                `${GET} update`,
                "apt-cache madison docker.io",
                `${INSTALL} docker.io=26.1.5+dfsg1-9+b1 apparmor ca-certificates`,
                "apt-cache madison docker-cli",
                `${INSTALL} docker-cli=26.1.5+dfsg1-9+b1`,
                "apt-mark hold docker.io docker-cli",
            ],
        ],
        [
            "Ubuntu 22.04",
            osReleases.ubuntu2204,
            {},
            apt,
            [`${GET} update`, `${INSTALL} docker.io apparmor ca-certificates`],
        ],
        [
            "Ubuntu 24.04 from Docker's repository with a version",
            osReleases.ubuntu2404,
            { source: "docker", version: "27.3.1" },
            apt,
            [
                `${GET} update`,
                `${INSTALL} ca-certificates curl gpg`,
                `${FETCH} https://download.docker.com/linux/ubuntu/gpg`,
                SHOW,
                "dpkg --print-architecture",
                `${GET} update`,
                "apt-cache madison docker-ce",
                `${INSTALL} docker-ce=5:27.3.1-1~ubuntu.24.04~noble apparmor containerd.io`,
                "apt-cache madison docker-ce-cli",
                `${INSTALL} docker-ce-cli=5:27.3.1-1~ubuntu.24.04~noble`,
                "apt-mark hold docker-ce docker-ce-cli",
            ],
        ],
        ["Fedora", osReleases.fedora, {}, dnf, ["dnf -y makecache", "dnf -y install moby-engine container-selinux"]],
        [
            "Fedora with a version, which is held",
            osReleases.fedora,
            { version: "28.0.4" },
            { ...dnf, dnf: `${dnf.dnf}; [ "$1 $2" != "versionlock --help" ]` },
            [
                "dnf -y makecache",
                "dnf -y install moby-engine-28.0.4 container-selinux",
                "dnf versionlock --help",
                "dnf -y install dnf-command(versionlock)",
                "dnf versionlock add moby-engine",
            ],
        ],
        [
            "Fedora from Docker's repository",
            osReleases.fedora,
            { source: "docker" },
            dnf,
            [
                `${FETCH} https://download.docker.com/linux/fedora/gpg`,
                SHOW,
                "dnf -y makecache",
                "dnf -y install docker-ce docker-ce-cli containerd.io container-selinux",
            ],
        ],
        [
            "AlmaLinux, which has no Docker of its own, with a version",
            osReleases.almalinux,
            { version: "3:27.3.1-1.el9" },
            dnf,
            [
                `${FETCH} https://download.docker.com/linux/centos/gpg`,
                SHOW,
                "dnf -y makecache",
                "dnf -y install docker-ce-27.3.1-1.el9 docker-ce-cli-27.3.1-1.el9 containerd.io container-selinux",
                "dnf versionlock --help",
                "dnf versionlock add docker-ce docker-ce-cli",
            ],
        ],
    ];
    for (const [title, osRelease, install, programs, expected] of cases) {
        it(`on ${title} runs exactly these commands, and a second time only starts the service`, async () => {
            const on = machine(programs, osRelease);
            const script = installDockerScript({ source: "distribution", ...install });
            const { code, stderr } = await on.run(script);
            assert.equal(code, 0, stderr);
            assert.deepEqual(calls(on), [...expected, ...(programs.systemctl === "" ? START : ENABLE)]);
            assert.equal((await on.run(script)).code, 0);
            assert.deepEqual(calls(on), START);
        });
    }

    it("is the script in tests/golden", () =>
        assertGolden("vm/install-docker.sh", installDockerScript({ source: "docker", version: "27.3.1" })));

    it("writes where Docker's packages come from, signed by the one key", async () => {
        const ubuntu = machine(apt, osReleases.ubuntu2404);
        assert.equal((await ubuntu.run(installDockerScript({ source: "docker" }))).code, 0);
        assert.equal(
            ubuntu.read("etc/apt/sources.list.d/docker.list").replaceAll(ubuntu.dir, ""),
            "deb [arch=amd64 signed-by=/etc/apt/keyrings/docker.asc] https://download.docker.com/linux/ubuntu noble stable\n",
        );
        assert.equal(ubuntu.read("etc/apt/keyrings/docker.asc"), "https://download.docker.com/linux/ubuntu/gpg\n");
        const alma = machine(dnf, osReleases.almalinux);
        assert.equal((await alma.run(installDockerScript({ source: "distribution" }))).code, 0);
        const repository = alma.read("etc/yum.repos.d/docker-ce.repo").replaceAll(alma.dir, "");
        assert.match(repository, /^baseurl=https:.*\/linux\/centos\/\$releasever\/\$basearch\/stable$/m);
        assert.match(repository, /^gpgcheck=1\ngpgkey=file:\/\/\/etc\/pki\/rpm-gpg\/RPM-GPG-KEY-docker$/m);
    });

    it("takes a Docker that is there already for granted, whatever is asked for", async () => {
        const on = machine({ ...apt, dockerd: "echo Docker version 20.10.24" }, osReleases.debian12);
        const { code, stdout } = await on.run(installDockerScript({ source: "docker", version: "27.3.1" }));
        assert.equal(code, 0);
        assert.equal(stdout, "Docker is there already: Docker version 20.10.24\n");
        assert.deepEqual(on.calls(), ["dockerd --version", ...START]);
    });

    it("refuses another key, and installs nothing", async () => {
        for (const [programs, osRelease] of [
            [{ ...apt, gpg: dnf.gpg }, osReleases.debian12],
            [{ ...dnf, gpg: `${dnf.gpg}; ${apt.gpg}` }, osReleases.fedora],
        ] as const) {
            const on = machine(programs, osRelease);
            const { code, stderr } = await on.run(installDockerScript({ source: "docker" }));
            assert.equal(code, 1);
            assert.match(
                stderr,
                /^Docker is not installed: the key at https:\S+ is [0-9A-F\s]+, not [0-9A-F]{40}, which/,
            );
            assert.ok(!on.calls().some((line) => / docker-ce/.test(line)));
        }
    });

    it("waits for a lock on the lists, and names what it cannot get", async () => {
        const locked = machine(
            {
                ...apt,
                "apt-get": `${apt["apt-get"]}; case " $* " in *" update "*) [ -e "$BIN/x" ] || { : >"$BIN/x"; exit 100; } ;; esac`,
            },
            osReleases.debian12,
        );
        assert.equal((await locked.run(installDockerScript({ source: "distribution" }))).code, 0);
        assert.deepEqual(locked.calls().slice(0, 3), [`${GET} update`, "sleep 2", `${GET} update`]);

        const away = machine({ ...apt, "apt-get": "exit 100" }, osReleases.debian12);
        const { code, stderr } = await away.run(installDockerScript({ source: "distribution" }));
        assert.equal(code, 1);
        assert.match(stderr, /^Docker is not installed: apt-get cannot fetch the lists of packages, see above$/m);
        assert.equal(away.calls().filter((line) => line.startsWith("sleep")).length, 6, "it gives up");
    });

    it("names the versions that there are", async () => {
        const on = machine(apt, osReleases.ubuntu2404);
        const { code, stderr } = await on.run(installDockerScript({ source: "docker", version: "27.3" }));
        assert.equal(code, 1);
        assert.match(stderr, /there is no docker-ce of version 27\.3; there are: 5:28\.0\.1-1~ubuntu\.24\.04~noble /);
    });

    it("names a system that it does not know", async () => {
        const on = machine(apt, 'ID=plan9\nPRETTY_NAME="Plan 9"\n');
        const { code, stderr } = await on.run(installDockerScript({ source: "distribution" }));
        assert.equal(code, 1);
        assert.match(stderr, /^Docker is not installed: Plan 9 is not known; .*; use an image that has Docker$/m);
        assert.deepEqual(on.calls(), []);
    });

    it("fetches the key through the proxy", async () => {
        const on = machine(
            { ...apt, curl: `echo "$https_proxy $no_proxy" >"$BIN/seen"; ${apt.curl}` },
            osReleases.debian12,
        );
        const proxy = { http: "http://10.0.0.5:3128", https: "http://10.0.0.6:3128", noProxy: ["localhost", ".lan"] };
        assert.equal((await on.run(installDockerScript({ source: "docker", proxy }))).code, 0);
        assert.equal(on.read("bin/seen"), "http://10.0.0.6:3128 localhost,.lan\n");
    });
});
