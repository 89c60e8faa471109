import { afterAll } from "vitest";
import { endWhatIsLeft } from "./started-process.ts";

// A file of its own, as programs that are no tests start processes too.
afterAll(endWhatIsLeft);
