/** `npm run test:desktop`: the suite of test/editor/suite in the desktop VS Code, downloaded by @vscode/test-electron. Needs Microsoft's update server. */
import { runTests } from "@vscode/test-electron";
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { buildSuite } from "./buildSuite";
import { judge, readSuiteResult, resultFileVariable, suiteResultFile } from "./editorHost/extensionTests";
import { writeUserSettings } from "./editorHost/settings";
import { cacheFolder, PlainError, runMain } from "./project";
import { copySampleProject } from "./sampleProject";
import { buildAndPackage, stagedExtension } from "./vsix";

/** The oldest version that package.json's engines field allows. */
const oldestVersion = "1.99.3";

async function main(): Promise<void> {
  await buildAndPackage();
  const folder = path.join(cacheFolder, "run", "desktop");
  await mkdir(folder, { recursive: true });
  const resultFile = suiteResultFile(folder);
  const userFolder = path.join(folder, "user");
  await writeUserSettings(userFolder);
  const code = await runTests({
    version: process.env["VSCODE_VERSION"] ?? oldestVersion,
    extensionDevelopmentPath: stagedExtension(),
    extensionTestsPath: await buildSuite(),
    extensionTestsEnv: { [resultFileVariable]: resultFile },
    launchArgs: [await copySampleProject(folder), "--user-data-dir", userFolder, "--disable-extensions", "--disable-workspace-trust"],
  }).catch((error: unknown) => {
    const words = error instanceof Error ? error.message : String(error);
    throw new PlainError(`The desktop VS Code could not be had or run: ${words}\nWithout Microsoft's update server, "npm run test:editor" runs the same suite in a browser-served VS Code.`);
  });
  const result = judge(code, await readSuiteResult(resultFile));
  console.log(`${result.passes} passed in the desktop VS Code.`);
}

runMain(main);
