import assert from "node:assert/strict";
import { acceptGhostText, closeEditors, readyEngine, showSampleFile, typeAt } from "./extension";

describe("inline completion", () => {
  before(readyEngine);
  afterEach(closeEditors);

  it("completes a loop that the starter model is sure of", async () => {
    const editor = await showSampleFile("src/totals.ts");
    await typeAt(editor, 25, 0, "  for (let i = 0; i < items.length; ");
    assert.match(await acceptGhostText(editor), /^ {2}for \(let i = 0; i < items\.length; i\+\+\)/);
  });

  it("leaves what stands after the cursor in place", async () => {
    const editor = await showSampleFile("src/totals.ts");
    const below = editor.document.lineAt(26).text;
    await typeAt(editor, 25, 0, "  for (let i = 0; i < items.length; ");
    await acceptGhostText(editor);
    const text = editor.document.getText();
    assert.ok(text.includes(`\n${below}\n`), "the line below is still there");
    assert.equal(text.includes("\uFFFD"), false);
  });
});
