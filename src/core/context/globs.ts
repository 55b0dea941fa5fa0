/** The editor's globs (`files.exclude`) as lines of an ignore file. */

const MAXIMUM_ALTERNATIVES = 256;

/**
 * Turns a VS Code glob into ignore patterns. Braces are spelled out; a glob without a leading `**` is anchored at
 * the workspace, as the editor does it. Backslashes become slashes. More than 256 alternatives: the widest pattern that is
 * sure to cover them (everything up to the first brace).
 */
export function ignorePatternsOfGlob(glob: string): string[] {
  const trimmed = glob.trim().replaceAll("\\", "/");
  if (trimmed === "" || trimmed.includes("\n")) return [];
  const patterns = expandBraces(trimmed) ?? [`${trimmed.slice(0, trimmed.indexOf("{"))}*`];
  return patterns.map((pattern) => anchored(pattern.replaceAll(/^!|^#/g, "\\$&")));
}

/** Spells out `{a,b}`, nested too; undefined when that gives too many. */
export function expandBraces(glob: string): string[] | undefined {
  const open = glob.indexOf("{");
  const close = open < 0 ? -1 : closingBrace(glob, open);
  if (close < 0) return [glob];
  const heads = splitTop(glob.slice(open + 1, close));
  const tails = expandBraces(glob.slice(close + 1));
  if (!tails) return undefined;
  const expanded: string[] = [];
  for (const head of heads) {
    const inner = expandBraces(head);
    if (!inner || expanded.length + inner.length * tails.length > MAXIMUM_ALTERNATIVES) return undefined;
    for (const middle of inner) for (const tail of tails) expanded.push(glob.slice(0, open) + middle + tail);
  }
  return expanded;
}

function anchored(pattern: string): string {
  return pattern.startsWith("/") || pattern.startsWith("**/") ? pattern : `/${pattern}`;
}

function closingBrace(glob: string, open: number): number {
  let depth = 0;
  for (let index = open; index < glob.length; index++) {
    if (glob[index] === "{") depth++;
    else if (glob[index] === "}" && --depth === 0) return index;
  }
  return -1;
}

function splitTop(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let index = 0; index < text.length; index++) {
    if (text[index] === "{") depth++;
    else if (text[index] === "}") depth--;
    else if (text[index] === "," && depth === 0) {
      parts.push(text.slice(start, index));
      start = index + 1;
    }
  }
  return [...parts, text.slice(start)];
}
