import { readFileSync } from "node:fs";
import { readdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { projectRoot } from "../../../scripts/project";
import { sha256Of } from "../../support/modelServer";

/** A model small enough to be fetched in a test: the starter's file, under another name. */
export const testModel = readFileSync(path.join(projectRoot, "models", "starter", "ghostlight-starter.gguf"));

/** The row's name in the list. */
export const TEST_MODEL_NAME = "Test Model";

const row = {
  id: "test-model", name: TEST_MODEL_NAME, roles: ["completion"], repository: "tests/models", revision: "0123456789abcdef0123456789abcdef01234567", file: "test-model.gguf",
  size: testModel.length, sha256: sha256Of(testModel), hashSources: ["this test", "and its server"], licence: "MIT", restricted: false,
  parameters: 7_737_600, activeParameters: 7_737_600, quantization: "Q8_0", contextLength: 1_024, fimFamily: "ghostlight2", chatFamily: null, pinned: true,
};

/** Puts a catalog of one model into the installed extension: the real one names files of gigabytes. */
export async function writeTestCatalog(extensionsFolder: string): Promise<void> {
  for (const name of await readdir(extensionsFolder)) {
    if (name.startsWith("ghostlight.ghostlight")) await writeFile(path.join(extensionsFolder, name, "models", "catalog.json"), JSON.stringify({ version: 1, models: [row] }));
  }
}
