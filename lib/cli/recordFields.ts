import { isRecord } from "../isRecord";

/** The amounts in a field of something in a state; what is no number is left out. */
export const amounts = (record: unknown, field: string): Record<string, number> =>
    only(record, field, (value) => typeof value === "number");

/** The texts in a field of something in a state; what is none is left out. */
export const texts = (record: unknown, field: string): Record<string, string> =>
    only(record, field, (value) => typeof value === "string");

function only<T>(record: unknown, field: string, isGood: (value: unknown) => value is T): Record<string, T> {
    const table = isRecord(record) && isRecord(record[field]) ? record[field] : {};
    return Object.fromEntries(Object.entries(table).filter((entry): entry is [string, T] => isGood(entry[1])));
}
