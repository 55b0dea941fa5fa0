import { writeFileSync } from "node:fs";
import { format } from "node:util";
import Mocha from "mocha";

/** Variable that names the file for the result; kept in step with scripts/editorHost/extensionTests.ts. */
const resultFileVariable = "GHOSTLIGHT_SUITE_RESULT";

const suiteLineMark = "[suite] ";

/**
 * Runs the suite inside the extension host. VS Code takes a rejection as failure.
 * The result also goes to a file, because VS Code reports success when the extension host dies half-way.
 */
export async function run(): Promise<void> {
  const mocha = new Mocha({ ui: "bdd", timeout: 60_000, color: false, forbidOnly: true });
  // The workbench writes into the same console; the mark tells the runner which lines are the suite's.
  Mocha.reporters.Base.consoleLog = (...parts: unknown[]) => console.log(format(...parts).replace(/^/gm, suiteLineMark));
  mocha.suite.emit("pre-require", globalThis, "", mocha);
  // After "pre-require": mocha's functions have to be global before a test file runs.
  await import("./all");
  const failures = await new Promise<number>((resolve) => {
    let pending = 0;
    let passes = 0;
    const runner = mocha.run((failed) => {
      writeResult({ done: true, passes, failures: failed, pending });
      resolve(failed);
    });
    runner.on("pass", () => (passes += 1));
    runner.on("pending", () => (pending += 1));
  });
  if (failures > 0) throw new Error(`${failures} tests failed.`);
}

function writeResult(result: { done: boolean; passes: number; failures: number; pending: number }): void {
  const file = process.env[resultFileVariable];
  if (file) writeFileSync(file, JSON.stringify(result));
}
