import assert from "node:assert/strict";
import fastCheck from "fast-check";
import { editableDocument, readEditedDocument } from "../../../../src/core/outgoing/editableTexts";

describe("texts to edit", () => {
  it("come back as they were, whatever they hold", () => {
    const text = fastCheck.string({ unit: fastCheck.constantFrom("a", "\n", " ", "─", "──── Ghostlight: text 1 of 2 ─", "é") });
    fastCheck.assert(fastCheck.property(fastCheck.array(text, { minLength: 1, maxLength: 4 }), (texts) => {
      assert.deepEqual(readEditedDocument(editableDocument(texts), texts), { texts });
    }));
  });

  it("come back changed where they were changed", () => {
    const document = editableDocument(["one", "two"]).replace("one", "1\n1").replace("two", "");
    assert.deepEqual(readEditedDocument(document, ["one", "two"]), { texts: ["1\n1", ""] });
  });

  for (const [what, change] of [
    ["without a separating line", (document: string) => document.split("\n").slice(2).join("\n")],
    ["with text before the first one", (document: string) => `x\n${document}`],
    ["empty", () => ""],
  ] as const) {
    it(`are not guessed ${what}`, () => {
      assert.match(JSON.stringify(readEditedDocument(change(editableDocument(["one", "two"])), ["one", "two"])), /must stay/);
    });
  }
});
