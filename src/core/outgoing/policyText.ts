const MOST_CHARACTERS = 256 * 1024;
const DEEPEST = 6;

/** Why a text is not taken as JSON of a policy; undefined where `JSON.parse` will read it. Deep nesting is refused before parsing. */
export function whyJsonIsRefused(text: string): string | undefined {
  if (text.length > MOST_CHARACTERS) return "is larger than 256 kB";
  if (depthOf(text) > DEEPEST) return "is nested deeper than a policy can be";
  try {
    JSON.parse(text.replace(/^\uFEFF/, ""));
    return undefined;
  } catch (error) {
    const position = /position (\d+)/.exec(error instanceof Error ? error.message : "")?.[1];
    const line = position === undefined ? "" : ` (line ${String(text.slice(0, Number(position)).split("\n").length)})`;
    return `is no valid JSON${line}; comments and commas at the end of a list are not allowed`;
  }
}

/** Keys of the outermost object in their order, those said twice twice, which `JSON.parse` does not tell. Of valid JSON. */
export function topLevelKeys(text: string): string[] {
  const keys: string[] = [];
  walk(text, (depth, string, isKey) => {
    if (depth === 1 && isKey) keys.push(JSON.parse(string) as string);
  });
  return keys;
}

function depthOf(text: string): number {
  return walk(text, () => undefined);
}

/** Goes over strings and brackets; tells each string with its depth and whether a colon follows. Returns the greatest depth. */
function walk(text: string, onString: (depth: number, string: string, isKey: boolean) => void): number {
  let depth = 0;
  let deepest = 0;
  for (const { 0: token, 1: string, 2: colon } of text.matchAll(/("(?:[^"\\]|\\.)*")(\s*:)?|[{}[\]]/g)) {
    if (token === "{" || token === "[") deepest = Math.max(deepest, ++depth);
    else if (token === "}" || token === "]") depth--;
    else onString(depth, string ?? "", colon !== undefined);
  }
  return deepest;
}
