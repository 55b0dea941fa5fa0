import assert from "node:assert/strict";
import { parseDiff } from "../../../../src/core/evaluation/diffHunks";

/** A diff of one file `a.ts` with the given hunks. */
const diff = (...hunks: string[]): string => ["diff --git a/a.ts b/a.ts", "index 1..2 100644", "--- a/a.ts", "+++ b/a.ts", ...hunks, ""].join("\n");

describe("core/evaluation/diffHunks", () => {
  it("reads added and removed lines with their places", () => {
    assert.deepEqual(parseDiff(diff("@@ -3,2 +3,3 @@ function f() {", "-old one", "-old two", "+new one", "+new two", "+new three")), [
      { oldPath: "a.ts", newPath: "a.ts", hunks: [{ newStart: 3, newCount: 3, removed: ["old one", "old two"] }] },
    ]);
  });

  it("a count that is left out is one; none is none", () => {
    const [file] = parseDiff(diff("@@ -3 +3 @@", "-x", "+y", "@@ -9 +8,0 @@", "-gone", "@@ -10,0 +10,2 @@", "+a", "+b"));
    assert.deepEqual(file?.hunks.map(({ newStart, newCount, removed }) => [newStart, newCount, removed]), [[3, 1, ["x"]], [8, 0, ["gone"]], [10, 2, []]]);
  });

  it("a removed line that looks like a header is a removed line", () => {
    const files = parseDiff(diff("@@ -1,3 +0,0 @@", "--- a/fake.ts", "-+++ b/fake.ts", "-@@ -1 +1 @@"));
    assert.deepEqual(files.map((file) => file.newPath), ["a.ts"]);
    assert.deepEqual(files[0]?.hunks[0]?.removed, ["-- a/fake.ts", "+++ b/fake.ts", "@@ -1 +1 @@"]);
  });

  it("git's note on the missing last line break is no line", () => {
    const [file] = parseDiff(diff("@@ -5 +5 @@", "-old", "\\ No newline at end of file", "+new", "\\ No newline at end of file", "@@ -7 +7 @@", "-x", "+y"));
    assert.deepEqual(file?.hunks.map((hunk) => hunk.removed), [["old"], ["x"]]);
  });

  it("new and deleted files have a path on one side", () => {
    const text = ["--- /dev/null", "+++ b/new.py", "@@ -0,0 +1 @@", "+x", "--- a/old.py", "+++ /dev/null", "@@ -1 +0,0 @@", "-y", ""].join("\n");
    assert.deepEqual(parseDiff(text).map(({ oldPath, newPath }) => [oldPath, newPath]), [[null, "new.py"], ["old.py", null]]);
  });

  it("names with blanks and quotes are read", () => {
    const text = ["--- a/my file.ts\t", '+++ "b/a\\"b.ts"', "@@ -1 +1 @@", "-x", "+y", ""].join("\n");
    assert.deepEqual(parseDiff(text).map(({ oldPath, newPath }) => [oldPath, newPath]), [["my file.ts", 'a"b.ts']]);
  });

  it("files keep their own hunks", () => {
    const files = parseDiff(diff("@@ -1 +1 @@", "-x", "+y") + diff("@@ -2 +2 @@", "-z", "+w").replaceAll("a.ts", "b.ts"));
    assert.deepEqual(files.map((file) => [file.newPath, file.hunks[0]?.newStart]), [["a.ts", 1], ["b.ts", 2]]);
  });
});
