import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { FusionContainerSetArgs } from "../containers/FusionContainerSet";
import { dockerUri } from "../dockerHost";
import { parseImageReference } from "../images/imageReference";
import { type SshTarget, sshOptions } from "../ssh";

/** What Docker Hub's credentials are kept under. */
const HUB = "https://index.docker.io/v1/";

const registryOf = (image: string): string => parseImageReference(image)?.registry ?? "";

/** The image's name with its registry, by which the provider finds the credentials. */
export const imageForLogin = (image: pulumi.Output<string>, { registryAuth }: FusionContainerSetArgs) =>
    image.apply((name) => {
        const reference = parseImageReference(name);
        if (registryAuth === undefined || reference?.registry !== "docker.io" || name.startsWith("docker.io/"))
            return name;
        return `docker.io/${reference.repository}@${reference.digest}`;
    });

/**
 * A docker provider of its own for a set whose image is in a private registry: as an argument of the service the provider would make
 * the service anew for another password.
 */
export function createLogin(
    set: pulumi.ComponentResource,
    name: string,
    image: pulumi.Output<string>,
    { registryAuth }: FusionContainerSetArgs,
    [manager]: readonly pulumi.Output<SshTarget>[],
): docker.Provider {
    const ssh = manager ?? pulumi.output({ address: "" });
    const address = image.apply((one) => (registryOf(one) === "docker.io" ? HUB : registryOf(one)));
    const login = registryAuth === undefined ? [] : [{ address, ...registryAuth }];
    return new docker.Provider(
        `${name}-login`,
        {
            ...{ host: ssh.apply(dockerUri), sshOpts: ssh.apply(sshOptions), disableDockerDaemonCheck: true },
            registryAuth: pulumi.secret(login),
        },
        { parent: set },
    );
}
