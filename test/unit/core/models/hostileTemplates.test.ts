import assert from "node:assert/strict";
import { chatFamilyOf, fimFamilyOf } from "../../../../src/core/models/families";
import { readGgufHeader } from "../../../../src/core/models/gguf";
import { describeModelFile } from "../../../../src/core/models/modelFile";
import { readModelFacts, type ModelFacts } from "../../../../src/core/models/modelFacts";
import type { ChatMessage } from "../../../../src/protocol/engine";
import { BytesSource, ggufWith } from "../../../support/ggufFiles";
import { HOSTILE_TEMPLATES } from "../../../support/hostileTemplates";
import { readProjectFile, sourcePaths } from "../../../support/sourceTree";

const TOKENS = ["a", "<|im_start|>", "<|im_end|>", "<|fim_prefix|>"];
const MESSAGES: readonly ChatMessage[] = [{ role: "user", text: "What is it?" }, { role: "assistant", text: "It." }, { role: "user", text: "And this?" }];
const fileWith = (template: string | undefined): Buffer => ggufWith({ "tokenizer.ggml.tokens": TOKENS, "tokenizer.chat_template": template });

/** All that Ghostlight takes from a file, and the prompt that comes of it. */
function takenFrom(bytes: Buffer): unknown {
  const header = readGgufHeader(new BytesSource(bytes));
  const facts: ModelFacts = readModelFacts(header);
  const { family } = chatFamilyOf(facts);
  assert.ok(family);
  return { facts, prompt: family.layOut(MESSAGES), stops: family.stopTokens, fim: fimFamilyOf(facts), described: describeModelFile(header) };
}

describe("core/models: a file's own chat template", () => {
  it("is not read by any code of ours", () => {
    const sources = sourcePaths().filter((path) => path.startsWith("src/"));
    assert.ok(sources.length > 100);
    const reading = sources.filter((path) => /chat_template|chatTemplate|jinja|ChatWrapper|LlamaChat/i.test(readProjectFile(path)));
    assert.deepEqual(reading, []);
  });

  it("200 hostile ones change nothing that is taken from the file", () => {
    assert.equal(HOSTILE_TEMPLATES.length, 200);
    const plain = takenFrom(fileWith(undefined));
    for (const template of HOSTILE_TEMPLATES) assert.deepEqual(takenFrom(fileWith(template)), plain);
  });

  it("and cost no more than their own bytes", () => {
    const bytesRead = (bytes: Buffer): number => {
      const source = new BytesSource(bytes);
      readModelFacts(readGgufHeader(source));
      return source.bytesRead;
    };
    const plain = bytesRead(fileWith(undefined));
    for (const template of HOSTILE_TEMPLATES) assert.ok(bytesRead(fileWith(template)) <= plain + 2 * Buffer.byteLength(template) + 64);
  });
});
