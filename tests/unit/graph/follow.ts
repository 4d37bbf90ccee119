import { isRecord } from "../../../lib/isRecord";

/** What a path such as `domains.0.cells` leads to. */
export function follow(value: unknown, path: string): unknown {
    return path
        .split(".")
        .reduce((at, key) => (Array.isArray(at) ? at[Number(key)] : isRecord(at) ? at[key] : undefined), value);
}
