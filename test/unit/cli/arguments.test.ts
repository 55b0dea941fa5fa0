import assert from "node:assert/strict";
import { BadInputError, parseCommandLine } from "../../../src/cli/arguments";

describe("cli/arguments", () => {
  it("complete takes a place and options in any order", () => {
    const command = parseCommandLine(["complete", "--json", "a.ts:3:4", "--threshold", "0.2", "--workspace", "w"]);
    assert.deepEqual(command, { command: "complete", place: "a.ts:3:4", batch: undefined, workspace: "w", model: undefined, engine: "both", threshold: 0.2, json: true, verbose: false });
  });

  it("the threshold is that of the balanced preset unless given; 0 is allowed", () => {
    const threshold = (...more: string[]): unknown => Reflect.get(parseCommandLine(["complete", "a:1:1", ...more]), "threshold");
    assert.equal(threshold(), 0.45);
    assert.equal(threshold("--threshold", "0"), 0);
  });

  it("takes each of the three engines", () => {
    for (const engine of ["recall", "model", "both"]) assert.equal(Reflect.get(parseCommandLine(["demo", "--engine", engine]), "engine"), engine);
  });

  it("names the engines where another one is asked for", () => {
    assert.throws(() => parseCommandLine(["demo", "--engine", "cloud"]), /--engine cloud: recall, model or both is wanted/);
  });

  for (const [name, argv] of [
    ["an unknown command", ["compleet"]],
    ["an unknown option", ["complete", "a:1:1", "--treshold", "1"]],
    ["a threshold above one", ["complete", "a:1:1", "--threshold", "1.5"]],
    ["a threshold that is no number", ["complete", "a:1:1", "--threshold", "half"]],
    ["an empty threshold", ["complete", "a:1:1", "--threshold", ""]],
    ["an engine that does not exist", ["complete", "a:1:1", "--engine", "cloud"]],
    ["a missing place", ["complete"]],
    ["a batch without a workspace", ["complete", "--batch", "c.jsonl"]],
    ["a missing question", ["ask"]],
    ["a missing trace", ["replay"]],
  ] as const) {
    it(`${name} is refused with one line`, () => {
      assert.throws(() => parseCommandLine(argv), (error: unknown) => error instanceof BadInputError && !error.message.includes("\n"));
    });
  }

  it("measure takes a model and --json", () => {
    const command = parseCommandLine(["measure", "--model", "/m.gguf", "--json"]);
    assert.ok(command.command === "measure" && command.model === "/m.gguf" && command.json);
  });

  it("no command, or --help, asks for help", () => {
    assert.deepEqual([parseCommandLine([]), parseCommandLine(["--help"])], [{ command: "help" }, { command: "help" }]);
  });
});
