import { labUp } from "../../tools/lab";

// A process of its own that starts a lab, for tests that end it half-way: `labUp.ts NAME DIR`.
const [name = "", dir = ""] = process.argv.slice(2);
labUp(name, dir).catch((error: unknown) => {
    console.error(error);
    process.exitCode = 1;
});
