import assert from "node:assert/strict";
import { createStopRule, type StopRuleOptions } from "../../../../src/core/completion/stopRule";
import type { StopReason } from "../../../../src/protocol/engine";

const stopAt = (text: string, options: Partial<StopRuleOptions>): StopReason | undefined =>
  createStopRule({ maxLines: 1, typed: "", suffix: "", ...options })(text);

describe("core/completion/stopRule", () => {
  it("one line ends at its line break", () => {
    assert.equal(stopAt("a = 1;", {}), undefined);
    assert.equal(stopAt("a = 1;\n", {}), "lineLimit");
  });

  it("several lines end at their limit", () => {
    assert.equal(stopAt("\n  a\n  b", { maxLines: 3, typed: "f(" }), undefined);
    assert.equal(stopAt("\n  a\n  b\n", { maxLines: 3, typed: "f(" }), "lineLimit");
  });

  it("a block ends with its closing bracket", () => {
    assert.equal(stopAt("\n  a();\n}\n", { maxLines: 12, typed: "if (x) {" }), "blockEnd");
  });

  it("repeating the first line below the cursor ends", () => {
    assert.equal(stopAt("\n  a();\n  second();", { maxLines: 12, typed: "{", suffix: "\n  second();\n" }), "suffixReached");
  });

  it("a lone bracket below says nothing: blocks hold such lines too", () => {
    assert.equal(stopAt("\n  f(a, {\n    b\n  });", { maxLines: 12, typed: "{", suffix: "\n});\n" }), undefined);
  });

  it("the generated first line is part of the line that is there and is not compared", () => {
    assert.equal(stopAt("second();", { maxLines: 12, suffix: "\nsecond();\n" }), undefined);
  });
});
