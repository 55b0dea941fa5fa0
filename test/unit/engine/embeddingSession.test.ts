import assert from "node:assert/strict";
import { abortError, isAbortError } from "../../../src/core/util/abort";
import { EmbeddingSession, type Embedder } from "../../../src/engine/embeddingSession";

const FAMILY = { id: "test", before: { question: "q:", passage: "p:" } };
const TURN = { next: () => Promise.resolve() };

/** A session whose vectors come from a table by text; every text takes a second. Tokens are characters. */
function sessionOver(vectors: Readonly<Record<string, readonly number[]>>, mostTokens = 100): { session: EmbeddingSession; read: string[] } {
  let now = 0;
  const read: string[] = [];
  const embedder: Embedder = { mostTokens, vectorOf: (tokens) => {
    const text = String.fromCharCode(...tokens);
    read.push(text);
    now += 1_000;
    return Promise.resolve(vectors[text] ?? [0, 0]);
  } };
  const tokenizer = { encodeText: (text: string) => [...text].map((character) => character.charCodeAt(0)) };
  return { session: new EmbeddingSession(embedder, tokenizer, FAMILY, () => now), read };
}
const VECTORS = { "q:how": [2, 0], "p:same": [5, 0], "p:other": [0, 3], "p:against": [-1, 0], "p:half": [1, 1], "p:nothing": [0, 0], "p:broken": [Number.NaN, 1] };

describe("engine/embeddingSession", () => {
  it("similarities are cosines, whatever the vectors' lengths", async () => {
    const { session } = sessionOver(VECTORS);
    const { similarities } = await session.compare({ question: "how", texts: ["same", "other", "against", "half"], timeBudgetMs: 1e9 }, TURN);
    assert.deepEqual(similarities.map((one) => one === null ? null : Number(one.toFixed(4))), [1, 0, -1, 0.7071]);
  });

  it("a text without a usable vector is not compared, and the others are", async () => {
    const { session } = sessionOver(VECTORS);
    const { similarities } = await session.compare({ question: "how", texts: ["nothing", "broken", "same"], timeBudgetMs: 1e9 }, TURN);
    assert.deepEqual(similarities, [null, null, 1]);
  });

  it("a question without a usable vector compares nothing, and computes nothing for it", async () => {
    const { session, read } = sessionOver(VECTORS);
    assert.deepEqual((await session.compare({ question: "?", texts: ["same", "other"], timeBudgetMs: 1e9 }, TURN)).similarities, [null, null]);
    assert.deepEqual(read, ["q:?"]);
  });

  it("when the time is over, the rest waits for another question; what is known costs nothing", async () => {
    const { session, read } = sessionOver(VECTORS);
    const ask = (texts: readonly string[]) => session.compare({ question: "how", texts, timeBudgetMs: 2_500 }, TURN);
    assert.deepEqual((await ask(["same", "other", "against", "half"])).similarities.map((one) => one !== null), [true, true, false, false]);
    const second = await ask(["same", "other", "against", "half"]);
    assert.deepEqual([second.similarities.map((one) => one !== null), second.computed], [[true, true, true, true], 2]);
    assert.equal(new Set(read).size, read.length);
  });

  it("what is known is compared after the time is over too", async () => {
    const { session } = sessionOver(VECTORS);
    await session.compare({ question: "how", texts: ["half"], timeBudgetMs: 1e9 }, TURN);
    assert.deepEqual((await session.compare({ question: "how", texts: ["same", "other", "against", "half"], timeBudgetMs: 1_500 }, TURN)).similarities.map((one) => one !== null), [true, true, false, true]);
  });

  it("a text that is too long is read from its beginning", async () => {
    const { session, read } = sessionOver({}, 6);
    await session.compare({ question: "how long", texts: [], timeBudgetMs: 1e9 }, TURN);
    assert.deepEqual(read, ["q:how "]);
  });

  it("ends between two texts when its turn ends, and keeps what it has", async () => {
    const { session, read } = sessionOver(VECTORS);
    let turns = 0;
    const ending = { next: () => (++turns > 2 ? Promise.reject(abortError()) : Promise.resolve()) };
    await assert.rejects(session.compare({ question: "how", texts: ["same", "other"], timeBudgetMs: 1e9 }, ending), isAbortError);
    assert.deepEqual(read, ["q:how", "p:same"]);
    assert.equal((await session.compare({ question: "how", texts: ["same"], timeBudgetMs: 0 }, TURN)).computed, 0);
  });

  it("keeps 4,096 vectors, those used last", async () => {
    const { session } = sessionOver({ "q:how": [1, 0], ...Object.fromEntries(Array.from({ length: 4_100 }, (_, index) => [`p:${String(index)}`, [1, index]])) });
    const texts = Array.from({ length: 4_095 }, (_, index) => String(index));
    await session.compare({ question: "how", texts, timeBudgetMs: 1e9 }, TURN);
    await session.compare({ question: "how", texts: ["0", "4096"], timeBudgetMs: 1e9 }, TURN);
    const again = async (text: string) => (await session.compare({ question: "how", texts: [text], timeBudgetMs: 1e9 }, TURN)).computed;
    assert.deepEqual([await again("0"), await again("4096"), await again("1")], [0, 0, 1]);
  });
});
