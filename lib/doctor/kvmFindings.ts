import type { KvmAnswer } from "../hypervisor/kvmScript";
import type { HypervisorSurvey } from "../hypervisor/survey";
import type { Finding, Wanted } from "./wanted";

/** Whether the kind of guests that is asked for starts. */
export function kvmFindings(survey: HypervisorSurvey, wanted: Wanted, kvm: KvmAnswer): Finding[] {
    const path = `${wanted.name}.domainType`;
    const on =
        'switch on virtualisation in the firmware (of a virtual machine: nested virtualisation), then: modprobe kvm_intel, or kvm_amd; or take emulation, 10 to 30 times slower: domainType: "qemu"';
    const asked = wanted.domainType === "kvm";
    if (wanted.domainType === "qemu") {
        return kvm?.works === true
            ? [
                  {
                      severity: "info",
                      path,
                      what: `is "qemu", emulation, and guests start under KVM on ${survey.host}, which is 10 to 30 times faster`,
                      remedy: 'domainType: "kvm"',
                  },
              ]
            : [];
    }
    // Nobody asked for KVM where no domain type is known: it is told all the same, and stops nothing.
    const severity = asked ? "error" : "warning";
    if (!survey.kvmDevice) {
        return [{ severity, path, what: `"kvm" needs /dev/kvm, which ${survey.host} has not`, remedy: on }];
    }
    if (kvm?.works === false) {
        const what = `"kvm": a guest does not start under KVM on ${survey.host}: ${kvm.why}`;
        return [{ severity, path, what, remedy: on }];
    }
    return [];
}
