// Prints the settings that a shell needs to run the engine: `eval "$(node tools/node.mjs tools/engine/cli.ts)"`.
import { ensureEngine } from ".";

const NAMES = ["PATH", "PULUMI_HOME", "PULUMI_SKIP_UPDATE_CHECK", "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION"];

ensureEngine().then(
    ({ env }) => {
        for (const name of NAMES.filter((item) => env[item] !== undefined)) {
            console.log(`export ${name}='${env[name]?.replaceAll("'", "'\\''")}'`);
        }
    },
    (error: unknown) => {
        console.error(error instanceof Error ? error.message : error);
        process.exitCode = 1;
    },
);
