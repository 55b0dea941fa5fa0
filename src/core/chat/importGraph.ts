import type { ImportSite } from "../../protocol/indexWorker";
import { extensionOf } from "../context/languages";
import type { SymbolIndex } from "./symbolIndex";

export interface ImportUse {
  readonly file: string;
  readonly site: ImportSite;
}

/** Files that import `target`, a file or folder of the workspace. Modules are compared by their path, as far as each language writes one. */
export function importersOfFile(target: string, index: SymbolIndex): ImportUse[] {
  return importsWhere(index, (file, site) => file !== target && moduleMeans(site, file, target));
}

/** Files that import a module by its written name (`lodash`, also `lodash/get`). */
export function importersOfModule(module: string, index: SymbolIndex): ImportUse[] {
  const wanted = module.toLowerCase();
  return importsWhere(index, (_file, site) => {
    const written = site.module.toLowerCase();
    return written === wanted || written === `node:${wanted}` || /^[/.:]/.test(written.startsWith(wanted) ? written.slice(wanted.length) : "x");
  });
}

/** Finds the file of the workspace that an import leads to, where one can be told. */
export type ImportResolver = (site: ImportSite, importer: string) => string | undefined;

/** Sorts the files by their last name once: comparing each import with each file takes seconds in a large workspace. */
export function createImportResolver(index: SymbolIndex): ImportResolver {
  const byName = new Map<string, string[]>();
  for (const file of index.files()) {
    for (const name of new Set([lastName(withoutEnding(file)), lastName(folderOf(file))])) {
      const known = byName.get(name);
      if (known) known.push(file);
      else byName.set(name, [file]);
    }
  }
  return (site, importer) => {
    const path = /^\.{1,2}(\/|$)/.test(site.module) ? withoutEnding(joined(importer, site.module)) : site.module;
    const parts = path.split(/[\\/.:]+/).filter(Boolean);
    const names = [...site.names, ...parts.slice(-2), lastName(path), lastName(folderOf(importer))];
    for (const name of new Set(names)) {
      const found = byName.get(name)?.find((file) => file !== importer && moduleMeans(site, importer, file));
      if (found) return found;
    }
    return undefined;
  };
}

function lastName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

function importsWhere(index: SymbolIndex, matches: (file: string, site: ImportSite) => boolean): ImportUse[] {
  return index.files().flatMap((file) => (index.outline(file)?.imports ?? []).filter((site) => matches(file, site)).map((site) => ({ file, site })));
}

/** Whether an import statement of `importer` leads to `target`. Each language writes modules in its own way. */
function moduleMeans(site: ImportSite, importer: string, target: string): boolean {
  const { module } = site;
  const bare = withoutEnding(target);
  if (/^\.{1,2}(\/|$)/.test(module)) {
    const path = joined(importer, module);
    return path === target || path === bare || withoutEnding(path) === bare;
  }
  switch (extensionOf(target)) {
    case "py":
    case "pyi":
      return pythonModules(site, importer).some((path) => isEnd(bare, path));
    case "go":
      return folderOf(target) !== "" && isEnd(module, folderOf(target));
    case "rs":
      return rustModules(site).some((path) => isEnd(bare, path));
    case "java":
    case "kt":
      return isEnd(bare, module.replaceAll(".", "/")) || (module.endsWith(".*") && isEnd(folderOf(target), module.slice(0, -2).replaceAll(".", "/")));
    case "c":
    case "h":
    case "cc":
    case "cpp":
    case "hpp":
    case "hh":
    case "hxx":
      return isEnd(target, module.replace(/^(\.\.?\/)+/, ""));
    default:
      // A path alias such as `@/core/x`; a bare name is a package, not a file.
      return /^[@~#]?\//.test(module) && isEnd(bare, withoutEnding(module.replace(/^[@~#]?\//, "")));
  }
}

function isEnd(path: string, end: string): boolean {
  return end !== "" && (path === end || path.endsWith(`/${end}`));
}

function pythonModules({ module, names }: ImportSite, importer: string): string[] {
  const dots = /^\.+/.exec(module)?.[0].length ?? 0;
  const up = folderOf(importer).split("/").slice(0, dots > 1 ? 1 - dots : undefined);
  const path = [...(dots > 0 ? up : []), ...module.slice(dots).split(".")].filter(Boolean).join("/");
  return [path, ...names.map((name) => (path === "" ? name : `${path}/${name}`))];
}

function rustModules({ module, names }: ImportSite): string[] {
  const path = module.replace(/^(crate|self|super)(::|$)/, "").replaceAll("::", "/");
  const outer = path.includes("/") ? [path.slice(0, path.lastIndexOf("/"))] : [];
  return [path, ...outer, ...names.map((name) => (path === "" ? name : `${path}/${name}`))];
}

function joined(importer: string, relative: string): string {
  const parts = folderOf(importer).split("/").filter(Boolean);
  for (const part of relative.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "." && part !== "") parts.push(part);
  }
  return parts.join("/");
}

function folderOf(file: string): string {
  return file.slice(0, Math.max(0, file.lastIndexOf("/")));
}

/** Without extension; `a/index.ts`, `a/mod.rs` and `a/__init__.py` are `a`. */
function withoutEnding(file: string): string {
  return file.replace(/\/(index\.[cm]?[jt]sx?|mod\.rs|__init__\.pyi?)$/, "").replace(/(\.d)?\.[A-Za-z]\w{0,4}$/, "").replace(/\/index$/, "");
}
