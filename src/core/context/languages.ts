import type { LanguageName } from "../../protocol/indexWorker";

const BY_EXTENSION: Readonly<Record<string, LanguageName>> = {
  ts: "typescript", mts: "typescript", cts: "typescript", tsx: "tsx",
  js: "javascript", mjs: "javascript", cjs: "javascript", jsx: "javascript", es6: "javascript",
  py: "python", pyi: "python", pyw: "python",
  go: "go", rs: "rust", java: "java",
  c: "c", h: "c",
  cc: "cpp", cpp: "cpp", cxx: "cpp", "c++": "cpp", hh: "cpp", hpp: "cpp", hxx: "cpp", "h++": "cpp", inl: "cpp", ipp: "cpp", cu: "cpp", cuh: "cpp",
  cs: "csharp", csx: "csharp",
};

/** VS Code's language identifiers where they differ from the extension's table. */
const BY_LANGUAGE_ID: Readonly<Record<string, LanguageName>> = {
  typescript: "typescript", typescriptreact: "tsx", javascript: "javascript", javascriptreact: "javascript", python: "python", go: "go",
  rust: "rust", java: "java", c: "c", cpp: "cpp", "cuda-cpp": "cpp", csharp: "csharp",
};

const CPP_IN_HEADER = /^\s*(class\s+\w+|namespace\s+[\w:]*\s*\{|template\s*<|using\s+\w+\s*=|public:|private:|protected:)/m;

/** The parsed language of a file: the editor's word first, then the extension; undefined for every other language. */
export function languageOf(path: string, languageId?: string): LanguageName | undefined {
  return (languageId ? BY_LANGUAGE_ID[languageId] : undefined) ?? BY_EXTENSION[extensionOf(path)];
}

/** A `.h` file may be C or C++; its first lines tell. */
export function languageOfText(path: string, text: string, languageId?: string): LanguageName | undefined {
  const language = languageOf(path, languageId);
  return language === "c" && extensionOf(path) === "h" && CPP_IN_HEADER.test(text.slice(0, 20_000)) ? "cpp" : language;
}

/** Lower-case extension without the dot; empty when there is none. */
export function extensionOf(path: string): string {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const dot = name.lastIndexOf(".");
  return dot > 0 ? name.slice(dot + 1).toLowerCase() : "";
}
