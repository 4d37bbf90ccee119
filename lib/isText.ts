/** Whether a value of unknown origin is a text of the given form. */
export const isText = (value: unknown, form: RegExp): value is string => typeof value === "string" && form.test(value);
