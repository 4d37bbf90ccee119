import { join } from "node:path";
import { tryKvm } from "../../lib/hypervisor/kvmScript";
import { parseLibvirtUri } from "../../lib/hypervisor/libvirtUri";
import { surveyor } from "../../lib/hypervisor/survey";
import { type Lab, labUp } from "../lab";
import { socketLink } from "../lab/libvirtd";
import { projectDir } from "../paths";

/** The hypervisor that the example runs on, and what the example has to know of it. */
export interface Hypervisor {
    /** Put before `pulumi`. */
    wrap: string[];
    /** The example's configuration. */
    config: Record<string, string>;
    /** The embedded hypervisor; undefined where the user named their own. */
    lab?: Lab;
}

export const labName = "webfarm";
export const labDir = join(projectDir, ".fusion", "lab", labName);

/** The embedded hypervisor, started if need be. */
export async function embeddedHypervisor(): Promise<Hypervisor> {
    const lab = await labUp(labName, labDir);
    return { wrap: lab.wrap, config: labConfig(lab), lab };
}

/** What the example is told of a lab. */
export function labConfig(lab: Lab): Record<string, string> {
    return {
        libvirtUri: lab.uri,
        domainType: lab.domainType,
        poolPath: join(lab.poolPath, "rack"),
        imageSource: lab.image.source,
        imageSha256: lab.image.sha256,
        sshKey: lab.sshKey,
        registry: lab.registry,
        image: lab.httpd,
        // By the short link: a socket's path has room for 107 characters only.
        balancerDirectory: join(socketLink(lab.dir), "lb"),
    };
}

/**
 * A hypervisor of the user's own, which `FUSION_LIBVIRT_URI` names; the other settings are in `FUSION_...` variables.
 *
 * @throws Error that says which setting is missing, or why the hypervisor cannot be reached
 */
export async function ownHypervisor(uri: string): Promise<Hypervisor> {
    const source = process.env.FUSION_IMAGE;
    const sha256 = process.env.FUSION_IMAGE_SHA256;
    if (!source || !sha256) {
        throw new Error(
            `FUSION_LIBVIRT_URI names your own hypervisor (${uri}), but not what its machines start from. Set FUSION_IMAGE to ` +
                "a cloud image (a URL, or a path on the hypervisor) and FUSION_IMAGE_SHA256 to its checksum.",
        );
    }
    const kvm = await startsKvm(uri);
    if (!kvm) {
        console.error("  No guest starts under KVM there: the machines run under emulation, 10 to 30 times slower.");
    }
    const chosen = {
        cidr: process.env.FUSION_CIDR,
        sshKey: process.env.FUSION_SSH_KEY,
        registry: process.env.FUSION_REGISTRY,
        image: process.env.FUSION_WEB_IMAGE,
        poolPath: process.env.FUSION_POOL_PATH,
        balancerDirectory: process.env.FUSION_BALANCER_DIRECTORY,
    };
    const config: Record<string, string> = {
        libvirtUri: uri,
        domainType: kvm ? "kvm" : "qemu",
        imageSource: source,
        imageSha256: sha256,
    };
    for (const [key, value] of Object.entries(chosen)) {
        if (value) {
            config[key] = value;
        }
    }
    return { wrap: [], config };
}

/** Whether guests really run under KVM there. @throws Error when the hypervisor cannot be reached, with what to do */
async function startsKvm(uri: string): Promise<boolean> {
    const connection = parseLibvirtUri(uri);
    if (typeof connection === "string") {
        throw new Error(`FUSION_LIBVIRT_URI ${connection}`);
    }
    const survey = await surveyor.survey({ connection, pool: { path: process.env.FUSION_POOL_PATH || "/" } });
    if (!survey.reachable) {
        throw new Error(`The hypervisor ${uri} cannot be reached: ${survey.reason}\n${survey.hint}`);
    }
    return (await tryKvm(connection))?.works === true;
}
