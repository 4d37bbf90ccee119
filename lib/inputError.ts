/** One wrong argument. */
export interface InputFault {
    /** Where it is, in Pulumi's notation: `hosts[1].capacity.cpu`. */
    readonly propertyPath: string;
    /** What is wrong, the value, and the remedy, in one sentence without a final stop. */
    readonly reason: string;
}

/**
 * Every wrong argument of one call, found together. It knows nothing of Pulumi; a component turns `errors` into Pulumi's
 * `InputPropertiesError`, whose details have the same two fields.
 */
export class FusionInputError extends Error {
    readonly errors: readonly InputFault[];

    /** @param errors at least one fault; the message is one line a fault, `path: reason`, in the order given. */
    constructor(errors: readonly InputFault[]) {
        super(
            errors.map(({ propertyPath, reason }) => (propertyPath ? `${propertyPath}: ${reason}` : reason)).join("\n"),
        );
        this.name = "FusionInputError";
        this.errors = errors;
    }
}
