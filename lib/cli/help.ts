export const HELP = `fusion: where containers run, and what a failure would cost

  fusion place FILE           decide where the replicas of a problem run
  fusion plan-capacity FILE   find the cheapest machines to add so that everything fits
  fusion graph [FILE]         tell what the loss of hosts and zones would stop
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
or what "pulumi stack export" writes. Without FILE the selected stack of the Pulumi project in
this folder is asked.

  --stack [NAME]     ask Pulumi for a stack of this folder's project (default: the selected one)
  --state FILE       a stack's state: pulumi stack export | fusion graph --state -
${OUTPUT}: graph (default), load
${COMMON}

Exit code: 0 nothing bad, 1 a bad finding: one loss stops a service, 2 wrong use or wrong input.
`;
