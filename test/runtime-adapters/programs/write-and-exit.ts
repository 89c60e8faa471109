import { exitProcess, writeLine } from "../../../src/runtime-adapters/process.ts";

let lost = 0;
for (let i = 0; i < 2_000; i += 1) if (!writeLine("stdout", `${i} ${"ü".repeat(500)}`)) lost += 1;
writeLine("stderr", `lost ${lost}`);
exitProcess(3);
