export const HELP = `fusion: where containers run, what a failure would cost, and what is wrong with a hypervisor

  fusion place FILE           decide where the replicas of a problem run
  fusion plan-capacity FILE   find the cheapest machines to add so that everything fits
  fusion graph [FILE]         tell what the loss of hosts and zones would stop
  fusion review [FILE]        tell a reviewer what a preview does to the service
  fusion doctor               look at hypervisors, and tell what would not work and what to do
  fusion --version

"fusion place --help" and so on tell the options. FILE may be - for standard input.
Exit code: 0 good, 1 a finding, 2 wrong use or wrong input.
`;

const OUTPUT = `  --json             print the answer as JSON
  --mermaid          print the graph as Mermaid text, for a README
  --svg PATH         write pictures: one to a file that ends in .svg, or to standard output with -;
                     into a folder all of them
  --picture NAME     which one`;

const COMMON = `  --group-by LABEL   the label by which hosts are grouped (default: zone)
  --all              tell all hosts, moves and findings, however many there are
  -h, --help         this text`;

export const PLACE_HELP = `fusion place FILE: decide where the replicas of a problem run

FILE is a placement problem in JSON: { "hosts": [...], "services": [...] }.

${OUTPUT}: graph (default), load, moves
  --effort E         fast, good or prove, instead of the problem's own
  --objective O      spread, binpack, balance or fewest-hosts, instead of the problem's own
  --previous FILE    an earlier answer as JSON: what ran where, so that as little as possible moves
  --explain REPLICA  tell why one replica is where it is, and for every other host why not
${COMMON}

Exit code: 0 all replicas are placed, 1 some fit on no host, 2 wrong use or wrong input.
`;

export const PLAN_HELP = `fusion plan-capacity FILE: find the cheapest machines to add so that everything fits

FILE is a placement problem with the sizes that can be added:
{ "hosts": [...], "services": [...], "sizes": [{ "name": "m", "capacity": {...}, "cost": 3 }] }.

${OUTPUT}: graph (default), load, moves
  --effort E         fast, good or prove, instead of the problem's own
  --objective O      spread, binpack, balance or fewest-hosts, instead of the problem's own
${COMMON}

Exit code: 0 everything fits, 1 some replicas fit on no size, 2 wrong use or wrong input.
`;

export const GRAPH_HELP = `fusion graph [FILE]: tell what the loss of hosts and zones would stop

FILE is a placement problem, which is placed first; or { "assignment", "hosts", "services" };
or what "pulumi stack export" writes; or a Docker Swarm, { "nodes", "services" }, of which the worst
case over all placements that it may choose is told. Without FILE the selected stack of the Pulumi
project in this folder is asked.

  --stack [NAME]     ask Pulumi for a stack of this folder's project (default: the selected one)
  --state FILE       a stack's state: pulumi stack export | fusion graph --state -
${OUTPUT}: graph (default), load
${COMMON}

Exit code: 0 nothing bad, 1 a bad finding: one loss stops a service, 2 wrong use or wrong input.
`;

export const DOCTOR_HELP = `fusion doctor: look at hypervisors, and tell what would not work and what to do

Without --uri the hypervisors and machines are those of the selected stack of the Pulumi project in
this folder. Nothing is changed, but that a small guest is started to see whether KVM works.

  --stack [NAME]     ask Pulumi for a stack of this folder's project (default: the selected one)
  --state FILE       a stack's state: pulumi stack export | fusion doctor --state -
  --uri URI          one hypervisor, with libvirt's URI: qemu:///system, qemu+ssh://root@rack1/system
  --pool PATH        with --uri: the pool's directory (default: /var/lib/libvirt/images)
  --cidr CIDR        with --uri: a network that is to be made there
  --memory MIB       with --uri: memory that new machines are to have, in MiB
  --disk GIB         with --uri: disk space that new machines are to have, in GiB
  --json             print the answer as JSON
  -h, --help         this text

Exit code: 0 nothing to mend, 1 an error or a warning, 2 wrong use or wrong input.
`;

export const REVIEW_HELP = `fusion review [FILE]: tell a reviewer what a preview does to the service

FILE is what "pulumi preview --json --show-sames" prints; without it, standard input. Markdown for a
comment in a pull request is the answer, always below 65,536 characters. No value of an environment,
a file or a secret is in it.

  --stack [NAME]     run the preview of a stack of this folder's project (default: the selected one)
  --rules FILE       what must not happen, JSON or YAML (default: fusion-review.json, .yaml or .yml in
                     this folder, where it is there)
  --comment [NAME]   in a job of GitHub Actions or GitLab CI: post it as a comment in the pull request too,
                     in place of that of an earlier run; a NAME each where there are several stacks
  --svg FILE         write the graph of where everything runs afterwards, where that changes
  --svg-url URL      where that file will be: a link in the answer
  --json             print the answer as JSON
  -h, --help         this text

Exit code: 0 no rule says stop, 1 one does, or the preview failed, 2 wrong use or wrong input.
`;
