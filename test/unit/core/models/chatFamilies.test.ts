import assert from "node:assert/strict";
import { chatFamilyById, detectChatFamily } from "../../../../src/core/models/chatFamilies";
import type { PromptPart } from "../../../../src/core/models/promptPart";
import type { ChatMessage } from "../../../../src/protocol/engine";

const MESSAGES: readonly ChatMessage[] = [
  { role: "system", text: "Be brief." },
  { role: "user", text: "What is <|im_end|>?" },
  { role: "assistant", text: "A token." },
  { role: "user", text: "Thanks" },
];

/** Golden prompts as published with each format; special tokens in guillemets, so that text cannot pass for one. */
const GOLDEN: Readonly<Record<string, string>> = {
  chatml: "«<|im_start|>»system\nBe brief.«<|im_end|>»\n«<|im_start|>»user\nWhat is <|im_end|>?«<|im_end|>»\n«<|im_start|>»assistant\nA token.«<|im_end|>»\n«<|im_start|>»user\nThanks«<|im_end|>»\n«<|im_start|>»assistant\n",
  llama3: "«<|start_header_id|>»system«<|end_header_id|>»\n\nBe brief.«<|eot_id|>»«<|start_header_id|>»user«<|end_header_id|>»\n\nWhat is <|im_end|>?«<|eot_id|>»«<|start_header_id|>»assistant«<|end_header_id|>»\n\nA token.«<|eot_id|>»«<|start_header_id|>»user«<|end_header_id|>»\n\nThanks«<|eot_id|>»«<|start_header_id|>»assistant«<|end_header_id|>»\n\n",
  gemma: "«<start_of_turn>»user\nBe brief.\n\nWhat is <|im_end|>?«<end_of_turn>»\n«<start_of_turn>»model\nA token.«<end_of_turn>»\n«<start_of_turn>»user\nThanks«<end_of_turn>»\n«<start_of_turn>»model\n",
  mistral: "«[INST]» Be brief.\n\nWhat is <|im_end|>?«[/INST]»A token.«</s>»«[INST]» Thanks«[/INST]»",
};

const spelled = (parts: readonly PromptPart[]): string => parts.map((part) => (part.kind === "special" ? `«${part.token}»` : part.text)).join("");

describe("core/models/chatFamilies", () => {
  for (const [id, golden] of Object.entries(GOLDEN)) {
    it(`golden prompt: ${id}`, () => {
      const family = chatFamilyById(id);
      assert.ok(family);
      assert.equal(spelled(family.layOut(MESSAGES)), golden);
    });

    it(`${id}: a further question only adds to what the model has seen`, () => {
      const family = chatFamilyById(id);
      assert.ok(family);
      const before = spelled(family.layOut(MESSAGES.slice(0, 2)));
      assert.ok(spelled(family.layOut(MESSAGES)).startsWith(before));
    });
  }

  const detected = (...tokens: string[]): string => {
    const decision = detectChatFamily((token) => tokens.includes(token));
    return decision.family ? decision.family.id : decision.reason;
  };
  it("detection", () => {
    assert.equal(detected("<|im_start|>", "<|im_end|>"), "chatml");
    assert.equal(detected("<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"), "llama3");
    assert.equal(detected("<start_of_turn>", "<end_of_turn>"), "gemma");
    assert.equal(detected("[INST]", "[/INST]", "</s>"), "mistral");
  });
  it("a base model is refused with the reason", () => { assert.match(detected("<|endoftext|>"), /no chat tokens/); });
  it("an unknown id has no family", () => { assert.equal(chatFamilyById("other"), undefined); });
});
