import type { Generation } from "../../src/core/completion/trim";
import type { CompleteResult, GeneratedToken } from "../../src/protocol/engine";

/** Tokens in a small notation: `["return", " value", 0.4, ";"]`. A number is the probability of the token before it; others have 0.99. */
export function tokensOf(...notation: readonly (string | number)[]): GeneratedToken[] {
  const tokens: GeneratedToken[] = [];
  for (const item of notation) {
    if (typeof item === "string") tokens.push({ text: item, probability: 0.99 });
    else tokens.push({ text: tokens.pop()?.text ?? "", probability: item });
  }
  return tokens;
}

/** What the engine generated: tokens, and why it ended (by default with the end-of-text token). */
export function generationOf(tokens: readonly GeneratedToken[], stop: Generation["stop"] = "endOfText"): Generation {
  return { tokens, stop, endProbability: stop === "endOfText" ? 0.9 : null };
}

/** A whole answer of the engine around a generation, with counts that a test can recognise. */
export function completeResultOf(generation: Generation, drafts: CompleteResult["drafts"] = []): CompleteResult {
  return { ...generation, drafts, draftTokens: 0, verifiedTokens: 0, leftOut: [], promptTokens: 100, evaluatedTokens: 2, generatedTokens: generation.tokens.length, firstTokenMs: 5, totalMs: 9 };
}
