/**
 * The names of an image's containers on a host, each with the number of times that it was found gone: a container that is made
 * again has the name that it had, and the image may be gone with it, so the host must be looked at again.
 *
 * @param before what this has said in the last deployment: "web-0-9f6ff36e-0 web-1-9f6ff36e-0+1"
 * @param there the names of the host's containers in the state
 */
export function wantedBy(names: readonly string[], before: string, there: readonly string[]): string {
    const times = new Map(
        before.split(" ").map((one) => {
            const [name = "", gone = "0"] = one.split("+");
            return [name, Number(gone)] as const;
        }),
    );
    return names
        .map((name) => {
            const known = times.get(name);
            const gone = known === undefined ? 0 : known + (there.includes(name) ? 0 : 1);
            return gone === 0 ? name : `${name}+${gone}`;
        })
        .join(" ");
}
