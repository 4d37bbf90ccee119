import type { KvmAnswer } from "../hypervisor/kvmScript";
import type { HypervisorSurvey } from "../hypervisor/survey";
import { clashes } from "./clashes";
import { firewall } from "./firewall";
import { images } from "./images";
import { kvmFindings } from "./kvmFindings";
import { missing } from "./missing";
import { programs } from "./programs";
import { sizes } from "./sizes";
import { storage } from "./storage";
import type { Finding, Wanted } from "./wanted";

const ORDER = { error: 0, warning: 1, info: 2 };

/**
 * What stands in the way of what is wanted, as far as a survey shows it: errors first.
 *
 * @param kvm whether a guest has started under KVM; undefined where none was tried
 */
export function findings(survey: HypervisorSurvey, wanted: Wanted, kvm?: KvmAnswer): Finding[] {
    const found = [
        ...kvmFindings(survey, wanted, kvm),
        ...programs(survey, wanted),
        ...storage(survey, wanted),
        ...sizes(survey, wanted),
        ...clashes(survey, wanted),
        ...missing(survey, wanted),
        ...firewall(survey, wanted),
        ...images(survey, wanted),
    ];
    return found
        .map((finding, i) => ({ finding, i }))
        .sort((a, b) => ORDER[a.finding.severity] - ORDER[b.finding.severity] || a.i - b.i)
        .map(({ finding }) => finding);
}
