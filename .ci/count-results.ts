import { existsSync, readFileSync } from "node:fs";
import { relative } from "node:path";

interface Report {
  readonly success: boolean;
  readonly numPassedTests: number;
  readonly numPendingTests: number;
  readonly testResults: readonly FileResult[];
}

interface FileResult {
  readonly name: string;
  readonly status: string;
  readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
}

// Sums up vitest's JSON reports, one per runtime, and names what failed: who reads a log reads its end first. The last
// line is `N passed, N failed`.
let passed = 0;
let failed = 0;
for (const file of process.argv.slice(2)) {
  const name = file.replace(/^.*\/(.*)\.json$/, "$1");
  if (!existsSync(file)) {
    console.log(`${name}: no report, counted as one failure`);
    failed += 1;
    continue;
  }
  const report: Report = JSON.parse(readFileSync(file, "utf8"));
  const failures = report.testResults.flatMap(failuresOf);
  // An error outside any test, or no test at all.
  const unseen = failures.length === 0 && (!report.success || report.numPassedTests === 0) ? 1 : 0;
  console.log(
    `${name}: ${report.numPassedTests} passed, ${failures.length + unseen} failed, ${report.numPendingTests} skipped`,
  );
  for (const failure of failures) console.log(`  ${failure}`);
  passed += report.numPassedTests;
  failed += failures.length + unseen;
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

/** A file that could not even be loaded holds no test, and still is a failure. */
function failuresOf({ name, status, assertionResults }: FileResult): string[] {
  const tests = assertionResults.filter((each) => each.status === "failed").map(({ fullName }) => fullName);
  if (tests.length === 0 && status === "failed") tests.push("could not be run");
  return tests.map((test) => `${relative(process.cwd(), name)}: ${test}`);
}
