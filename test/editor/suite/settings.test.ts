import assert from "node:assert/strict";
import * as vscode from "vscode";
import { closeEditors, expectGhostText, readyEngine, typeAtSurePlace, withSettings } from "./extension";

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
    for (const name of ["completion.model", "chat.model", "engine.runtime", "engine.threads", "engine.contextSize"]) {
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

interface Contribution {
  readonly properties?: Readonly<Record<string, { readonly scope?: string }>>;
}

function declaredScope(name: string): string | undefined {
  const manifest = vscode.extensions.getExtension("ghostlight.ghostlight")?.packageJSON as { contributes: { configuration: Contribution | Contribution[] } };
  const sections = [manifest.contributes.configuration].flat();
  return sections.map((section) => section.properties?.[name]?.scope).find((scope) => scope !== undefined);
}
