// Sixty kinds of files, each as a template around one named value.

type Name = readonly string[];
const camel = (name: Name): string => name.map((word, index) => (index === 0 ? word : (word[0] ?? "").toUpperCase() + word.slice(1))).join("");
const pascal = (name: Name): string => name.map((word) => (word[0] ?? "").toUpperCase() + word.slice(1)).join("");
const snake = (name: Name): string => name.join("_");
const upper = (name: Name): string => snake(name).toUpperCase();
const kebab = (name: Name): string => name.join("-");
/** As a string in most languages: quotes and line breaks escaped. */
const string = (value: string): string => JSON.stringify(value);
const single = (value: string): string => `'${value.replaceAll("\n", "\\n").replaceAll("'", "\\'")}'`;
const indented = (value: string, by: string): string => value.split("\n").map((line) => by + line).join("\n");

/** The text of a file of one type that holds a value under a name. */
export interface FileTemplate {
  readonly file: string;
  readonly write: (name: Name, value: string) => string;
}

const template = (file: string, write: FileTemplate["write"]): FileTemplate => ({ file, write });

export const FILE_TEMPLATES: readonly FileTemplate[] = [
  template("client.ts", (name, value) => `import { connect } from "./net";\n\nexport const ${camel(name)}: string = ${string(value)};\nexport const client = connect({ retries: 3, ${camel(name)} });\n`),
  template("client.js", (name, value) => `const ${camel(name)} = ${single(value)};\nmodule.exports = { ${camel(name)} };\n`),
  template("View.tsx", (name, value) => `export function View() {\n  return <Provider ${camel(name)}={${string(value)}}><App /></Provider>;\n}\n`),
  template("view.jsx", (name, value) => `const props = { ${camel(name)}: ${single(value)}, size: 3 };\n`),
  template("client.py", (name, value) => `import os\n\n${upper(name)} = ${string(value)}\n\ndef connect():\n    return Client(${snake(name)}=${upper(name)})\n`),
  template("settings.pyi", (name, value) => `class Settings:\n    ${snake(name)}: str = ${string(value)}\n`),
  template("client.go", (name, value) => `package main\n\nconst ${camel(name)} = ${string(value)}\n\nvar config = Config{\n\tRetries: 3,\n\t${pascal(name)}: ${string(value)},\n}\n`),
  template("client.rs", (name, value) => `pub const ${upper(name)}: &str = ${string(value)};\n\nfn main() {\n    let ${snake(name)} = String::from(${string(value)});\n}\n`),
  template("Client.java", (name, value) => `public class Client {\n    private static final String ${upper(name)} = ${string(value)};\n    void connect() { builder.set${pascal(name)}(${string(value)}); }\n}\n`),
  template("Client.kt", (name, value) => `object Client {\n    const val ${upper(name)} = ${string(value)}\n}\n`),
  template("Client.scala", (name, value) => `object Client {\n  val ${camel(name)}: String = ${string(value)}\n}\n`),
  template("Client.groovy", (name, value) => `class Client {\n  static ${camel(name)} = ${single(value)}\n}\n`),
  template("Client.cs", (name, value) => `public class Client\n{\n    private const string ${pascal(name)} = ${string(value)};\n}\n`),
  template("Client.fs", (name, value) => `module Client\nlet ${camel(name)} = ${string(value)}\n`),
  template("Client.vb", (name, value) => `Public Class Client\n    Private Const ${pascal(name)} As String = ${string(value)}\nEnd Class\n`),
  template("client.c", (name, value) => `#include <stdio.h>\n#define ${upper(name)} ${string(value)}\nstatic const char *${snake(name)} = ${string(value)};\n`),
  template("client.h", (name, value) => `static const char ${snake(name)}[] = ${string(value)};\n`),
  template("client.cpp", (name, value) => `const std::string ${camel(name)}{${string(value)}};\nauto ${snake(name)} = std::string(${string(value)});\n`),
  template("client.m", (name, value) => `static NSString *const k${pascal(name)} = @${string(value)};\n`),
  template("Client.swift", (name, value) => `struct Client {\n    let ${camel(name)}: String = ${string(value)}\n}\n`),
  template("client.dart", (name, value) => `class Client {\n  static const String ${camel(name)} = ${single(value)};\n}\n`),
  template("client.rb", (name, value) => `module Client\n  ${upper(name)} = ${single(value)}\n  OPTIONS = { :${snake(name)} => ${single(value)}, retries: 3 }\nend\n`),
  template("client.php", (name, value) => `<?php\ndefine('${upper(name)}', ${single(value)});\n$${camel(name)} = ${single(value)};\nreturn ['${snake(name)}' => ${single(value)}];\n`),
  template("client.pl", (name, value) => `my $${snake(name)} = ${single(value)};\nmy %config = (${snake(name)} => ${single(value)});\n`),
  template("client.lua", (name, value) => `local ${snake(name)} = ${string(value)}\nreturn { ["${snake(name)}"] = ${string(value)} }\n`),
  template("client.r", (name, value) => `${snake(name)} <- ${string(value)}\nSys.setenv(${upper(name)} = ${string(value)})\n`),
  template("client.jl", (name, value) => `const ${upper(name)} = ${string(value)}\n`),
  template("client.ex", (name, value) => `config :shop, ${snake(name)}: ${string(value)}\n@${snake(name)} ${string(value)}\n`),
  template("client.erl", (name, value) => `-define(${upper(name)}, ${string(value)}).\nconfig() -> [{${snake(name)}, ${string(value)}}].\n`),
  template("Client.hs", (name, value) => `${camel(name)} :: String\n${camel(name)} = ${string(value)}\n`),
  template("client.ml", (name, value) => `let ${snake(name)} = ${string(value)}\n`),
  template("client.clj", (name, value) => `(def ${kebab(name)} ${string(value)})\n(def config {:${kebab(name)} ${string(value)}})\n`),
  template("init.el", (name, value) => `(setq ${kebab(name)} ${string(value)})\n`),
  template("client.zig", (name, value) => `const ${snake(name)}: []const u8 = ${string(value)};\n`),
  template("client.nim", (name, value) => `const ${camel(name)} = ${string(value)}\n`),
  template("Client.pas", (name, value) => `const\n  ${pascal(name)} = ${single(value)};\nbegin\n  Config.${pascal(name)} := ${single(value)};\nend.\n`),
  template("deploy.sh", (name, value) => `#!/bin/sh\nset -e\nexport ${upper(name)}=${string(value)}\n./deploy --${kebab(name)}=${string(value)}\n`),
  template("deploy.fish", (name, value) => `set -x ${upper(name)} ${single(value)}\n`),
  template("deploy.ps1", (name, value) => `$${pascal(name)} = ${string(value)}\n$env:${upper(name)} = ${string(value)}\n`),
  template("deploy.bat", (name, value) => `@echo off\nset ${upper(name)}=${value.replaceAll("\n", "\\n")}\n`),
  template("Dockerfile", (name, value) => `FROM node:20\nENV ${upper(name)}=${string(value)}\nARG ${upper(name)}_BUILD=${string(value)}\nRUN make\n`),
  template("compose.yaml", (name, value) => `services:\n  shop:\n    image: shop\n    environment:\n      - ${upper(name)}=${value.replaceAll("\n", "\\n")}\n      - LEVEL=3\n`),
  template("values.yaml", (name, value) => (value.includes("\n") ? `shop:\n  ${camel(name)}: |\n${indented(value, "    ")}\n  replicas: 3\n` : `shop:\n  ${camel(name)}: ${string(value)}\n  replicas: 3\n`)),
  template("ci.yml", (name, value) => `jobs:\n  deploy:\n    env:\n      ${upper(name)}: ${single(value)}\n    steps: []\n`),
  template("config.json", (name, value) => `{\n  "retries": 3,\n  "${camel(name)}": ${string(value)},\n  "debug": false\n}\n`),
  template("settings.jsonc", (name, value) => `{\n  // Shop\n  "shop.${camel(name)}": ${string(value)}, // old\n}\n`),
  template("config.toml", (name, value) => `[shop]\n${snake(name)} = ${string(value)}\nretries = 3\n`),
  template("config.ini", (name, value) => `[shop]\n${snake(name)}=${value.replaceAll("\n", "\\n")}\nretries=3\n`),
  template("application.properties", (name, value) => `shop.${name.join(".")}=${value.replaceAll("\n", "\\n")}\nshop.retries=3\n`),
  template("web.config", (name, value) => `<configuration>\n  <appSettings>\n    <add key="${pascal(name)}" value="${value}" />\n  </appSettings>\n</configuration>\n`),
  template("config.xml", (name, value) => `<shop>\n  <${camel(name)}>${value}</${camel(name)}>\n  <retries>3</retries>\n</shop>\n`),
  template("Info.plist", (name, value) => `<dict>\n  <key>${pascal(name)}</key>\n  <string>${value}</string>\n</dict>\n`),
  template("main.tf", (name, value) => `resource "shop" "main" {\n  ${snake(name)} = ${string(value)}\n  count = 3\n}\n`),
  template("Makefile", (name, value) => `${upper(name)} := ${value.replaceAll("\n", "\\n")}\n\nall:\n\tmake deploy ${upper(name)}=${value.replaceAll("\n", "\\n")}\n`),
  template("CMakeLists.txt", (name, value) => `set(${upper(name)} ${string(value)})\n`),
  template("nginx.conf", (name, value) => `server {\n  set $${snake(name)} ${string(value)};\n  listen 80;\n}\n`),
  template("seed.sql", (name, value) => `INSERT INTO settings (name, value) VALUES ('${snake(name)}', ${single(value)});\nSET @${snake(name)} = ${single(value)};\n`),
  template("index.html", (name, value) => `<script>window.${camel(name)} = ${string(value)};</script>\n<input type="hidden" name="${kebab(name)}" value="${value}">\n`),
  template("NOTES.md", (name, value) => `# Shop\n\nThe ${name.join(" ")} is \`${value.replaceAll("\n", "\\n")}\`, keep it safe.\n\n    ${upper(name)}=${value.replaceAll("\n", "\\n")}\n`),
  template("change.diff", (name, value) => `--- a/config.py\n+++ b/config.py\n@@ -1,2 +1,2 @@\n-${upper(name)} = ${string(value)}\n+${upper(name)} = os.environ[${string(upper(name))}]\n`),
  template("notebook.ipynb", (name, value) => JSON.stringify({ cells: [{ cell_type: "code", source: [`${upper(name)} = ${string(value)}\n`, "connect()\n"] }] }, null, 1)),
  template("session.log", (name, value) => `2026-01-05 10:00:01 INFO start ${snake(name)}=${value.replaceAll("\n", "\\n")} level=3\n`),
  template("App.vue", (name, value) => `<script setup>\nconst ${camel(name)} = ${single(value)};\n</script>\n<template><App /></template>\n`),
  template("schema.graphql", (name, value) => `# ${camel(name)}: ${string(value)}\ntype Query { shop: Shop }\n`),
];
