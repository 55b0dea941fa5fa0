import type { ReplayCase } from "./replayCase";

/** Kinds of places that a cut can stand at. */
export const POSITION_CLASSES = ["lineStart", "afterDot", "argument", "afterEquals", "string", "comment", "other"] as const;
export type PositionClass = (typeof POSITION_CLASSES)[number];

/** Characters before the cut that are searched for an open block comment or a long string. */
const SEARCHED = 20_000;

const MEMBER = /(?:[^\s.]\.|->|::)[\p{L}\p{N}_$]*$/u;
const DECIMAL = /(?:^|[^\p{L}\p{N}_$])\d+\.\d*$/u;

interface LineState {
  readonly inComment: boolean;
  readonly inString: boolean;
  /** The bracket that was opened last on this line and is still open; empty where there is none. */
  readonly open: string;
  /** The line's code, with what strings hold left out. */
  readonly code: string;
}

/**
 * The kind of place of a cut, from the text before it alone and without a parser: a rule of thumb for tables. `argument`
 * is the inside of parentheses opened on the same line, `afterDot` a member name after `.`, `->` or `::`.
 */
export function positionClass({ before, language }: Pick<ReplayCase, "before" | "language">): PositionClass {
  const left = before.slice(before.lastIndexOf("\n") + 1);
  if (left.trim() === "") return "lineStart";
  if (inBlockComment(before, language)) return "comment";
  if (language === "python" && inLongString(before)) return "string";
  const state = scan(left, language);
  if (state.inComment) return "comment";
  if (state.inString) return "string";
  if (MEMBER.test(state.code) && !DECIMAL.test(state.code)) return "afterDot";
  if (state.open === "(") return "argument";
  return /(?:^|[^=!<>])=(?![=>])[^;]*$/.test(state.code) ? "afterEquals" : "other";
}

/** Whether the last `/*` is still open. One behind a quote or a slash is a glob in a string or part of a line comment. */
function inBlockComment(before: string, language: string): boolean {
  if (language === "python") return false;
  const searched = before.slice(-SEARCHED);
  const opened = searched.lastIndexOf("/*");
  if (opened <= searched.lastIndexOf("*/")) return false;
  return !/["'`/]/.test(searched.slice(searched.lastIndexOf("\n", opened) + 1, opened));
}

function inLongString(before: string): boolean {
  const quotes = before.match(/"""|'''/g) ?? [];
  return quotes.length % 2 === 1;
}

function scan(left: string, language: string): LineState {
  const comment = language === "python" ? "#" : "//";
  const quotes = language === "rust" ? '"' : "\"'`";
  const open: string[] = [];
  let quote = "";
  let code = "";
  for (let index = 0; index < left.length; index++) {
    const character = left[index] ?? "";
    if (quote !== "") {
      if (character === "\\") index += 1;
      else if (character === quote) {
        quote = "";
        code += character;
      }
      continue;
    }
    if (left.startsWith(comment, index)) return { inComment: true, inString: false, open: "", code };
    code += character;
    if (quotes.includes(character)) quote = character;
    else if ("([{".includes(character)) open.push(character);
    else if (")]}".includes(character)) open.pop();
  }
  return { inComment: false, inString: quote !== "", open: open.at(-1) ?? "", code };
}
