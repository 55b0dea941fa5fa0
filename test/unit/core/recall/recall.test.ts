import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { Corpus } from "../../../../src/core/recall/corpus";
import { recall } from "../../../../src/core/recall/recall";
import type { RecallAnswer } from "../../../../src/core/recall/suggestion";
import { parseRecallWeights } from "../../../../src/core/recall/weights";
import { snapshotAt } from "../../../support/snapshotNotation";

const weights = parseRecallWeights(JSON.parse(readFileSync(join(__dirname, "../../../../models/recall/weights.json"), "utf8")));

/** Asks at `|` in a document, in a workspace of the given files. */
function ask(document: string, files: Readonly<Record<string, string>> = {}): RecallAnswer {
  const corpus = new Corpus();
  for (const [path, text] of Object.entries(files)) corpus.put(path, text);
  corpus.settle();
  return recall(snapshotAt(document), corpus, weights);
}

const best = (answer: RecallAnswer): string | undefined => answer.candidates[0]?.text;

/** The same body in six functions of six files. */
function copies(body: string, parameters = "()"): Record<string, string> {
  return Object.fromEntries(["one", "two", "three", "four", "five", "six"].map((name) => [`src/${name}.ts`, `async function ${name}${parameters} {\n${body}`]));
}

const SERVICE = [
  "export async function loadUser(id: string): Promise<User> {",
  "  const response = await this.client.request({ path: `/users/${id}`, method: \"GET\" });",
  "  if (!response.ok) throw new RequestError(response.status, response.text);",
  "  return parseUser(response.body);",
  "}",
  "",
].join("\n");

describe("recall", () => {
  it("goes on with a line that stands elsewhere in the workspace", () => {
    assert.equal(best(ask("async function other() {\n  if (!response.ok) throw new Req|", { "src/service.ts": SERVICE })), "uestError(response.status, response.text);");
  });

  it("goes on with a line of the open document, before or after the cursor", () => {
    assert.equal(best(ask(`${SERVICE}\nfunction b() {\n  if (!response.ok) throw |`)), "new RequestError(response.status, response.text);");
    assert.equal(best(ask(`function b() {\n  if (!response.ok) throw |\n}\n${SERVICE}`)), "new RequestError(response.status, response.text);");
  });

  it("uses the names that stand here in the places of the names there", () => {
    const here = "function loadOrder() {}\nfunction parseOrder() {}\nexport async function loadOrder(id: string): Promise<Order> {\n  const response = await this.client.request({ path: `/orders/${id}`, method: \"GET\" });\n  if (!response.ok) throw new RequestError(response.status, response.text);\n  return |";
    assert.equal(best(ask(here, { "src/users.ts": SERVICE })), "parseOrder(response.body);");
  });

  const BLOCK = "  if (!ready(first, second)) return;\n  const total = add(first, second);\n  report(total, \"sum\");\n  return total;\n}\n";

  it("matches at another depth of indentation and proposes lines at the depth of here", () => {
    const answer = ask("class C {\n    m() {\n        if (!ready(first, second)) return;\n        const total = add(fi|", copies(BLOCK));
    assert.equal(best(answer), "rst, second);");
    assert.equal(answer.candidates[0]?.following[0]?.text, "        report(total, \"sum\");");
  });

  it("proposes following lines that never grow likelier, and none that stands after the cursor already", () => {
    const { following = [], probability = 0 } = ask("async function c() {\n  if (!ready(first, second)) return;\n  const total = add(fi|\n  return total;\n}\n", copies(BLOCK)).candidates[0] ?? {};
    assert.deepEqual(following.map((line) => line.text), ["  report(total, \"sum\");"]);
    const probabilities = [probability, ...following.map((line) => line.probability)];
    assert.deepEqual(probabilities, [...probabilities].sort((left, right) => right - left));
  });

  it("does not close a block a second time where its end stands below already", () => {
    const { following = [] } = ask("async function c() {\n  if (!ready(first, second)) return;\n  const total = add(fi|\n}\n", copies(BLOCK)).candidates[0] ?? {};
    assert.deepEqual(following.map((line) => line.text), ["  report(total, \"sum\");", "  return total;"]);
  });

  it("keeps to what is typed of a word", () => {
    const files = { ...copies("  const size = compute(width, height);\n"), "z.ts": "function z() {\n  const size = connect(host, port);\n}\n" };
    assert.equal(best(ask("function a() {\n  const size = comp|", files)), "ute(width, height);");
    assert.equal(best(ask("function a() {\n  const size = conn|", files)), "ect(host, port);");
  });

  it("is sure of what stands everywhere and unsure of what stands nowhere", () => {
    const line = "  if (error) return done(error);\n";
    const sure = ask(`function a() {\n${line}}\nfunction b() {\n${line}}\nfunction c() {\n  if (error) ret|`, { "x.ts": `function y() {\n${line}}\n`.repeat(4) });
    const unsure = ask("const quux = zork(|", { "x.ts": "alpha(beta);\ngamma(delta);\n" });
    assert.ok((sure.candidates[0]?.probability ?? 0) > 0.6);
    assert.ok((unsure.candidates[0]?.probability ?? 0) < 0.3);
  });

  it("has nothing in an empty document of an empty workspace", () => {
    assert.deepEqual(ask("|"), { candidates: [] });
  });

  it("answers with text that can stand at the cursor, whatever the text is", () => {
    const line = fc.array(fc.constantFrom("foo", "bar", "(", ")", " ", "=", "\"", "\t", "é", ";", "🙂"), { maxLength: 10 }).map((parts) => parts.join(""));
    const text = fc.array(line, { maxLength: 12 }).map((lines) => lines.join("\n"));
    fc.assert(fc.property(text, text, text, (before, after, other) => {
      for (const candidate of ask(`${before}|${after}`, { "o.ts": other }).candidates) {
        assert.equal(candidate.text.includes("\n"), false);
        assert.notEqual(candidate.text.trim(), "");
        assert.ok(candidate.probability >= 0 && candidate.probability <= 1);
        for (const next of candidate.following) assert.equal(next.text.includes("\n"), false);
      }
    }));
  });

  it("does not hear a file that was removed", () => {
    const corpus = new Corpus();
    corpus.put("secret.ts", "function a() {\n  const token = mintToken(audience, lifetime);\n}\n");
    corpus.settle();
    const at = snapshotAt("function a() {\n  const token = mint|");
    assert.equal(best(recall(at, corpus, weights)), "Token(audience, lifetime);");
    corpus.remove("secret.ts");
    assert.equal(best(recall(at, corpus, weights)), undefined);
  });
});

describe("recall weights", () => {
  const json = JSON.parse(readFileSync(join(__dirname, "../../../../models/recall/weights.json"), "utf8")) as { ranker: Record<string, unknown>; votes: Record<string, unknown> };

  it("of other features, of another length or without a number are refused", () => {
    const changed = (part: object): unknown => ({ ...json, ranker: { ...json.ranker, ...part } });
    assert.throws(() => parseRecallWeights(changed({ features: ["other"] })), /features/);
    assert.throws(() => parseRecallWeights(changed({ mean: [1] })));
    assert.throws(() => parseRecallWeights(changed({ bias: Number.NaN })));
    assert.throws(() => parseRecallWeights(changed({ output: [] })), /hidden/);
    assert.throws(() => parseRecallWeights({ ...json, votes: { ...json.votes, further: [] } }));
    assert.throws(() => parseRecallWeights(null));
  });
});
