/** The backend of challenges, and the ACL that tells them. */
const NAME = "fusion-acme";

/** The first rules of their kinds in a frontend: nothing else is asked of a challenge, whoever sends it. */
export const acmeLines: readonly string[] = [
    `acl ${NAME} path_beg /.well-known/acme-challenge/`,
    `http-request allow if ${NAME}`,
    `use_backend ${NAME} if ${NAME}`,
];

/**
 * What keeps clients out where challenges are answered: without TLS what they ask for has to be seen first, as an authority asks
 * from addresses that nobody knows before.
 *
 * @param condition `if` or `unless` and an ACL
 */
export function rejectLines(condition: string): string[] {
    const met = condition.replace(/^if /, "").replace(/^unless /, "!");
    return [`tcp-request session reject if { ssl_fc } ${met}`, `http-request reject if !{ ssl_fc } ${met}`];
}

/**
 * The ACME client as a backend. It is there while it has challenges, so it is not asked how it is. What the authority would ask for next
 * on its connection, no one answers; the reload that follows waits for that connection's end.
 */
export const acmeSection = (address: string): [title: string, lines: string[]] => [
    `backend ${NAME}`,
    ["retries 0", "http-after-response set-header Connection close", `server lego ${address} no-check`],
];
