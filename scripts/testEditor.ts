/**
 * `npm run test:editor`: everything that needs a real VS Code, on the packaged extension.
 * `--packaged` takes the VSIX that is there instead of building a new one; `--only=suite|drive` runs one part,
 * `--file=recall` the driven tests of one file.
 */
import Mocha from "mocha";
import { appendFile, mkdir, readdir } from "node:fs/promises";
import path from "node:path";
import { buildSuite } from "./buildSuite";
import { startBrowser } from "./editorHost/browser";
import { findChromium } from "./editorHost/chromium";
import { resultFileVariable, runExtensionTests, suiteResultFile } from "./editorHost/extensionTests";
import { installServedEditor } from "./editorHost/install";
import { startEditorServer } from "./editorHost/server";
import { cacheFolder, PlainError, projectRoot, runMain } from "./project";
import { copySampleProject } from "./sampleProject";
import { buildAndPackage, stagedExtension } from "./vsix";

async function main(): Promise<void> {
  const only = argumentOf("only");
  if (!process.argv.includes("--packaged")) await buildAndPackage();
  // What is missing on the machine is said before anything runs, not in the middle.
  await installServedEditor();
  await findChromium();
  if (only !== "drive") await runSuite();
  if (only !== "suite") await runDriveTests(argumentOf("file"));
}

function argumentOf(name: string): string | undefined {
  const mark = `--${name}=`;
  return process.argv.find((argument) => argument.startsWith(mark))?.slice(mark.length);
}

async function runSuite(): Promise<void> {
  console.log("\nInside the extension host:");
  const suite = await buildSuite();
  const folder = path.join(cacheFolder, "run", "suite");
  const resultFile = suiteResultFile(path.join(cacheFolder, "run"));
  const editor = await installServedEditor();
  const server = await startEditorServer({ editor, folder, testDriver: true, env: { [resultFileVariable]: resultFile } });
  const browser = await startBrowser();
  try {
    const workspace = await copySampleProject(folder);
    const result = await runExtensionTests({ server, browser, workspace, extension: stagedExtension(), suite, resultFile, logFile: path.join(cacheFolder, "run", "suite-window.log"), limitMinutes: 10 });
    console.log(`${result.passes} passed in VS Code ${editor.version}.`);
    await countForTotals(result.passes, result.pending);
  } finally {
    await browser.close();
    await server.stop();
  }
}

/** Adds to the file that sums several mocha runs, as test/support/countReporter.cjs does for mocha in plain Node. */
async function countForTotals(passed: number, failed: number): Promise<void> {
  const file = process.env["GHOSTLIGHT_TEST_COUNTS"];
  if (file) await appendFile(file, `${JSON.stringify({ passed, failed })}\n`);
}

/** The tests that drive a window from outside; they run in this process. */
async function runDriveTests(only: string | undefined): Promise<void> {
  console.log("\nDriving a window with the VSIX installed:");
  await mkdir(path.join(projectRoot, "test", "artifacts"), { recursive: true });
  const folder = path.join(projectRoot, "test", "editor", "drive");
  const files = (await readdir(folder)).filter((name) => (only === undefined ? name.endsWith(".test.ts") : name === `${only}.test.ts`)).sort();
  if (files.length === 0) throw new PlainError(`No driven tests: ${String(only)}.test.ts`);
  const reporter = path.join(projectRoot, "test", "support", "countReporter.cjs");
  const mocha = new Mocha({ timeout: 180_000, forbidOnly: true, reporter });
  for (const file of files) mocha.addFile(path.join(folder, file));
  const failures = await new Promise<number>((resolve) => mocha.run(resolve));
  if (failures > 0) throw new PlainError(`${failures} driven tests failed. Pictures are in test/artifacts.`);
}

runMain(main);
