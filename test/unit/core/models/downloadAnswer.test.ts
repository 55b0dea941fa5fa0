import assert from "node:assert/strict";
import { judgeAnswer, parseContentRange, strongTag, type AskedRange } from "../../../../src/core/models/downloadAnswer";
import { downloadWords, retryMayHelp } from "../../../../src/core/models/downloadWords";
import { createTransferSpeed, secondsLeft } from "../../../../src/core/models/transferSpeed";

const start: AskedRange = { offset: 0, etag: null, total: null, size: 100 };
const rest: AskedRange = { offset: 40, etag: '"a"', total: 100, size: null };

function judged(asked: AskedRange, status: number, headers: Readonly<Record<string, string>>): string {
  const verdict = judgeAnswer(asked, status, new Map(Object.entries(headers)));
  switch (verdict.verdict) {
    case "take": return `take from ${String(verdict.from)} of ${String(verdict.total)} ${verdict.etag ?? "untagged"}`;
    case "refused": return verdict.reason;
    default: return verdict.verdict;
  }
}

describe("core/models/downloadAnswer", () => {
  const cases: readonly (readonly [AskedRange, number, Readonly<Record<string, string>>, string])[] = [
    [start, 200, { "content-length": "100", etag: '"a"' }, 'take from 0 of 100 "a"'],
    [start, 200, { etag: 'W/"a"' }, "take from 0 of 100 untagged"],
    [start, 200, { "content-length": "99" }, "wrongSize"],
    [start, 200, { "content-length": "1e2" }, "badAnswer"],
    [{ ...start, size: null }, 200, {}, "lengthUnknown"],
    [{ ...start, size: null }, 200, { "content-length": "0" }, "notAModel"],
    [start, 200, { "content-length": "100", "content-type": "Text/HTML; charset=x" }, "notAModel"],
    [start, 206, { "content-range": "bytes 0-99/100", etag: '"a"' }, "badAnswer"],
    [start, 416, {}, "badAnswer"],
    [rest, 206, { "content-range": "bytes 40-99/100", etag: '"a"' }, 'take from 40 of 100 "a"'],
    [rest, 206, { "content-range": "bytes 40-99/100", etag: '"a"', "content-length": "60" }, 'take from 40 of 100 "a"'],
    [rest, 206, { "content-range": "bytes 40-99/100", etag: '"a"', "content-length": "61" }, "startOver"],
    [rest, 206, { "content-range": "bytes 40-99/100" }, "startOver"],
    [rest, 206, { "content-range": "bytes 41-99/100", etag: '"a"' }, "startOver"],
    [rest, 206, { "content-range": "bytes 40-100/101", etag: '"a"' }, "startOver"],
    [{ ...rest, size: 101 }, 206, { "content-range": "bytes 40-99/100", etag: '"a"' }, "startOver"],
    [{ ...rest, etag: null }, 206, { "content-range": "bytes 40-99/100" }, "startOver"],
    [rest, 200, { "content-length": "77", etag: '"b"' }, 'take from 0 of 77 "b"'],
    [rest, 416, {}, "startOver"],
    [rest, 503, {}, "status"],
  ];
  for (const [asked, status, headers, expected] of cases) {
    it(`takes ${String(status)} ${JSON.stringify(headers)} to ${asked.offset === 0 ? "the whole" : "the rest"} as: ${expected}`, () => {
      assert.equal(judged(asked, status, headers), expected);
    });
  }

  it("reads ranges and tags and nothing that only looks like one", () => {
    assert.deepEqual(parseContentRange("bytes 1-2/3"), { first: 1, last: 2, total: 3 });
    assert.deepEqual(["bytes 2-1/3", "bytes 1-3/3", "bytes 1-2/*", "bytes 1-2", "1-2/3", "bytes=1-2/3", "bytes 1-2/3, bytes 1-2/3", undefined].map(parseContentRange), new Array(8).fill(undefined));
    assert.deepEqual(['"a"', ' "a" ', "a", 'W/"a"', '"a", "b"', '""', '"a'].map((tag) => strongTag(new Map([["etag", tag]]))), ['"a"', '"a"', null, null, null, null, null]);
  });
});

describe("core/models/transferSpeed", () => {
  it("looks back some seconds, and starts again with the file", () => {
    const speed = createTransferSpeed();
    assert.equal(speed.bytesPerSecond(), null);
    for (let second = 0; second <= 20; second++) speed.add(second < 10 ? second * 1_000 : 10_000 + (second - 10) * 50, second * 1_000);
    assert.equal(speed.bytesPerSecond(), 50);
    speed.add(0, 21_000);
    assert.equal(speed.bytesPerSecond(), null);
  });

  it("tells the seconds that are left, or that nobody knows", () => {
    assert.deepEqual([secondsLeft(10, 100, 20), secondsLeft(100, 100, 20), secondsLeft(1, null, 20), secondsLeft(1, 2, null), secondsLeft(1, 2, 0)], [5, 0, null, null, null]);
  });
});

describe("core/models/downloadWords", () => {
  it("has whole sentences, with the names that they speak of", () => {
    const subject = { file: "m.gguf", host: "example.com", found: "status 503" };
    for (const trouble of ["wrongHash", "otherHash", "extraBytes", "stalled", "cut", "serverError", "unauthorized", "forbidden", "notFound", "noSpace", "diskFull", "vanished"] as const) {
      const words = downloadWords(trouble, subject);
      assert.match(words, /^\S.*[.”]$/);
      assert.ok(words.includes(subject.file) || words.includes(subject.host), words);
    }
    assert.deepEqual([retryMayHelp("cut"), retryMayHelp("wrongHash"), retryMayHelp("noSpace")], [true, false, false]);
  });
});
