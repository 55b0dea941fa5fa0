import { mkdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { createVsix } from "../../../scripts/packaging/vsce";
import { cacheFolder } from "../../../scripts/project";

/** Packages an extension of one file that starts by itself, for tests that need another one beside ours; returns the VSIX's path. */
export async function packSmallExtension(name: string, source: string, contributes: Readonly<Record<string, unknown>> = {}): Promise<string> {
  const folder = path.join(cacheFolder, "run", name);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const manifest = { name, publisher: "test", version: "1.0.0", engines: { vscode: "^1.99.0" }, main: "main.js", activationEvents: ["onStartupFinished"], contributes };
  await writeFile(path.join(folder, "package.json"), JSON.stringify(manifest));
  await writeFile(path.join(folder, "main.js"), source);
  await writeFile(path.join(folder, ".vscodeignore"), "*.vsix\n");
  const out = path.join(folder, `${name}.vsix`);
  await createVsix({ folder, out });
  return out;
}
