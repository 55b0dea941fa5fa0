import assert from "node:assert/strict";
import { DEFAULT_PRESET, PRESET_THRESHOLDS } from "../../../../src/core/completion/presets";

describe("core/completion/presets", () => {
  it("the calmer, the surer; all are probabilities", () => {
    const { calm, balanced, eager } = PRESET_THRESHOLDS;
    assert.ok(1 >= calm && calm > balanced && balanced > eager && eager > 0);
  });

  it("the default is one of them", () => { assert.ok(DEFAULT_PRESET in PRESET_THRESHOLDS); });
});
