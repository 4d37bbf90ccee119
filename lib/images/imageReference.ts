/** A container image's name taken apart, in the sense of the OCI distribution specification. */
export interface ImageReference {
    /** Host and port of the registry: `docker.io`, `10.0.0.5:5000`. */
    registry: string;
    /** `library/httpd`. */
    repository: string;
    /** `latest` where the name has neither tag nor digest. */
    tag: string | undefined;
    /** `sha256:...` */
    digest: string | undefined;
}

const component = "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*";
const pattern = new RegExp(
    `^(?:((?:[A-Za-z0-9-]+(?:\\.[A-Za-z0-9-]+)+|[A-Za-z0-9-]+(?=:\\d)|localhost)(?::\\d{1,5})?)/)?` +
        `(${component}(?:/${component})*)(?::([A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?(?:@(sha256:[0-9a-f]{64}))?$`,
);

/** Reads `httpd:2.4`, `10.0.0.5:5000/team/web@sha256:...`; undefined when it is no image name. */
export function parseImageReference(text: string): ImageReference | undefined {
    const match = pattern.exec(text);
    if (!match) {
        return undefined;
    }
    const [, registry = "docker.io", path = "", tag, digest] = match;
    return {
        registry,
        repository: registry === "docker.io" && !path.includes("/") ? `library/${path}` : path,
        tag: tag ?? (digest === undefined ? "latest" : undefined),
        digest,
    };
}
