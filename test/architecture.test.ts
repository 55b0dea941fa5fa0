import { strict as assert } from "node:assert";
import { checkArchitecture, maximumLines, type RuleName } from "./support/architecture/rules.js";
import { parseArchitecture } from "./support/architecture/table.js";
import { readProjectFile, sourcePaths } from "./support/sourceTree.js";

const rules = parseArchitecture(readProjectFile("ARCHITECTURE.md"));

describe("architecture", () => {
  it("holds in every source file", () => {
    const files = sourcePaths().map((path) => ({ path, text: readProjectFile(path) }));
    assert.ok(files.length > 20, "the sources were not found");
    const violations = checkArchitecture(files, rules);
    assert.deepEqual(violations.map(({ path, line, rule, message }) => `${path}:${line} ${rule}: ${message}`), []);
  });

  it("has a line for each folder of the design", () => {
    assert.deepEqual(rules.folders.map((rule) => rule.folder), ["protocol", "core", "engine", "services", "editor", "webview", "cli", "extension.ts"]);
  });

  it("lets one place open connections", () => {
    assert.deepEqual(rules.folders.flatMap((rule) => rule.connections), ["services/network"]);
    assert.deepEqual(["http", "https", "dns", "net", "tls"].map((name) => rules.ownedBuiltins.get(name)), new Array(5).fill(["services/network/connection"]));
    const connecting = sourcePaths().filter((path) => path.startsWith("src/") && /from "(node:)?(https?|dns|net|tls|http2|dgram)"/.test(readProjectFile(path)));
    assert.deepEqual(connecting, ["src/services/network/connection.ts"]);
  });

  it("gives each package that ships an owner, and no other", () => {
    const { dependencies } = JSON.parse(readProjectFile("package.json")) as { dependencies: Record<string, string> };
    assert.deepEqual([...rules.packages.keys()].sort(), Object.keys(dependencies).sort());
  });

  it("takes neither DOM nor vscode types into the common compilation", () => {
    const { compilerOptions } = JSON.parse(readProjectFile("tsconfig.json")) as { compilerOptions: { lib: string[]; types: string[] } };
    assert.deepEqual(compilerOptions.lib.filter((library) => /dom|worker/i.test(library)), []);
    assert.ok(!compilerOptions.types.includes("vscode"));
  });
});

describe("lint", () => {
  it("exempts no file by name: its patterns name folders and kinds of files only", () => {
    const config = readProjectFile("eslint.config.mjs");
    const patterns = [...config.matchAll(/(?:files|ignores): \[([^\]]*)\]/g)].flatMap(([, list = ""]) => [...list.matchAll(/["`]([^"`]+)["`]/g)].map(([, pattern = ""]) => pattern));
    assert.ok(patterns.length > 5);
    assert.deepEqual(patterns.filter((pattern) => !/(\/|\*\*|\*\.[a-z]+)$/.test(pattern)), []);
  });
});

describe("the architecture's checker", () => {
  const breaches: readonly (readonly [RuleName, string, string])[] = [
    ["import", "src/protocol/a.ts", 'import { log } from "../core/util/log.js";'],
    ["import", "src/core/chat/a.ts", 'import { read } from "../../services/store/files";'],
    ["import", "src/core/chat/a.ts", 'export * from "../../editor/settings.js";'],
    ["import", "src/services/engine/a.ts", 'import { main } from "../../engine/main.js";'],
    ["import", "src/services/engine/a.ts", 'type Main = import("../../engine/main.js").Main;'],
    ["import", "src/webview/a.ts", 'import type { Answer } from "../core/chat/answer.js";'],
    ["import", "src/cli/a.ts", 'import { settings } from "../editor/settings.js";'],
    ["import", "src/editor/a.ts", 'import { activate } from "../extension.js";'],
    ["import", "src/editor/a.ts", 'import { pack } from "../../scripts/package.js";'],
    ["import", "src/extension.ts", 'import { start } from "./engine/main.js";'],
    ["import", "src/engine/a.ts", 'const later = import("../services/index/worker.js");'],
    ["vscode", "src/core/a.ts", 'import type { Position } from "vscode";'],
    ["vscode", "src/protocol/a.ts", 'export type Place = import("vscode").Position;'],
    ["vscode", "src/services/a.ts", 'const vscode = require("vscode");'],
    ["builtin", "src/core/a.ts", 'import path from "node:path";'],
    ["builtin", "src/core/a.ts", 'import type { Stats } from "fs";'],
    ["builtin", "src/core/a.ts", "export const home = process.env.HOME;"],
    ["builtin", "src/protocol/a.ts", "export function parse(bytes: Uint8Array) { return Buffer.from(bytes); }"],
    ["builtin", "src/extension.ts", 'import { readFileSync } from "node:fs";'],
    ["builtin", "src/editor/a.ts", 'import os from "node:os";'],
    ["builtin", "src/editor/a.ts", 'import { spawn } from "node:child_process";'],
    ["builtin", "src/services/store/a.ts", 'import { exec } from "child_process";'],
    ["builtin", "src/engine/a.ts", 'import { Worker } from "node:worker_threads";'],
    ["package", "src/services/a.ts", 'import type { Llama } from "node-llama-cpp";'],
    ["package", "src/core/a.ts", 'import { Parser } from "web-tree-sitter";'],
    ["package", "src/editor/a.ts", 'import MarkdownIt from "markdown-it";'],
    ["package", "src/services/a.ts", 'import highlight from "highlight.js/lib/core";'],
    ["package", "src/services/a.ts", 'import got from "got";'],
    ["dom", "src/core/a.ts", "export const title = document.title;"],
    ["dom", "src/editor/a.ts", "export function show(element: HTMLElement) { return element; }"],
    ["dom", "src/editor/a.ts", '/// <reference lib="dom" />\nexport {};'],
    ["connection", "src/services/a.ts", 'import { connect } from "node:net";'],
    ["connection", "src/services/network/a.ts", 'import https from "https";'],
    ["connection", "src/services/network/connectionPool.ts", 'import https from "https";'],
    ["connection", "src/services/network/connection.ts", 'import { connect } from "node:http2";'],
    ["connection", "src/services/network/connection.ts", 'export const page = fetch("https:");'],
    ["connection", "src/services/networking/connection.ts", 'import https from "https";'],
    ["connection", "src/engine/a.ts", 'const dns = await import("node:dns/promises");'],
    ["connection", "src/cli/a.ts", 'import { request } from "undici";'],
    ["connection", "src/webview/a.ts", 'export const socket = new WebSocket("wss:");'],
    ["connection", "src/webview/a.ts", 'navigator.sendBeacon("/");'],
    ["connection", "src/services/a.ts", "const send = fetch; export { send };"],
    ["connection", "src/services/a.ts", 'import { createClientPipeTransport } from "vscode-jsonrpc/node"; void createClientPipeTransport("x");'],
    ["fetch", "src/services/a.ts", 'export const page = fetch("https:");'],
    ["fetch", "src/services/a.ts", "export const read = (store: Store) => store.fetch(1);"],
    ["fetch", "src/core/a.ts", "export class Cache { fetch() { return 1; } }"],
    ["fetch", "src/core/a.ts", "export interface Cache { fetch(): number }"],
    ["computedImport", "src/services/a.ts", "export const load = (name: string) => import(name);"],
    ["package", "src/core/a.cjs", 'module.exports = require("web-tree-sitter");'],
    ["folder", "src/common/a.ts", "export {};"],
    ["length", "src/core/a.ts", "\n".repeat(maximumLines + 1)],
    ["length", "test/unit/a.test.ts", "\n".repeat(maximumLines + 1)],
    ["attic", "src/core/util/utils.ts", "export {};"],
    ["attic", "test/support/helpers.ts", "export {};"],
    ["interfacePrefix", "src/core/a.ts", "export interface IStore { readonly size: number }"],
    ["suppression", "test/unit/a.test.ts", ["//", "@ts-expect-error wrong on purpose"].join(" ")],
    ["suppression", "src/core/a.ts", `/* ${"eslint"}-disable max-lines */`],
    ["manager", "src/core/a.ts", "export class ModelManager {}"],
    ["forgery", "src/editor/a.ts", 'export const permit = { id: "1" } as Permit;'],
    ["forgery", "src/services/network/a.ts", "export const permit = {} as unknown as Readonly<Permit>;"],
    ["forgery", "src/services/network/a.ts", "export const permits = [] as network.Permit[];"],
    ["forgery", "src/services/a.ts", "export const outcome = <Permitted>{};"],
    ["moduleVariable", "src/core/a.ts", "let count = 0; export const next = () => ++count;"],
    ["moduleVariable", "models/starter/train/a.ts", "export var started;"],
  ];

  for (const [rule, path, text] of breaches) {
    it(`finds ${rule} in ${path}: ${text.trim().slice(0, 70).replaceAll("\n", " ")}`, () => {
      assert.deepEqual([...new Set(checkArchitecture([{ path, text }], rules).map((found) => found.rule))].includes(rule), true);
    });
  }

  const sound: readonly (readonly [string, string])[] = [
    ["src/core/chat/a.ts", 'import { log } from "../util/log.js"; import MiniSearch from "minisearch"; import type { Plan } from "../../protocol/engine";'],
    ["src/core/chat/b.ts", "export const first = (document: { lines: string[] }) => document.lines[0];"],
    ["src/core/chat/c.ts", "export interface Index { size: number } const index = { window: 1, process: 2 }; export default index.window;"],
    ["src/core/chat/d.ts", "export function count() { let lines = 0; lines++; return lines; }"],
    ["src/engine/main.ts", 'import { getLlama } from "node-llama-cpp"; import { createMessageConnection } from "vscode-jsonrpc/node"; process.exit(0);'],
    ["src/services/engine/client.ts", 'import { spawn } from "node:child_process"; import { parse } from "../../protocol/engine.js"; import { files } from "../store/files.js";'],
    ["src/services/network/permit.ts", 'export interface Permit { id: string } export const permit = { id: "1" } as Permit;'],
    ["src/services/network/connection.ts", 'import https from "node:https"; import type { LookupFunction } from "node:net";'],
    ["src/editor/inlineCompletion.ts", 'import * as vscode from "vscode"; import path from "node:path"; import { complete } from "../core/completion/complete.js";'],
    ["src/webview/chat.ts", 'import MarkdownIt from "markdown-it"; document.body.textContent = "";'],
    ["src/extension.ts", 'import * as vscode from "vscode"; import { register } from "./editor/statusItem.js"; import manifest from "../package.json";'],
    ["test/unit/a.test.ts", 'let server; import http from "node:http";'],
    ["src/core/full.ts", "\n".repeat(maximumLines)],
  ];

  for (const [path, text] of sound) {
    it(`finds nothing in ${path}: ${text.trim().slice(0, 70)}`, () => {
      assert.deepEqual(checkArchitecture([{ path, text }], rules), []);
    });
  }

  it("names the place", () => {
    const [found] = checkArchitecture([{ path: "src/core/a.ts", text: 'export {};\nimport "node:fs";\n' }], rules);
    assert.deepEqual([found?.path, found?.line, found?.rule], ["src/core/a.ts", 2, "builtin"]);
  });

  it("refuses a table it cannot read, instead of allowing everything", () => {
    assert.throws(() => parseArchitecture("# Nothing"), /no table/);
    const unclear = readProjectFile("ARCHITECTURE.md").replace("no, not even types", "perhaps");
    assert.throws(() => parseArchitecture(unclear), /must begin with/);
    const wide = readProjectFile("ARCHITECTURE.md").replace("only under `services/network`", "yes");
    assert.throws(() => parseArchitecture(wide), /must begin with/);
  });
});
