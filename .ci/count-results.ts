import { existsSync, readFileSync } from "node:fs";
import { relative } from "node:path";

interface Report {
  readonly success: boolean;
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
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
  // A file that could not even be loaded holds no test, and still is a failure.
  const broken = report.testResults.filter(
    (result) =>
      result.status === "failed" && result.assertionResults.every(({ status }) => status !== "failed"),
  ).length;
  const failures = report.numFailedTests + broken;
  // An error outside any test, or no test at all.
  const unseen = failures === 0 && (!report.success || report.numPassedTests === 0) ? 1 : 0;
  console.log(
    `${name}: ${report.numPassedTests} passed, ${failures + unseen} failed, ${report.numPendingTests} skipped`,
  );
  for (const { name: file, status, assertionResults } of report.testResults) {
    if (status !== "failed") continue;
    const path = relative(process.cwd(), file);
    const names = assertionResults.filter((each) => each.status === "failed").map((each) => each.fullName);
    for (const test of names.length > 0 ? names : ["could not be run"]) console.log(`  ${path}: ${test}`);
  }
  passed += report.numPassedTests;
  failed += failures + unseen;
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
