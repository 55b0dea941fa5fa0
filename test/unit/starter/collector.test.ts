import assert from "node:assert/strict";
import { moduleStem } from "../../../models/starter/train/collect.js";
import { readConfig } from "../../../models/starter/train/config.js";
import { fingerprint, isBundled, isGenerated, isMinified, isTranspiled, languageOf, refuse } from "../../../models/starter/train/fileRules.js";
import { isKeptOut, isVendoredPath, keptForChecking, statesCopy, usedForFitting } from "../../../models/starter/train/keptOut.js";
import { debianLicence, isPermissive, matchesSourcePattern } from "../../../models/starter/train/licences.js";

/** The names of the published lists, as they are written there, with the packages that carry them. */
const checkingList: Readonly<Record<string, readonly string[]>> = {
  "express": ["express", "Express", "@types/express", "express-session", "node-express"],
  "koa": ["koa", "@koa/router", "koa-router"],
  "vue and @vue/*": ["vue", "@vue/reactivity", "@vue/compiler-sfc", "vue-router"],
  "react": ["react", "react-dom", "@types/react", "react-reconciler", "scheduler"],
  "svelte": ["svelte", "@sveltejs/kit"],
  "vite": ["vite", "@vitejs/plugin-vue", "vite-plugin-dts"],
  "rollup": ["rollup", "@rollup/pluginutils", "rollup-plugin-dts"],
  "webpack": ["webpack", "webpack-sources", "@webpack-cli/info"],
  "esbuild": ["esbuild", "esbuild-wasm", "@esbuild/linux-x64"],
  "codemirror": ["codemirror", "@codemirror/state", "@lezer/common", "libjs-codemirror"],
  "prosemirror": ["prosemirror-model", "prosemirror-view"],
  "vscode-languageserver and vscode-jsonrpc": ["vscode-languageserver", "vscode-languageserver-types", "vscode-languageclient", "vscode-jsonrpc"],
  "continue": ["continue", "@continuedev/core"],
  "cline": ["cline", "claude-dev"],
  "aider": ["aider", "aider-chat"],
  "llama.cpp and every binding of it": ["llama.cpp", "llama-cpp-python", "llama_cpp_python", "node-llama-cpp", "@node-llama-cpp/linux-x64", "librust-llama-cpp-2-dev", "ggml"],
  "requests": ["requests", "python3-requests"],
  "flask": ["flask", "python3-flask", "flask-login"],
  "click": ["click", "python3-click"],
  "jinja": ["jinja2", "python3-jinja2"],
  "werkzeug": ["werkzeug", "python3-werkzeug"],
  "django": ["django", "python3-django", "django-filter"],
  "gin": ["gin", "golang-github-gin-gonic-gin-dev"],
  "echo": ["echo", "golang-github-labstack-echo-dev", "golang-github-labstack-echo.v4-dev"],
  "ollama": ["ollama", "ollama-js", "golang-github-ollama-ollama-dev"],
  "ripgrep": ["ripgrep", "rust-ripgrep", "librust-grep-dev", "librust-grep-searcher-dev", "librust-globset-dev", "librust-ignore-dev"],
  "rust-analyzer": ["rust-analyzer", "ra-ap-syntax", "librust-ra-ap-hir-dev"],
  "tokio": ["tokio", "librust-tokio-dev", "librust-tokio-1-dev", "librust-tokio-util-dev"],
  "gson": ["gson", "libgoogle-gson-java", "google-gson"],
  "guava": ["guava", "libguava-java", "guava-libraries"],
  "redis": ["redis", "python3-redis", "@redis/client", "valkey", "hiredis", "libhiredis-dev"],
  "sqlite": ["sqlite", "sqlite3", "libsqlite3-dev", "better-sqlite3", "sqlcipher", "librust-libsqlite3-sys-dev"],
  "what vendors a copy of them": ["pip", "python3-pip", "python3-setuptools", "pipenv"],
};

const fittingList: Readonly<Record<string, readonly string[]>> = {
  "fastify/fastify": ["fastify", "@fastify/cors", "fastify-plugin"],
  "honojs/hono": ["hono", "@hono/zod-openapi"],
  "colinhacks/zod": ["zod", "zod-to-json-schema"],
  "trpc/trpc": ["@trpc/server"],
  "encode/httpx": ["httpx", "python3-httpx"],
  "Textualize/rich": ["rich", "python3-rich"],
  "fastapi/typer": ["typer", "python3-typer"],
  "pydantic/pydantic": ["pydantic", "python3-pydantic", "pydantic-core"],
  "spf13/cobra": ["cobra", "golang-github-spf13-cobra-dev"],
  "junegunn/fzf": ["fzf", "golang-github-junegunn-fzf-dev"],
  "sharkdp/bat": ["bat", "librust-bat-dev"],
  "clap-rs/clap": ["clap", "librust-clap-dev", "librust-clap-3-dev", "librust-clap-derive-dev", "rust-clap"],
  "square/okhttp": ["okhttp", "libokhttp-java", "okhttp3"],
  "apache/commons-lang": ["commons-lang", "libcommons-lang3-java", "commons-lang3", "commons-text"],
  "jqlang/jq": ["jq", "libjq-dev", "libjq1"],
  "nlohmann/json": ["nlohmann-json3", "nlohmann-json3-dev"],
  "fmtlib/fmt": ["fmtlib", "libfmt-dev", "libfmt9", "spdlog"],
};

describe("kept-out list", () => {
  for (const [entry, names] of Object.entries({ ...checkingList, ...fittingList })) {
    it(`refuses ${entry}`, () => assert.deepEqual(names.filter((name) => !isKeptOut(name)), []));
  }

  it("refuses every name of its own under each ecosystem's pattern", () => {
    for (const name of [...keptForChecking, ...usedForFitting]) {
      for (const wrapped of [name, name.toUpperCase(), `python3-${name}`, `librust-${name}-dev`, `golang-github-owner-${name}-dev`, `lib${name}-java`, `@${name}/part`]) {
        assert.equal(isKeptOut(wrapped), true, wrapped);
      }
    }
  });

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
    assert.equal(statesCopy("// Copyright 2013-2022 Niels Lohmann"), true);
    assert.equal(statesCopy("package com.google.common.base;\n\npublic class Strings {}"), true);
    assert.equal(statesCopy("/* Taken from commons-lang. */"), true);
    assert.equal(statesCopy("import com.google.common.base.Strings;\nimport org.apache.commons.lang3.StringUtils;"), false);
    assert.equal(statesCopy("# works well together with Django and Express"), false);
  });

  it("knows folders of copies", () => {
    assert.equal(isVendoredPath("package/node_modules/a/index.js"), true);
    assert.equal(isVendoredPath("usr/lib/python3/dist-packages/isort/_vendored/toml/decoder.py"), true);
    assert.equal(isVendoredPath("src/codemirror/view.ts"), true);
    assert.equal(isVendoredPath("src/json/nlohmann/json.hpp"), true);
    assert.equal(isVendoredPath("src/db/sqlite3.c"), true);
    assert.equal(isVendoredPath("contrib/minizip/zip.c"), true);
    assert.equal(isVendoredPath("src/vendors.ts"), false);
    assert.equal(isVendoredPath("src/format.h"), false);
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
    assert.deepEqual(debianLicence("This is free software.", "PSF-2.0"), { licence: "PSF-2.0", refused: [] });
    assert.deepEqual(debianLicence(copyright.replace("Expat or Apache-2.0", "X11"), "MIT").refused, ["src/copied/*.py", "lib/other.py"]);
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
    assert.deepEqual(["A.java", "a.c", "a.h", "a.cc", "a.cpp", "a.hpp"].map(languageOf), ["java", "c", "c", "cpp", "cpp", "cpp"]);
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
