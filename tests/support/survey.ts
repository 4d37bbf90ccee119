import { kvm } from "../../lib/hypervisor/kvmScript";
import { pathLook } from "../../lib/hypervisor/lookAtPaths";
import { type HypervisorSurvey, surveyor } from "../../lib/hypervisor/survey";

/** A hypervisor on which all is well and nothing is yet. */
export const healthySurvey: HypervisorSurvey = {
    reachable: true,
    host: "rack1",
    user: "root",
    root: true,
    libvirt: "9.0.0",
    qemu: "7.2.22",
    kvmDevice: true,
    cpus: 16,
    memoryMiB: { total: 64_000, available: 60_000 },
    storage: {
        path: "/var/lib/libvirt/images/rack",
        exists: false,
        writable: true,
        owner: "root:root 711",
        freeGiB: 500,
        closedTo: undefined,
        files: undefined,
    },
    qemuUser: "libvirt-qemu",
    apparmor: true,
    securityModels: ["apparmor", "dac"],
    bridgeNetfilter: false,
    forwardPolicy: "ACCEPT",
    firewallBackend: undefined,
    domains: new Map(),
    networks: new Map(),
    pools: new Map(),
    routes: [{ cidr: "192.168.1.0/24", device: "eth0" }],
    devices: ["br0", "eth0", "lo"],
    baseImages: [],
    programs: new Map([
        ["haproxy", "2.6.12"],
        ["socat", ""],
        ["qemu-img", "7.2.22"],
        ["xorriso", ""],
        ["curl", ""],
    ]),
};

/** Lets every hypervisor be the healthy one, or what a test says instead: those of Pulumi's mocks are not there. */
export function surveyAs(survey: typeof surveyor.survey = async () => healthySurvey): void {
    surveyor.survey = survey;
    kvm.try = async () => ({ works: true });
    pathLook.at = async () => new Map();
}
