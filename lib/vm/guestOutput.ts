import * as pulumi from "@pulumi/pulumi";
import type { GuestSpec } from "./guestSpec";

/** The guest once the texts of its files are known: secret when one of them is. */
export function guestOutput(guest: GuestSpec<pulumi.Input<string>>): pulumi.Output<GuestSpec> {
    return pulumi.all(guest.files.map(({ content }) => content)).apply((texts) => ({
        ...guest,
        files: guest.files.map((file, index) => ({ ...file, content: texts[index] ?? "" })),
    }));
}
