#!/usr/bin/env node
import { main } from "./main";

// `fusion ... | head` is no error.
process.stdout.on("error", (error) => {
    if ("code" in error && error.code === "EPIPE") process.exit();
    throw error;
});

async function readStdin(): Promise<Uint8Array> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of process.stdin) chunks.push(chunk);
    return Buffer.concat(chunks);
}

const { isTTY, columns = Number(process.env.COLUMNS) || 100 } = process.stdout;

main(process.argv.slice(2), {
    stdin: readStdin,
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
    width: Math.min(120, Math.max(60, columns)),
    colour: isTTY === true && !process.env.NO_COLOR && process.env.TERM !== "dumb",
}).then(
    (code) => {
        process.exitCode = code;
    },
    (error: unknown) => {
        console.error("fusion: this is a defect of fusion, please report it:", error);
        process.exitCode = 2;
    },
);
