import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { completionEnabledFor, parseSettings, SETTINGS, USER_ONLY_SETTINGS, type Settings } from "../../../../src/core/settings/settings";

const parse = (raw: Partial<Record<keyof Settings, unknown>>) => parseSettings((name) => raw[name]);
const properties = (JSON.parse(readFileSync("package.json", "utf8")) as { contributes: { configuration: { properties: Record<string, { default: unknown; scope: string }> } } }).contributes.configuration.properties;

describe("core/settings", () => {
  it("nothing set gives the defaults without a problem", () => {
    const { settings, problems } = parse({});
    assert.deepEqual(problems, []);
    for (const name of Object.keys(SETTINGS) as (keyof Settings)[]) assert.deepEqual(settings[name], SETTINGS[name].fallback);
  });

  it("package.json has the same keys and defaults", () => {
    const ours = Object.fromEntries(Object.values(SETTINGS).map(({ key, fallback }) => [`ghostlight.${key}`, fallback]));
    assert.deepEqual(Object.fromEntries(Object.entries(properties).map(([key, property]) => [key, property.default])), ours);
  });

  it("settings that only a user may set have machine or application scope", () => {
    for (const name of USER_ONLY_SETTINGS) assert.match(properties[`ghostlight.${SETTINGS[name].key}`]?.scope ?? "", /^(machine|application)$/);
  });

  for (const [name, value] of [
    ["completionEnabled", true], ["completionEnabled", { "*": "yes" }], ["completionModel", 3], ["completionPreset", "wild"], ["chatModel", ["a"]], ["embeddingModel", 1],
    ["engineThreads", -1], ["engineThreads", 1.5], ["engineThreads", "4"], ["engineContextSize", 10], ["engineContextSize", null], ["engineRuntime", ""],
  ] as const) {
    it(`${name} ${JSON.stringify(value)} is reported and replaced by its default`, () => {
      const { settings, problems } = parse({ [name]: value });
      assert.deepEqual(settings[name], SETTINGS[name].fallback);
      assert.deepEqual(problems.map((problem) => problem.key), [`ghostlight.${SETTINGS[name].key}`]);
      assert.match(problems[0]?.message ?? "", /must be .+; the default is used/);
    });
  }

  it("a language that is not listed follows the star", () => {
    const { settings } = parse({ completionEnabled: { "*": false, go: true } });
    assert.deepEqual(["go", "rust"].map((language) => completionEnabledFor(settings, language)), [true, false]);
  });
});
