import type { ProgramResult } from "./mocks";

/** Of what a machine is made. */
export const TYPES = {
    command: "command:local:Command",
    domain: "libvirt:index/domain:Domain",
    volume: "libvirt:index/volume:Volume",
};

/**
 * The state that a deployment leaves, the resources of machines included.
 *
 * @param gone types of those that `pulumi refresh` has taken out of it since
 */
export function stateAfter(
    { outputs, registered }: ProgramResult,
    gone: readonly string[] = [],
): ProgramResult["outputs"] {
    const own = registered.filter(
        ({ parent, type }) =>
            parent.startsWith("fusion:index:FusionVm::") && !/^fusion|^pulumi/.test(type) && !gone.includes(type),
    );
    const entries = own.map(({ type, name, inputs }) => [
        `urn:pulumi:dev::project::fusion:index:FusionVm$${type}::${name}`,
        { type, outputs: inputs },
    ]);
    return { ...outputs, ...Object.fromEntries(entries) };
}
