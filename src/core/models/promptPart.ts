/**
 * A prompt is a list of parts: special tokens that our templates emit, and text that stays text.
 * Design §4: special tokens in the user's text stay text.
 */
export type PromptPart =
  | { readonly kind: "special"; readonly token: string }
  | { readonly kind: "text"; readonly text: string };

/** A special token by its exact spelling in the vocabulary. */
export function special(token: string): PromptPart {
  return { kind: "special", token };
}

/** Text that is tokenized with special tokens off, whatever it contains. */
export function userText(text: string): PromptPart {
  return { kind: "text", text };
}
