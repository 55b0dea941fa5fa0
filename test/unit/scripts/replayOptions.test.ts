import assert from "node:assert/strict";
import { PlainError } from "../../../scripts/project";
import { parseReplayOptions } from "../../../scripts/replay/options";

const names = (...repositories: string[]): string[] => parseReplayOptions(repositories.flatMap((repository) => ["--repo", repository])).repositories.map(({ name }) => name);
const refusal = (...argv: string[]): string => {
  try {
    parseReplayOptions(argv);
  } catch (error) {
    if (error instanceof PlainError) return error.message;
    throw error;
  }
  return "nothing refused";
};

describe("scripts/replay/options", () => {
  it("has defaults for all but the repositories", () => {
    assert.deepEqual(parseReplayOptions(["--repo", "src/express"]), {
      repositories: [{ name: "express", folder: "src/express" }],
      since: 200, cases: 300, engines: ["recall", "model", "both"], model: undefined, json: undefined, against: undefined, judged: undefined, write: undefined, seed: "1", exclude: [],
    });
  });

  it("takes several repositories, several exclusions and all engines", () => {
    const options = parseReplayOptions(["--repo", "a", "--repo", "b", "--exclude", "x/", "--exclude", "y/", "--engine", "all", "--cases", "5", "--since", "9"]);
    assert.deepEqual([options.repositories.length, options.exclude, options.engines, options.cases, options.since], [2, ["x/", "y/"], ["recall", "model", "both"], 5, 9]);
  });

  it("a repository has the name of its folder, or the one it is given", () => {
    assert.deepEqual(names("/code/one/.git", "/code/two.git", "/code/three/", "four=/code/x/repo"), ["one", "two", "three", "four"]);
  });

  it("says what is wrong", () => {
    assert.match(refusal(), /^usage: /);
    assert.match(refusal("--repo", "/a/repo", "--repo", "/b/repo"), /two repositories are called repo/);
    assert.match(refusal("--repo", "a", "--engine", "oracle"), /--engine oracle/);
    assert.match(refusal("--repo", "a", "--cases", "0"), /--cases 0/);
    assert.match(refusal("--repo", "a", "--since", "1.5"), /--since 1\.5/);
    assert.match(refusal("--repo", "a", "--speed", "9"), /speed/);
  });
});
