/** Words of identifiers, paths and questions, as the search compares them. */

const IDENTIFIER = /[A-Za-z_$\u00c0-\uffff][\w$\u00c0-\uffff]*/g;
const MAXIMUM_IDENTIFIER = 80;

/** Every distinct identifier-like word of a text: two characters or more. */
export function identifiersOf(text: string): Set<string> {
  const found = new Set<string>();
  for (const word of text.match(IDENTIFIER) ?? []) if (word.length > 1 && word.length <= MAXIMUM_IDENTIFIER) found.add(word);
  return found;
}

/** `parseHTTPHeader_v2` → `parse`, `HTTP`, `Header`, `v`, `2`; also splits at everything that is no letter or digit. */
export function splitWords(text: string): string[] {
  return text
    .replace(/([\p{Ll}\p{N}])(\p{Lu})/gu, "$1 $2")
    .replace(/(\p{Lu})(\p{Lu}\p{Ll})/gu, "$1 $2")
    .replace(/(\p{L})(\p{N})/gu, "$1 $2")
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== "");
}

/**
 * A word's stem, so that "excluded", "excluding" and "excludes" meet. Far simpler than Porter's, and enough for names:
 * plural and verb endings go, and a final `e`.
 */
export function stem(word: string): string {
  let result = word.toLowerCase();
  if (result.length > 4 && result.endsWith("ies")) result = `${result.slice(0, -3)}y`;
  else if (result.length > 4 && /(ss|sh|ch|x|z)es$/.test(result)) result = result.slice(0, -2);
  else if (result.length > 3 && /[^su]s$/.test(result)) result = result.slice(0, -1);
  if (result.length > 5 && /[aeiouy].*(ing|ed)$/.test(result)) result = undoubled(result.replace(/(ing|ed)$/, ""));
  else if (result.length > 6 && /(tion|sion)$/.test(result)) result = result.slice(0, -3);
  return result.length > 4 && result.endsWith("e") ? result.slice(0, -1) : result;
}

/** The form in which `CompletionSession`, `completion_session` and "completion session" are the same. */
export function looseName(name: string): string {
  return name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");
}

function undoubled(word: string): string {
  return /([bdgmnprt])\1$/.test(word) ? word.slice(0, -1) : word;
}
