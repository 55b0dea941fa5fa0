import type { Question, QuestionContext } from "./answer";
import type { SymbolIndex } from "./symbolIndex";
import { estimateTokens } from "./tokens";

/** Chooses lines that help to answer: best first, whole definitions, within an estimated budget. */
export function contextForQuestion(question: Question, index: SymbolIndex, budgetTokens: number): QuestionContext {
  let left = budgetTokens;
  const sources = index.search(question.text, 12).flatMap(({ file, definition }) => {
    const lines = index.text(file)?.split("\n").slice((definition?.documentationLine ?? 1) - 1, definition?.endLine ?? 60) ?? [];
    const text = lines.join("\n");
    const tokens = estimateTokens(text);
    if (tokens > left || lines.length === 0) return [];
    left -= tokens;
    const startLine = definition?.documentationLine ?? 1;
    return [{ file, startLine, endLine: startLine + lines.length - 1, tokens, text }];
  });
  return { sources, leftOut: [] };
}
