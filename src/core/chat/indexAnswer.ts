import type { Answer, Question } from "./answer";
import type { SymbolIndex } from "./symbolIndex";
import { estimateTokens } from "./tokens";

/** Answers from the index alone. */
export function answerFromIndex(question: Question, index: SymbolIndex): Answer {
  const hits = index.search(question.text, 8);
  const lines = hits.map(({ file, definition }) => `- [${file}:${definition?.startLine ?? 1}](${file}#L${definition?.startLine ?? 1}) ${definition?.name ?? ""}`);
  return {
    text: lines.join("\n"),
    kind: "index",
    sources: hits.map(({ file, definition }) => ({ file, startLine: definition?.startLine ?? 1, endLine: definition?.endLine ?? 1, tokens: estimateTokens(definition?.signature ?? "") })),
    leftOut: [],
  };
}
