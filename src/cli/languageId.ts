/** VS Code's language ids by file extension, for the languages that behave differently here. */
const LANGUAGE_IDS: Readonly<Record<string, string>> = {
  ts: "typescript", mts: "typescript", cts: "typescript", tsx: "typescriptreact", js: "javascript", mjs: "javascript", cjs: "javascript",
  jsx: "javascriptreact", py: "python", go: "go", rs: "rust", java: "java", c: "c", h: "c", cc: "cpp", cpp: "cpp", hpp: "cpp", cs: "csharp", md: "markdown",
};

/** The language id of a path; `plaintext` for an extension that is not listed. */
export function languageIdOf(path: string): string {
  return LANGUAGE_IDS[/\.([^./\\]+)$/.exec(path)?.[1]?.toLowerCase() ?? ""] ?? "plaintext";
}
