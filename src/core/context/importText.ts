import type { ImportSite, LanguageName } from "../../protocol/indexWorker";

/** Reads an import statement as it is written in `language`. `line` is 1-based. Empty when nothing is recognised. */
export function importsOf(statement: string, language: LanguageName, line: number): ImportSite[] {
  const text = statement.replace(/\s+/g, " ").trim();
  switch (language) {
    case "typescript":
    case "tsx":
    case "javascript":
      return ecmascript(text, line);
    case "python":
      return python(text, line);
    case "go":
      return single(/["`](.+?)["`]/.exec(text)?.[1], line, /^(\w+|\.) ["`]/.exec(text)?.[1]);
    case "rust":
      return rust(text, line);
    case "java":
      return single(/^import (?:static )?([\w.*]+)/.exec(text)?.[1], line, /\.(\w+) ?;/.exec(text)?.[1]);
    case "c":
    case "cpp":
      return single(/[<"](.+?)[>"]/.exec(text)?.[1], line);
    case "csharp":
      return single(/^(?:global )?using (?:static )?(?:\w+ ?= ?)?([\w.]+)/.exec(text)?.[1], line);
    default:
      return language satisfies never;
  }
}

function single(module: string | undefined, line: number, name?: string): ImportSite[] {
  return module ? [{ module, line, names: name ? [name] : [] }] : [];
}

function ecmascript(text: string, line: number): ImportSite[] {
  const module = /(?:from ?|import ?|require ?\( ?)["'`]([^"'`]+)["'`]/.exec(text)?.[1];
  if (!module) return [];
  const clause = /^(?:import|export)(?: type)? (.*?) ?from ?["']/.exec(text)?.[1] ?? /^(\{.*?\}|[\w$]+) ?=/.exec(text)?.[1] ?? "";
  const names = clause.replace(/[{}]/g, ",").split(",").map((part) => part.replace(/^ ?type /, "").replace(/^.* as |:.*$/g, "").trim());
  return [{ module, line, names: names.filter((name) => /^[\w$]+$/.test(name)) }];
}

function python(text: string, line: number): ImportSite[] {
  const from = /^from ([\w.]+) import (.*)$/.exec(text);
  const items = (from?.[2] ?? text.replace(/^import /, "")).replace(/[()]/g, "").split(",").map((item) => item.trim()).filter(Boolean);
  const named = items.map((item) => item.split(" as ").pop() ?? item);
  if (from?.[1]) return [{ module: from[1], line, names: named }];
  return items.map((item, index) => ({ module: item.split(" as ")[0] ?? item, line, names: [named[index] ?? item] }));
}

function rust(text: string, line: number): ImportSite[] {
  const path = /^(?:pub(?: ?\([^)]*\))? )?use ([^;]+);?$/.exec(text)?.[1];
  if (!path) return [];
  const brace = path.indexOf("{");
  const module = (brace < 0 ? path.split(" as ")[0] ?? path : path.slice(0, brace).replace(/::$/, "")).trim();
  const names = (brace < 0 ? [path] : path.slice(brace).split(/[{},]/)).map((part) => part.split(/ as |::/).pop()?.trim() ?? "");
  return [{ module, line, names: names.filter((name) => /^\w+$/.test(name)) }];
}
