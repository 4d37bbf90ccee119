import type * as pulumi from "@pulumi/pulumi";

/** An image in a file, for sites without a registry. */
export interface ArchivedImage {
    /**
     * Path of a tar file on the operator's machine, relative to the program: an OCI image layout, or what `docker save` writes;
     * gzip is known. It goes over ssh to each host that has not got its image.
     */
    archive: string;
}

/** An image that is built once, on one of the set's hosts, and pushed to a registry, from which the other hosts pull it. */
export interface BuiltImage {
    build: {
        /** Path of the context's folder on the operator's machine, relative to the program. Its `.dockerignore` holds. */
        context: string;
        /** Path of the Dockerfile in the context. @default "Dockerfile" */
        dockerfile?: string;
        /** Build arguments: plain values, for they can be read in the image's history; a secret is refused. @default {} */
        args?: Readonly<Record<string, string>>;
        /** The stage to build. @default the last */
        target?: string;
    };
    /** `registry/repository` without a tag. The tag is `fusion-` and a hash of all that the image is built from. */
    push: string;
}

/** Where containers' image comes from. */
export interface ImageArgs {
    /**
     * Image by tag or digest, in an archive, or built from a Dockerfile. A tag is resolved to its digest at preview, so that a
     * new image is a change that shows.
     */
    image: pulumi.Input<string> | ArchivedImage | BuiltImage;
    /** Credentials for the image's registry, used at preview and on the hosts, and kept on none of them. @default none */
    registryAuth?: {
        /** Name of the user. */
        username: pulumi.Input<string>;
        /** Password or access token; always a secret. */
        password: pulumi.Input<string>;
    };
    /**
     * When a host asks the registry: where it has not got the image, each time that a container is to be made there, or
     * never: then the name is used as it is and the image must be on the host. @default "missing"
     */
    pull?: "missing" | "always" | "never";
    /** Platform of the image where it has several: `linux/arm64`. @default the host's own */
    platform?: string;
    /**
     * Days that an image which the set no longer uses is kept on a host, for a quick way back. After that the next change of
     * the set's containers there removes it, unless a container uses it. @default 7
     */
    keepImagesDays?: number;
}
