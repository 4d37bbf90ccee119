import { join } from "node:path";
import { projectDir } from "../paths";
import { labDown, labStatus, labUp } from "./lab";

const USAGE = "usage: node tools/node.mjs tools/lab/cli.ts up|down|status [NAME]";

async function main([command, name = "webfarm", ...rest]: string[]): Promise<number> {
    const dir = join(projectDir, ".fusion", "lab", name);
    if (rest.length > 0) {
        console.error(USAGE);
        return 2;
    }
    switch (command) {
        case "up":
            console.log(JSON.stringify(await labUp(name, dir), undefined, 4));
            return 0;
        case "down":
            await labDown(name, dir);
            return 0;
        case "status":
            console.log(JSON.stringify(await labStatus(name, dir), undefined, 4));
            return 0;
        default:
            console.error(USAGE);
            return 2;
    }
}

main(process.argv.slice(2)).then(
    (code) => {
        process.exitCode = code;
    },
    (error: unknown) => {
        console.error(error instanceof Error ? error.message : error);
        process.exitCode = 1;
    },
);
