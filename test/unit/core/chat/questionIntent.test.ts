import assert from "node:assert/strict";
import { intentOf } from "../../../../src/core/chat/questionIntent";

const CASES: Record<string, readonly string[]> = {
  definition: ["where is createShelf defined?", "Where is `Shelf`", "where's Shelf declared", "definition of Shelf", "go to Shelf", "find cookDinner", "where can i find the Shelf class located", "Where does Shelf live?", "can you tell me where Shelf is defined?", "show me MemoryShelf", "In which file is Shelf?", "what file is Shelf in"],
  usage: ["how is Shelf used?", "where is Shelf used", "usages of Shelf", "who uses toLitres", "references to Unit", "find all references to Unit", "which files use Unit?", "Where is Unit mentioned", "is Unit used anywhere"],
  callers: ["who calls cookDinner", "Who calls cookDinner()?", "which functions call toLitres?", "callers of put", "where is cookDinner called", "what calls sweep", "how often is put called", "list the callers of put", "does anything call washUp?", "where is MemoryShelf constructed"],
  callees: ["what does cookDinner call", "which functions does cookDinner call?", "What functions are called by washUp"],
  implementers: ["which classes implement Shelf", "who implements Shelf?", "subclasses of Base", "what extends Base", "implementations of Shelf"],
  contents: ["what does src/shelf.ts contain?", "what is in src/shelf.ts", "what's inside the tools folder", "outline of shelf.ts", "contents of src", "what does shelf.ts export"],
  importers: ["which files import Unit", "who imports ./unit", "where is lodash imported", "what depends on unit.ts", "importers of src/unit.ts", "show the files that import node:fs", "files that depend on shelf"],
  imports: ["what does dinner.ts import", "imports of src/dinner.ts", "which modules does dinner.ts import?", "dependencies of dinner.ts"],
  explain: ["what is Shelf?", "what does cookDinner do", "explain MemoryShelf", "how does cookDinner work", "describe toLitres", "signature of put", "what parameters does put take?", "why is items readonly"],
  overview: ["what is this project?", "What does this project do?", "overview", "give me an overview of the project", "how is this project structured", "describe this repository", "where do I start", "what is the entry point"],
  listing: ["list functions in src/shelf.ts", "list all classes", "what functions are in dinner.ts", "show me all the interfaces", "how many functions are in unit.ts?", "which tests are there", "What are the exported types of shelf.ts", "list the methods of MemoryShelf"],
  unused: ["is anything unused?", "find dead code", "which functions are never called", "list unused functions in src"],
  concept: ["weights of things", "retry after failure", "caching?", "i want to add a unit"],
};

describe("intent of a question", () => {
  for (const [kind, questions] of Object.entries(CASES)) {
    for (const question of questions) it(`${kind}: ${question}`, () => assert.equal(intentOf(question).kind, kind));
  }
  it("a listing knows what is listed", () => {
    assert.deepEqual(intentOf("list all enums"), { kind: "listing", of: ["enum"] });
    assert.deepEqual(intentOf("which tests are there"), { kind: "listing", of: "tests" });
    assert.deepEqual(intentOf("list the files in src"), { kind: "listing", of: "files" });
  });
});
