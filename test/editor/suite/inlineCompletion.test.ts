import assert from "node:assert/strict";
import { closeEditors, expectGhostText, readyEngine, typeAtSurePlace } from "./extension";
import { loopPlace } from "../support/surePlace";

describe("inline completion", () => {
  before(readyEngine);
  afterEach(closeEditors);

  it("completes a place that the starter model is sure of", async () => {
    await expectGhostText(await typeAtSurePlace());
  });

  it("changes no other line", async () => {
    const editor = await typeAtSurePlace();
    const others = (): string[] => editor.document.getText().split("\n").filter((_, index) => index !== loopPlace.line - 1);
    const before = others();
    await expectGhostText(editor);
    assert.deepEqual(others(), before);
  });
});
