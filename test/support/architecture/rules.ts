import { builtinModules } from "node:module";
import path from "node:path";
import { readFacts, type Place, type SourceFacts, type SourceFile } from "./facts.js";
import type { ArchitectureRules, FolderRule } from "./table.js";

export interface Violation {
  readonly rule: RuleName;
  readonly path: string;
  /** 1-based; 1 where the whole file is meant. */
  readonly line: number;
  readonly message: string;
}

export type RuleName =
  | "folder" | "import" | "computedImport" | "vscode" | "builtin" | "package" | "dom" | "connection" | "fetch" | "length" | "attic"
  | "interfacePrefix" | "manager" | "moduleVariable" | "suppression" | "forgery";

/** No file is longer, wherever it stands. */
export const maximumLines = 400;

/** Where permits are made, and so the one place that may say of a value that it is one. */
const permitMaker = "src/services/network/permit.ts";
const connectingModules = ["net", "http", "https", "tls", "dgram", "dns", "dns/promises", "http2", "undici", "inspector"];
const connectingGlobals = ["fetch", "WebSocket", "EventSource", "XMLHttpRequest", "WebTransport", "RTCPeerConnection"];
/** Functions of vscode-jsonrpc and the browser that open a socket or listen on one. */
const connectingCalls = ["createClientSocketTransport", "createServerSocketTransport", "createClientPipeTransport", "createServerPipeTransport", "sendBeacon"];
const pageGlobals = ["document", "window", "navigator", "localStorage", "sessionStorage", "customElements", "HTMLElement", "DOMParser", "MutationObserver", "requestAnimationFrame", "acquireVsCodeApi"];
const nodeGlobals = ["process", "Buffer", "require", "module", "__dirname", "__filename", "setImmediate", "NodeJS"];
const builtins = new Set(builtinModules);

/** Every breach of the architecture in a set of files. Pure: the files need not exist. */
export function checkArchitecture(files: readonly SourceFile[], rules: ArchitectureRules): Violation[] {
  return files.map(readFacts).flatMap((facts) => {
    const everywhere = [...checkShape(facts)];
    if (!facts.path.startsWith("src/")) return everywhere;
    const folder = folderOf(facts.path);
    const rule = rules.folders.find((candidate) => candidate.folder === folder);
    if (rule === undefined) return [...everywhere, violation("folder", facts, 1, `${folder} has no line in the table of ARCHITECTURE.md`)];
    return [...everywhere, ...facts.imports.flatMap((place) => checkImport(facts, place, rule, rules)), ...checkUses(facts, rule)];
  });
}

/** Rules that hold beyond `src`; a script or a suite is one run and may keep variables of its own. */
function* checkShape(facts: SourceFacts): Generator<Violation> {
  if (facts.lines > maximumLines) yield violation("length", facts, 1, `${facts.lines} lines, at most ${maximumLines}`);
  if (/^(utils?|helpers?)\.[cm]?[jt]sx?$/.test(path.posix.basename(facts.path))) yield violation("attic", facts, 1, "name the file by its subject");
  for (const { name, line } of facts.interfaces) {
    if (/^I[A-Z]/.test(name)) yield violation("interfacePrefix", facts, line, `${name}: no I prefix`);
  }
  for (const { name, line } of facts.classes) {
    if (name.endsWith("Manager")) yield violation("manager", facts, line, `${name}: say what it does`);
  }
  for (const { name, line } of facts.suppressions) yield violation("suppression", facts, line, `${name}: solve it, or change the rule for its folder`);
  if (!/^(src|models)\//.test(facts.path)) return;
  for (const { name, line } of facts.moduleVariables) yield violation("moduleVariable", facts, line, `${name}: state belongs to an object with an owner`);
}

function checkImport(facts: SourceFacts, { name, line }: Place, rule: FolderRule, rules: ArchitectureRules): Violation[] {
  if (name.startsWith(".")) return checkOwnImport(facts, name, line, rule);
  if (name === "vscode") return rule.vscode ? [] : [violation("vscode", facts, line, `${rule.folder} may not import vscode, not even its types`)];
  const builtin = name.replace(/^node:/, "");
  if (connectingModules.includes(builtin)) return checkConnecting(facts, name, builtin, line, rule, rules);
  if (name.startsWith("node:") || builtins.has(builtin)) return checkBuiltin(facts, builtin, line, rule, rules);
  const packageName = name.split("/").slice(0, name.startsWith("@") ? 2 : 1).join("/");
  const owners = rules.packages.get(packageName) ?? [];
  return owners.includes(rule.folder) ? [] : [violation("package", facts, line, `${packageName} may be imported by: ${owners.join(", ") || "nobody"}`)];
}

function checkOwnImport(facts: SourceFacts, name: string, line: number, rule: FolderRule): Violation[] {
  const target = path.posix.join(path.posix.dirname(facts.path), name);
  // Data that is compiled in: the manifest, the catalog, weights.
  if (!target.startsWith("src/") && target.endsWith(".json")) return [];
  const folder = target.startsWith("src/") ? folderOf(target) : target;
  const allowed = folder === rule.folder || rule.imports.includes(folder);
  return allowed ? [] : [violation("import", facts, line, `${rule.folder} may not import ${folder}`)];
}

/** Needs a folder that may connect, and a line among the built-ins with owners. */
function checkConnecting(facts: SourceFacts, name: string, builtin: string, line: number, rule: FolderRule, rules: ArchitectureRules): Violation[] {
  const owners = mayConnect(facts, rule) ? (rules.ownedBuiltins.get(builtin) ?? []) : [];
  return owners.some((owner) => facts.path === `src/${owner}.ts`) ? [] : [violation("connection", facts, line, `${name} can open a connection`)];
}

function mayConnect(facts: SourceFacts, rule: FolderRule): boolean {
  return rule.connections.some((place) => facts.path.startsWith(`src/${place}/`));
}

function checkBuiltin(facts: SourceFacts, builtin: string, line: number, rule: FolderRule, rules: ArchitectureRules): Violation[] {
  if (rule.builtins !== "all" && !rule.builtins.includes(builtin)) return [violation("builtin", facts, line, `${rule.folder} may not import Node's ${builtin}`)];
  const owners = rules.ownedBuiltins.get(builtin);
  if (owners === undefined || owners.some((owner) => facts.path.startsWith(`src/${owner}`))) return [];
  return [violation("builtin", facts, line, `${builtin} belongs to ${owners.join(", ")}`)];
}

function* checkUses(facts: SourceFacts, rule: FolderRule): Generator<Violation> {
  for (const { name, line } of facts.globals) {
    if (!rule.dom && pageGlobals.includes(name)) yield violation("dom", facts, line, `${name} belongs to a web page`);
    if (rule.builtins.length === 0 && nodeGlobals.includes(name)) yield violation("builtin", facts, line, `${name} belongs to Node`);
    // Even where connections are opened, these would go past the gate.
    if (connectingGlobals.includes(name)) yield violation("connection", facts, line, `${name} opens a connection`);
  }
  for (const { name, line } of facts.callables) {
    if (connectingCalls.includes(name)) yield violation("connection", facts, line, `${name} opens a connection`);
    if (!mayConnect(facts, rule) && name === "fetch") yield violation("fetch", facts, line, "fetch( appears only in services/network");
  }
  for (const { name, line } of facts.assertions) {
    if (/^(Permit|Permitted)$/.test(name) && facts.path !== permitMaker) yield violation("forgery", facts, line, `only the gate makes a ${name}: nobody may say that a value is one`);
  }
  for (const library of facts.libraries) {
    if (!rule.dom && library.toLowerCase().startsWith("dom")) yield violation("dom", facts, 1, `reference to the library ${library}`);
  }
  for (const { name, line } of facts.computedImports) yield violation("computedImport", facts, line, `import of ${name}: nobody can see what it loads`);
}

/** `core` for `src/core/chat/answer.ts`, `extension.ts` for `src/extension.ts`. */
function folderOf(file: string): string {
  const [, first = "", ...rest] = file.split("/");
  return rest.length > 0 ? first : first.replace(/\.[cm]?[jt]s$/, "") + ".ts";
}

function violation(rule: RuleName, facts: SourceFacts, line: number, message: string): Violation {
  return { rule, path: facts.path, line, message };
}
