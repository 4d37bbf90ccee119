/** Whole seconds as Docker writes durations, since the provider compares texts: `45s`, `1m30s`, `5m`, `1h`. */
export function goDuration(seconds: number): string {
    const parts = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60), seconds % 60] as const;
    const [hours, minutes, rest] = parts;
    if (seconds < 60) return `${seconds}s`;
    const least = rest > 0 ? `${rest}s` : "";
    if (hours === 0) return `${minutes}m${least}`;
    return `${hours}h${minutes > 0 || rest > 0 ? `${minutes}m` : ""}${least}`;
}
