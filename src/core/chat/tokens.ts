/** Characters of code per token, measured on the usual code vocabularies: low on purpose, so that estimates are high. */
const CHARACTERS_PER_TOKEN = 3.5;

/** An estimate of a text's tokens, for budgets before a model is asked to count. */
export function estimateTokens(text: string): number {
  return tokensOfLength(text.length);
}

/** The same for a text of so many characters. */
export function tokensOfLength(characters: number): number {
  return Math.ceil(characters / CHARACTERS_PER_TOKEN);
}
