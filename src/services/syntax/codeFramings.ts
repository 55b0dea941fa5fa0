import type { LanguageName } from "../../protocol/indexWorker";

/** Lines that stand for code left out: `...` or `…` alone. */
const ELISION = /^[ \t]*(\.{3}|…)[ \t]*,?[ \t]*$/;

const CLASS = (code: string): string => `class Framing {\n${code}\n}`;
const METHOD = (code: string): string => `class Framing { void framing() {\n${code}\n} }`;
const FUNCTION = (code: string): string => `async function* framing() {\n${code}\n}`;
const LITERAL = (code: string): string => `({\n${code}\n})`;

/** What may stand around an excerpt where its language takes no excerpts at the top level. */
const AROUND: Readonly<Record<LanguageName, readonly ((code: string) => string)[]>> = {
  typescript: [CLASS, FUNCTION, LITERAL],
  tsx: [CLASS, FUNCTION, LITERAL],
  javascript: [CLASS, FUNCTION, LITERAL],
  java: [CLASS, METHOD],
  csharp: [CLASS, METHOD],
  python: [(code) => `def framing():\n${indented(code, "    ")}\n`],
  go: [(code) => `func framing() {\n${code}\n}`],
  rust: [(code) => `impl Framing {\n${code}\n}`, (code) => `fn framing() {\n${code}\n}`],
  c: [(code) => `void framing() {\n${code}\n}`],
  cpp: [(code) => `class Framing {\n${code}\n};`, (code) => `void framing() {\n${code}\n}`],
};

/**
 * Texts of which one must parse for an answer's code to count as right. Answers show excerpts: a method without its class,
 * statements without their function, lines left out and written as three dots. None of that is an error, so the code is
 * also tried inside what such an excerpt is taken from. The code as it stands comes first.
 */
export function codeFramings(code: string, language: LanguageName): readonly string[] {
  // Three dots are a statement in Python, and the only one where a body was left out.
  const lines = code.split("\n").map((line) => (!ELISION.test(line) ? line : language === "python" ? line.replace(/(\.{3}|…).*$/, "...") : ""));
  const text = dedented(lines).join("\n");
  return [text, ...AROUND[language].map((around) => around(text))];
}

/** The lines without the indentation that all of them share: it says nothing, and Python would trip over it. */
function dedented(lines: readonly string[]): readonly string[] {
  const depths = lines.filter((line) => line.trim() !== "").map((line) => line.length - line.trimStart().length);
  const shared = Math.min(...depths, Number.MAX_SAFE_INTEGER);
  return lines.map((line) => line.slice(Math.min(shared, line.length - line.trimStart().length)));
}

function indented(code: string, by: string): string {
  return code.split("\n").map((line) => (line === "" ? line : by + line)).join("\n");
}
