import { compareNames } from "../pictures/scene";
import type { PlacementExplanation } from "../placement";
import { plain, table, wrapText } from "./paint";
import type { TextStyle } from "./placeText";
import { foldReasons, namesOf } from "./reasons";

/** More hosts than this are told by reason, without `--all`. */
const MOST_HOSTS = 40;

/** Why a replica is where it is, and why not elsewhere, for people. */
export function explainText(
    replica: string,
    { host, why, elsewhere }: PlacementExplanation,
    { paint, width, all }: TextStyle,
): string {
    const where = host === undefined ? "has no host" : `runs on ${plain(host)}`;
    const hosts = Object.keys(elsewhere).sort(compareNames);
    const lines =
        all || hosts.length <= MOST_HOSTS
            ? table(hosts.map((name) => [`  ${plain(name)}`, plain(elsewhere[name] ?? "")]))
            : foldReasons(elsewhere).map(
                  ({ reason, hosts: of }) => `  ${wrapText(`${plain(reason)}: ${namesOf(of)}`, width - 2, "      ")}`,
              );
    return `${[paint.bold(`${plain(replica)} ${where}: ${plain(why)}`), ...lines].join("\n")}\n`;
}
