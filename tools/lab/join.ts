import type { Lab } from "./lab";
export async function joinPort(
    _lab: Lab,
    _inside: { address: string; port: number },
    _preferred?: number,
): Promise<number> {
    throw new Error("not yet");
}
