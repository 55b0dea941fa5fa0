import assert from "node:assert/strict";
import { moduleStem } from "../../../models/starter/train/collect.js";
import { readConfig } from "../../../models/starter/train/config.js";
import { fingerprint, isBundled, isGenerated, isMinified, isTranspiled, languageOf, refuse } from "../../../models/starter/train/fileRules.js";
import { isKeptOut, isVendoredPath, statesCopy } from "../../../models/starter/train/keptOut.js";
import { debianLicence, isPermissive, matchesSourcePattern } from "../../../models/starter/train/licences.js";

describe("kept-out list", () => {
  for (const name of ["express", "koa", "vue", "@vue/reactivity", "react", "react-dom", "@types/react", "svelte", "vite", "rollup",
    "webpack", "esbuild", "esbuild-wasm", "codemirror", "@codemirror/state", "@lezer/common", "prosemirror-model", "vscode-jsonrpc",
    "vscode-languageserver", "vscode-languageserver-types", "node-llama-cpp", "@node-llama-cpp/linux-x64", "python3-requests",
    "python3-flask", "python3-click", "python3-jinja2", "python3-werkzeug", "python3-django", "python3-pip", "python3-setuptools",
    "golang-github-gin-gonic-gin-dev", "librust-tokio-dev", "librust-tokio-util-dev", "librust-clap-dev", "librust-clap-3-dev",
    "librust-grep-dev", "ripgrep", "redis", "python3-redis", "sqlite3", "fastify", "@fastify/cors", "hono", "@hono/zod-openapi", "zod", "@trpc/server",
    "python3-httpx", "python3-rich", "python3-typer", "python3-pydantic", "golang-github-spf13-cobra-dev", "libguava-java",
    "golang-github-labstack-echo-dev", "ollama", "jq", "nlohmann-json3-dev", "libfmt-dev", "Express"]) {
    it(`refuses ${name}`, () => assert.equal(isKeptOut(name), true));
  }

  for (const name of ["lodash", "rxjs", "@tanstack/query-core", "python3-networkx", "golang-golang-x-net-dev", "librust-regex-dev", "preact", "mobx"]) {
    it(`takes ${name}`, () => assert.equal(isKeptOut(name), false));
  }

  it("refuses nothing that the configuration names", () => {
    const { npm, debian } = readConfig().corpus;
    const names = [...npm.map((entry) => entry.slice(0, entry.lastIndexOf("@"))), ...debian.map((entry) => (typeof entry === "string" ? entry : entry.name))];
    assert.deepEqual(names.filter(isKeptOut), []);
    assert.equal(new Set(names).size, names.length);
  });

  it("knows files that state a copy", () => {
    assert.equal(statesCopy("# get_encoding_from_headers() is Copyright 2016 Kenneth Reitz, and is used here"), true);
    assert.equal(statesCopy("# Borrowed from Django's utils"), true);
    assert.equal(statesCopy("# works well together with Django and Express"), false);
  });

  it("knows folders of copies", () => {
    assert.equal(isVendoredPath("package/node_modules/a/index.js"), true);
    assert.equal(isVendoredPath("usr/lib/python3/dist-packages/isort/_vendored/toml/decoder.py"), true);
    assert.equal(isVendoredPath("src/codemirror/view.ts"), true);
    assert.equal(isVendoredPath("src/vendors.ts"), false);
  });
});

describe("licences", () => {
  for (const expression of ["MIT", "(MIT OR GPL-3.0)", "Apache-2.0 AND MIT", "BSD-3-Clause", "(MIT AND Zlib)", "ISC"]) {
    it(`takes ${expression}`, () => assert.equal(isPermissive(expression), true));
  }

  for (const expression of ["GPL-3.0", "MIT AND GPL-2.0", "SEE LICENSE IN LICENSE", "UNLICENSED", "", undefined, "LGPL-2.1 OR MPL-2.0", "BUSL-1.1"]) {
    it(`refuses ${String(expression)}`, () => assert.equal(isPermissive(expression), false));
  }

  const copyright = `Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Files-Excluded: old/*

Files: *
Copyright: somebody
License: Expat or Apache-2.0

Files: src/copied/*.py
 lib/other.py
Copyright: somebody else
License: GPL-2+

Files: debian/*
License: GPL-3
`;

  it("reads a Debian copyright file", () => {
    assert.deepEqual(debianLicence(copyright), { licence: "MIT OR Apache-2.0", refused: ["src/copied/*.py", "lib/other.py"] });
    assert.deepEqual(debianLicence("This is free software."), { licence: undefined, refused: [] });
  });

  it("compares the end of a source pattern with installed paths", () => {
    assert.equal(matchesSourcePattern("usr/lib/python3/copied/a.py", "src/copied/*.py"), true);
    assert.equal(matchesSourcePattern("usr/lib/python3/a.py", "src/copied/*.py"), false);
  });
});

describe("file rules", () => {
  const code = "export function add(left, right) {\n  return left + right;\n}\n".repeat(8);

  it("takes ordinary source", () => assert.equal(refuse("src/add.js", code), undefined));

  it("knows languages by the end of the name", () => {
    assert.equal(languageOf("a/b.d.ts"), "declaration");
    assert.equal(languageOf("a/b.TSX"), "typescript");
    assert.equal(languageOf("a/b.json"), undefined);
  });

  it("refuses minified text", () => {
    assert.equal(isMinified("jquery.min.js", code), true);
    assert.equal(isMinified("a.js", "var a=1;".repeat(200)), true);
    assert.equal(refuse("a.js", "var a=1;".repeat(200)), "minified");
  });

  it("refuses generated text", () => {
    assert.equal(isGenerated("a_pb2.py", code), true);
    assert.equal(isGenerated("a.go", `// Code generated by stringer. DO NOT EDIT.\n${code}`), true);
    assert.equal(isGenerated("table.js", "0x12, 0x34, 0x56,\n".repeat(50)), true);
    assert.equal(isGenerated("a.js", code), false);
  });

  it("refuses bundles and compiler output", () => {
    assert.equal(isBundled(`${code}// node_modules/express/lib/router.js\n`), true);
    assert.equal(isTranspiled("a.js", `"use strict";\nObject.defineProperty(exports, "__esModule", { value: true });\n`), true);
    assert.equal(isTranspiled("a.ts", "var __awaiter;"), false);
  });

  it("refuses what is no text, too short or too long", () => {
    assert.equal(refuse("a.js", `${code}\0`), "encoding");
    assert.equal(refuse("a.js", "x"), "size");
    assert.equal(refuse("a.js", code.repeat(1000)), "size");
  });

  it("sees copies through formatting", () => {
    assert.equal(fingerprint("a = 1;\n b = 2"), fingerprint("a=1;b=2\n"));
    assert.notEqual(fingerprint("a = 1"), fingerprint("a = 2"));
  });

  it("gives one module's builds the same stem", () => {
    assert.equal(moduleStem("dist/esm/core/map.mjs"), moduleStem("src/core/map.ts"));
    assert.notEqual(moduleStem("src/core/map.d.ts"), moduleStem("src/core/map.ts"));
  });
});
