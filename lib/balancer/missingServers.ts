/** New servers that are not up. */
export const allMissing = String.raw`
missing() { comm -23 "$DIR/servers.new" "$DIR/servers.up"; }
`;

/** The same, but of a service's backend only where none is up at all. */
export const noneFound = String.raw`
# None may be up yet: then the first file is empty.
missing() {
    comm -23 "$DIR/servers.new" "$DIR/servers.up" | awk -v found=" $FOUND " '
        FILENAME == ARGV[1] { split($1, name, "/"); up[name[1]] = 1; next }
        { split($1, name, "/"); if (!(index(found, " " name[1] " ") && (name[1] in up))) print }' "$DIR/servers.up" -
}
`;
