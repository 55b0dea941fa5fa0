import { strict as assert } from "node:assert";
import fc from "fast-check";
import { MOST_ATTEMPTS, parseRetryAfter, retryDelay } from "../../../../src/services/network/retry.js";
import type { Failure } from "../../../../src/services/network/failure.js";

const high = (): number => 1;

describe("when a request is tried again", () => {
  it("waits twice as long each time, with jitter", () => {
    const failure: Failure = { kind: "serverError", status: 503 };
    assert.deepEqual([1, 2].map((attempt) => retryDelay(failure, attempt, false, high)), [500, 1_000]);
    assert.deepEqual([1, 2].map((attempt) => retryDelay(failure, attempt, false, () => 0)), [250, 500]);
  });

  it("ends after the third attempt", () => {
    assert.equal(retryDelay({ kind: "serverError" }, MOST_ATTEMPTS, false, high), undefined);
  });

  it("never happens after a word was shown", () => {
    assert.equal(retryDelay({ kind: "cut" }, 1, true, high), undefined);
  });

  for (const [failure, again] of [
    [{ kind: "rateLimited", status: 429 }, true], [{ kind: "loading", status: 503 }, true], [{ kind: "serverError", status: 500 }, true], [{ kind: "serverError", status: 529 }, true],
    [{ kind: "unreachable" }, true], [{ kind: "connectionRefused" }, true], [{ kind: "nameUnknown" }, true], [{ kind: "cut" }, true], [{ kind: "serverError" }, true],
    [{ kind: "serverError", status: 501 }, false], [{ kind: "serverError", status: 505 }, false], [{ kind: "timeout" }, false], [{ kind: "stalled" }, false], [{ kind: "endless" }, false],
    [{ kind: "unauthorized", status: 401 }, false], [{ kind: "tooLong", status: 413 }, false], [{ kind: "tls" }, false], [{ kind: "captivePortal" }, false], [{ kind: "malformed" }, false],
    [{ kind: "address" }, false], [{ kind: "redirect", status: 302 }, false], [{ kind: "badRequest", status: 400 }, false],
  ] as const satisfies readonly (readonly [Failure, boolean])[]) {
    it(`${again ? "does" : "does not"} happen after ${failure.kind} ${"status" in failure ? String(failure.status) : ""}`, () => {
      assert.equal(retryDelay(failure, 1, false, high) !== undefined, again);
    });
  }

  it("waits as long as the server asks, and tells the person where that is long", () => {
    assert.equal(retryDelay({ kind: "rateLimited", status: 429, seconds: 2 }, 1, false, high), 2_000);
    assert.equal(retryDelay({ kind: "rateLimited", status: 429, seconds: 0 }, 1, false, high), 500);
    assert.equal(retryDelay({ kind: "rateLimited", status: 429, seconds: 3_600 }, 1, false, high), undefined);
  });
});

describe("Retry-After", () => {
  const now = Date.parse("Wed, 21 Oct 2026 07:28:00 GMT");
  for (const [header, seconds] of [
    ["2", 2], [" 120 ", 120], ["0.5", 0.5], ["Wed, 21 Oct 2026 07:28:30 GMT", 30], ["Wed, 21 Oct 2026 07:27:00 GMT", 0],
    ["", null], ["soon", null], ["-1", null], ["1e9", null], ["99999999999", null], ["2026", 2026], ["Wed, nonsense", null], ["NaN", null],
  ] as const) {
    it(`${JSON.stringify(header)} means ${String(seconds)}`, () => { assert.equal(parseRetryAfter(header, now), seconds); });
  }

  it("may be missing", () => { assert.equal(parseRetryAfter(undefined, now), null); });

  it("is never less than nothing and never no number", () => {
    fc.assert(fc.property(fc.string(), (header) => {
      const seconds = parseRetryAfter(header, now);
      assert.ok(seconds === null || (seconds >= 0 && Number.isFinite(seconds)));
    }));
  });
});
