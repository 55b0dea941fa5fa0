import assert from "node:assert/strict";
import { differingPart, nameParts, PartRenames, replacePart } from "../../../../src/core/recall/names";
import { Vocabulary, WordKind } from "../../../../src/core/recall/vocabulary";

describe("recall names", () => {
  it("fall into parts in every common style", () => {
    assert.deepEqual(nameParts("getUserName"), ["get", "User", "Name"]);
    assert.deepEqual(nameParts("get_user2"), ["get", "_", "user", "2"]);
    assert.deepEqual(nameParts("HTTPServer"), ["HTTP", "Server"]);
    assert.deepEqual(nameParts("MAX_SIZE"), ["MAX", "_", "SIZE"]);
  });

  it("differ in one part", () => {
    assert.deepEqual(differingPart("getUser", "getOrder"), { there: "User", here: "Order" });
    assert.deepEqual(differingPart("user_id", "order_item_id"), { there: "user", here: "order_item" });
    assert.equal(differingPart("user", "user"), undefined);
    assert.equal(differingPart("a1", "a2"), undefined);
  });

  it("take another part in the case that stands there", () => {
    assert.equal(replacePart("createUser", "user", "order"), "createOrder");
    assert.equal(replacePart("userId", "User", "Order"), "orderId");
    assert.equal(replacePart("USER_ID", "user", "order"), "ORDER_ID");
    assert.equal(replacePart("username", "user", "order"), undefined);
  });

  it("are renamed only to names that are known", () => {
    const vocabulary = new Vocabulary();
    const word = (text: string): number => vocabulary.intern(text, 0, text.length, WordKind.identifier);
    const renamed = [word("getUser"), word("getOrder")];
    const known = word("createOrder");
    const renames = new PartRenames(vocabulary);
    assert.equal(renames.rename(word("createUser"), renamed), known);
    const unknown = word("deleteUser");
    assert.equal(renames.rename(unknown, renamed), unknown);
    assert.equal(renames.rename(word("other"), renamed), word("other"));
  });
});
