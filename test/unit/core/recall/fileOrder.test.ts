import assert from "node:assert/strict";
import { orderFiles } from "../../../../src/core/recall/fileOrder";

/** `path@time` words become files; the answer is their paths in order. */
function ordered(files: string, open: readonly string[] = []): string {
  const listed = files.split(" ").map((file) => {
    const [path = "", modified = "0"] = file.split("@");
    return { path, bytes: 1, modified: Number(modified) };
  });
  return orderFiles(listed, open).map(({ path }) => path).join(" ");
}
/** Twenty newest files in a folder of their own, so that what is tested has no newest neighbour. */
const crowd = Array.from({ length: 20 }, (_, index) => `new/${String(index).padStart(2, "0")}@${1000 - index}`);
const after = (files: string, open: readonly string[] = []): string => ordered([...crowd, files].join(" "), open).split(" ").filter((path) => !path.startsWith("new/")).join(" ");

describe("core/recall: order of files", () => {
  it("puts the newest first, and names decide between equals", () => assert.equal(ordered("a@1 c@3 b@3"), "b c a"));
  it("puts open files first, then those beside them", () => assert.equal(after("x/a@9 y/open@1 y/b@2 z/c@8", ["y/open"]), "y/open y/b x/a z/c"));
  it("counts the folders of the newest files as near", () => assert.equal(ordered([...crowd, "new/old@1", "far/a@500"].join(" ")).split(" ").slice(-2).join(" "), "new/old far/a"));
  it("does not take a folder for its parent or for one with a longer name", () => assert.equal(after("y/deep/a@1 yy/b@2 y/c@0", ["y/open"]), "y/c yy/b y/deep/a"));
  it("knows the top folder", () => assert.equal(after("x/a@5 b@1", ["open"]), "b x/a"));
});
