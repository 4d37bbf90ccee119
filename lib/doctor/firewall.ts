import type { HypervisorSurvey } from "../hypervisor/survey";
import { isOlder } from "./programs";
import type { Finding, Wanted } from "./wanted";

/** From this version on libvirt's rules are in a table of nftables of their own, where they cannot let pass what iptables drops. */
const NFTABLES = "10.4";

/** What becomes of the machines' packets where forwarded ones are dropped by default, as Docker sets it. */
export function firewall(survey: HypervisorSurvey, { name, network }: Wanted): Finding[] {
    const { host, libvirt, firewallBackend, bridgeNetfilter } = survey;
    if (survey.forwardPolicy !== "DROP") {
        return [];
    }
    const path = `${name}.network`;
    const dropped = `iptables on ${host} drops forwarded packets that no rule names (Docker sets this)`;
    if (network?.made === true) {
        return libvirt === undefined || isOlder(libvirt, NFTABLES) || firewallBackend === "iptables"
            ? []
            : [
                  {
                      severity: "warning",
                      path,
                      what: `${dropped}, and the rules of libvirt ${libvirt} are in nftables: machines may reach nothing`,
                      remedy: `firewall_backend = "iptables" in /etc/libvirt/network.conf, then: systemctl restart libvirtd`,
                  },
              ];
    }
    // Where nobody says what network it will be, this is to be known.
    return bridgeNetfilter
        ? [
              {
                  severity: network === undefined ? "info" : "warning",
                  path,
                  what: `${dropped}, bridged ones too: machines on a bridge that is not libvirt's may not reach one another`,
                  remedy: "sysctl -w net.bridge.bridge-nf-call-iptables=0; to keep it: in /etc/sysctl.d/bridge.conf",
              },
          ]
        : [];
}
