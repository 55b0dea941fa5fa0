import { appendFile, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Browser } from "playwright-core";
import { PlainError } from "../project";
import { openWindow } from "./browser";
import type { EditorServer } from "./server";

/** What a suite writes when it has run to its end. */
export interface SuiteResult {
  readonly done: boolean;
  readonly passes: number;
  readonly failures: number;
  readonly pending: number;
}

/** Name of the variable that tells a suite where to write its result. */
export const resultFileVariable = "GHOSTLIGHT_SUITE_RESULT";

/** What stands before every line of the suite's report; the rest of the console is the workbench's. */
const suiteLineMark = "[suite] ";

export interface ExtensionTestOptions {
  readonly server: EditorServer;
  readonly browser: Browser;
  readonly workspace: string;
  /** Folder of the extension under test. */
  readonly extension: string;
  /** Module with a `run()`, as for `@vscode/test-electron`. */
  readonly suite: string;
  /** Where the suite writes its result. */
  readonly resultFile: string;
  /** Gets everything the window says; only the suite's own lines are printed. */
  readonly logFile: string;
  /** Minutes after which the suite is given up. */
  readonly limitMinutes: number;
}

/**
 * Runs a mocha suite inside the extension host of a served VS Code and prints its report.
 * Throws a plain error unless VS Code reports success and the suite's own file says that it ran to its end:
 * the workbench also reports success when the extension host dies.
 */
export async function runExtensionTests(options: ExtensionTestOptions): Promise<SuiteResult> {
  await rm(options.resultFile, { force: true });
  await writeFile(options.logFile, "");
  const authority = `vscode-remote://127.0.0.1:${options.server.port}`;
  let ended: (code: number) => void = () => undefined;
  const code = new Promise<number>((resolve) => (ended = resolve));
  const window = await openWindow(options.browser, {
    origin: options.server.origin,
    workspace: options.workspace,
    payload: [
      ["extensionDevelopmentPath", `${authority}${options.extension}`],
      ["extensionTestsPath", `${authority}${options.suite}`],
    ],
    prepare: async (page) => {
      await page.exposeFunction("codeAutomationLog", (type: string, args: unknown[]) => report(options.logFile, type, args));
      await page.exposeFunction("codeAutomationExit", (exitCode: number) => ended(exitCode));
    },
  });
  const limit = setTimeout(() => ended(-1), options.limitMinutes * 60_000);
  try {
    return judge(await code, await readSuiteResult(options.resultFile));
  } finally {
    clearTimeout(limit);
    await window.close();
  }
}

async function report(logFile: string, type: string, args: readonly unknown[]): Promise<void> {
  const text = args.map(String).join(" ");
  for (const line of text.split("\n")) {
    if (line.startsWith(suiteLineMark)) console.log(line.slice(suiteLineMark.length));
  }
  await appendFile(logFile, `${type} ${text}\n`);
}

/** Reads what a suite wrote; null where it wrote nothing. */
export async function readSuiteResult(file: string): Promise<SuiteResult | null> {
  try {
    return JSON.parse(await readFile(file, "utf8")) as SuiteResult;
  } catch {
    return null;
  }
}

/** Turns an exit code and a result file into a result; throws a plain error unless both say success. */
export function judge(code: number, result: SuiteResult | null): SuiteResult {
  if (!result?.done) throw new PlainError(`The suite in the extension host did not run to its end (exit code ${code}).`);
  if (code !== 0 || result.failures > 0) throw new PlainError(`${result.failures} tests failed in the extension host (exit code ${code}).`);
  if (result.passes === 0) throw new PlainError("No test ran in the extension host.");
  return result;
}

/** Path of a suite's result file in a run's folder. */
export const suiteResultFile = (folder: string): string => path.join(folder, "suite-result.json");
