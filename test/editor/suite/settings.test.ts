import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import * as vscode from "vscode";
import { activatedExtension, closeEditors, expectGhostText, readyEngine, typeAtSurePlace, until, withSettings } from "./extension";

describe("settings", () => {
  before(readyEngine);
  afterEach(closeEditors);

  const wrongTypes = {
    "ghostlight.engine.threads": "many",
    "ghostlight.engine.contextSize": { tokens: 1 },
    "ghostlight.completion.preset": 7,
    "ghostlight.completion.enabled": "yes",
  };

  it("go on with their defaults where values have the wrong type", async () => {
    await withSettings(wrongTypes, async () => {
      await readyEngine();
      await expectGhostText(await typeAtSurePlace());
    });
  });

  it("are not taken from the workspace where they decide what runs", () => {
    for (const name of ["completion.model", "chat.model", "embedding.model", "engine.runtime", "engine.threads", "engine.contextSize"]) {
      const inspected = vscode.workspace.getConfiguration("ghostlight").inspect(name);
      assert.ok(inspected, `${name} is declared`);
      const scope = declaredScope(`ghostlight.${name}`);
      assert.ok(scope === "machine" || scope === "application", `${name} has the scope ${scope}`);
    }
  });

  it("refuses to write such a setting into the workspace", async () => {
    const configuration = vscode.workspace.getConfiguration("ghostlight");
    await assert.rejects(async () => configuration.update("engine.runtime", "node", vscode.ConfigurationTarget.Workspace));
  });
});

describe("a model that cannot be used", () => {
  let folder: string;
  before(async () => { folder = await mkdtemp(path.join(tmpdir(), "ghostlight-")); });
  after(() => rm(folder, { recursive: true, force: true }));
  afterEach(closeEditors);

  it("leaves ghost text to the starter, and is not tried again with every other setting", async () => {
    const api = await readyEngine();
    const damaged = path.join(folder, "damaged.gguf");
    await writeFile(damaged, "GGUF, and nothing more");
    const states: string[] = [];
    await withSettings({ "ghostlight.completion.engines": "model", "ghostlight.completion.model": damaged }, async () => {
      await until(() => api.standIn("completion") === "", () => "the starter to stand in");
      await readyEngine();
      await expectGhostText(await typeAtSurePlace());
      await closeEditors();
      const stop = api.onEngineState(({ state }) => { states.push(state); });
      await withSettings({ "ghostlight.completion.preset": "eager" }, async () => { await expectGhostText(await typeAtSurePlace()); });
      stop();
    });
    assert.deepEqual(states, []);
    await until(() => api.standIn("completion") === undefined, () => "the starter to be in use by itself");
  });

  it("leaves search by meaning to words alone, and ghost text as it is", async () => {
    const api = await readyEngine();
    const writes = vscode.Uri.joinPath((await activatedExtension()).extensionUri, "models", "starter", "ghostlight-starter.gguf").fsPath;
    await withSettings({ "ghostlight.completion.engines": "model", "ghostlight.embedding.model": writes }, async () => {
      await until(() => api.standIn("embedding") === "", () => "words alone to stand in for a model that writes");
      await readyEngine();
      await expectGhostText(await typeAtSurePlace());
    });
    await until(() => api.standIn("embedding") === undefined, () => "nothing to stand in");
  });
});

interface Contribution {
  readonly properties?: Readonly<Record<string, { readonly scope?: string }>>;
}

function declaredScope(name: string): string | undefined {
  const manifest = vscode.extensions.getExtension("ghostlight.ghostlight")?.packageJSON as { contributes: { configuration: Contribution | Contribution[] } };
  const sections = [manifest.contributes.configuration].flat();
  return sections.map((section) => section.properties?.[name]?.scope).find((scope) => scope !== undefined);
}
