const stack = "urn:pulumi:dev::shop::pulumi:pulumi:Stack::shop-dev";

/** A preview in the engine's form, of sets whose containers all get another image. */
export function manySteps({ sets, replicas, hosts }: { sets: number; replicas: number; hosts: number }) {
    const steps: object[] = [];
    for (let s = 0; s < sets; s++) {
        const name = `s${s}`;
        const type = "fusion:index:FusionContainerSet";
        const urn = `urn:pulumi:dev::shop::${type}::${name}`;
        const image = (digit: string) => `registry.example.org/web@sha256:${digit.repeat(64)}`;
        const inputs = (digit: string) => ({ image: image(digit), replicas, resources: { cpus: 0.1, memoryMiB: 16 } });
        const facts = { labels: { zone: "a" }, capacity: { cpu: 8000, memory: 8192 } };
        const record = {
            type: "fusion:index:PlacementRecord",
            parent: urn,
            inputs: {},
            outputs: { hosts: Object.fromEntries(Array.from({ length: hosts }, (_, h) => [`h${h}`, facts])) },
        };
        steps.push(
            {
                op: "update",
                urn,
                oldState: { type, parent: stack, inputs: inputs("1") },
                newState: { type, parent: stack, inputs: inputs("2") },
            },
            {
                op: "same",
                urn: `urn:pulumi:dev::shop::${type}$${record.type}::${name}`,
                oldState: record,
                newState: record,
            },
        );
        for (let r = 0; r < replicas; r++) {
            const container = (digit: string) => ({
                type: "docker:index/container:Container",
                parent: urn,
                inputs: {
                    image: image(digit),
                    name: `${name}-${r}-${digit}`,
                    envs: ["LOG_LEVEL=info", "PORT=80"],
                    labels: [
                        { label: "fusion.set", value: name },
                        { label: "fusion.host", value: `h${(s + r) % hosts}` },
                    ],
                    ports: [{ internal: 80, external: 20000 + r, ip: `10.0.0.${r}`, protocol: "tcp" }],
                },
            });
            const states = { oldState: container("1"), newState: container("2"), replaceReasons: ["image", "name"] };
            const own = `urn:pulumi:dev::shop::${type}$docker:index/container:Container::${name}-${r}`;
            for (const op of ["create-replacement", "replace", "delete-replaced"])
                steps.push({ op, urn: own, ...states });
        }
    }
    return { steps, diagnostics: [] };
}
