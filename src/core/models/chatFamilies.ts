import type { ChatMessage } from "../../protocol/engine";
import type { PromptPart } from "./promptPart";
import { special, userText } from "./promptPart";

/**
 * Chat prompt formats by model family. The template inside a model file is never run: it is code from a stranger
 * (fault class V11 of the security table); the file only tells which of these formats its vocabulary carries.
 */
export interface ChatFamily {
  readonly id: string;
  readonly stopTokens: readonly string[];
  /** Lays the conversation out, ending where the assistant's next words begin. */
  layOut(messages: readonly ChatMessage[]): PromptPart[];
}

const chatml: ChatFamily = {
  id: "chatml",
  stopTokens: ["<|im_end|>", "<|endoftext|>", "<|im_start|>"],
  layOut: (messages) => [
    ...messages.flatMap((message) => [special("<|im_start|>"), userText(`${message.role}\n${message.text}`), special("<|im_end|>"), userText("\n")]),
    special("<|im_start|>"),
    userText("assistant\n"),
  ],
};

const llama3: ChatFamily = {
  id: "llama3",
  stopTokens: ["<|eot_id|>", "<|end_of_text|>", "<|start_header_id|>"],
  layOut: (messages) => [
    ...messages.flatMap((message) => [...llama3Header(message.role), userText(`\n\n${message.text.trim()}`), special("<|eot_id|>")]),
    ...llama3Header("assistant"),
    userText("\n\n"),
  ],
};

function llama3Header(role: string): PromptPart[] {
  return [special("<|start_header_id|>"), userText(role), special("<|end_header_id|>")];
}

const gemma: ChatFamily = {
  id: "gemma",
  stopTokens: ["<end_of_turn>", "<eos>", "<start_of_turn>"],
  layOut: (messages) => [
    ...withoutSystem(messages).flatMap((message) => [
      special("<start_of_turn>"),
      userText(`${message.role === "assistant" ? "model" : "user"}\n${message.text}`),
      special("<end_of_turn>"),
      userText("\n"),
    ]),
    special("<start_of_turn>"),
    userText("model\n"),
  ],
};

const mistral: ChatFamily = {
  id: "mistral",
  stopTokens: ["</s>", "[INST]"],
  layOut: (messages) =>
    withoutSystem(messages).flatMap((message) =>
      message.role === "assistant"
        ? [userText(message.text), special("</s>")]
        : [special("[INST]"), userText(` ${message.text}`), special("[/INST]")],
    ),
};

/** Formats without a system role carry its words at the head of the first user message. */
function withoutSystem(messages: readonly ChatMessage[]): ChatMessage[] {
  const system = messages.filter((message) => message.role === "system").map((message) => message.text).join("\n\n");
  const others = messages.filter((message) => message.role !== "system");
  const [first, ...rest] = others;
  if (system === "" || first === undefined) return others;
  return [{ role: first.role, text: `${system}\n\n${first.text}` }, ...rest];
}

const FAMILIES: readonly { readonly family: ChatFamily; readonly tokens: readonly string[] }[] = [
  { family: llama3, tokens: ["<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"] },
  { family: chatml, tokens: ["<|im_start|>", "<|im_end|>"] },
  { family: gemma, tokens: ["<start_of_turn>", "<end_of_turn>"] },
  { family: mistral, tokens: ["[INST]", "[/INST]", "</s>"] },
];

export type ChatFamilyDecision = { readonly family: ChatFamily } | { readonly family: null; readonly reason: string };

/** Decides the chat family from the vocabulary; a base model without chat tokens is refused with the reason. */
export function detectChatFamily(hasToken: (text: string) => boolean): ChatFamilyDecision {
  const found = FAMILIES.find(({ tokens }) => tokens.every(hasToken));
  if (found) return { family: found.family };
  return { family: null, reason: "its vocabulary has no chat tokens of a family that Ghostlight knows (ChatML, Llama 3, Gemma, Mistral)" };
}

/** The family with this id, for golden tests and for the log. */
export function chatFamilyById(id: string): ChatFamily | undefined {
  return FAMILIES.find(({ family }) => family.id === id)?.family;
}
