// Lint: mistakes the types do not see, and the import table of ARCHITECTURE.md while somebody types.
// test/architecture.test.ts holds the same table for good. No file is exempted by name: rules differ by folder only.
import js from "@eslint/js";
import tseslint from "typescript-eslint";
import { builtinModules } from "node:module";

const builtins = builtinModules.filter((name) => !name.startsWith("_")).flatMap((name) => [name, `node:${name}`]);
const connecting = ["net", "http", "https", "tls", "dgram", "dns", "dns/promises", "http2"].flatMap((name) => [name, `node:${name}`]).concat("undici");
const editorGlobals = ["fetch", "WebSocket", "EventSource", "XMLHttpRequest"];
const pageGlobals = ["document", "window", "navigator", "localStorage"];
const nodeGlobals = ["process", "Buffer", "require", "module", "__dirname", "__filename"];

/** npm packages that have one owner. */
const owners = {
  engine: ["node-llama-cpp"],
  services: ["web-tree-sitter"],
  webview: ["markdown-it", "dompurify", "highlight.js", "highlight.js/*"],
};

/** Globals and imports that a folder under `src` may not use. */
function layer(folder, { folders = [], vscode = false, node = false, page = false, connects = false }) {
  const owned = Object.entries(owners).flatMap(([owner, packages]) => (owner === folder.split("/")[0] ? [] : packages));
  const paths = [...(connects ? [] : connecting), ...(node ? [] : builtins), ...(vscode ? [] : ["vscode"])];
  return {
    files: [`src/${folder}/**/*.ts`],
    rules: {
      "no-restricted-imports": ["error", {
        paths: [...new Set(paths)].map((name) => ({ name, message: `src/${folder} may not import it: see the table in ARCHITECTURE.md.` })),
        patterns: [
          { group: folders.map((name) => `**/${name}/**`).concat("**/extension.js"), message: `src/${folder} may not import that folder: see the table in ARCHITECTURE.md.` },
          { group: owned, message: "This package has another owner: see ARCHITECTURE.md." },
        ],
      }],
      "no-restricted-globals": ["error", ...editorGlobals, ...(page ? [] : pageGlobals), ...(node ? [] : nodeGlobals)],
    },
  };
}

/** Code that must not exist anywhere. */
const unwanted = [
  { selector: "CallExpression[callee.property.name='createTerminal'], CallExpression[callee.property.name='sendText']", message: "Model output runs no command." },
  { selector: "CallExpression[callee.property.name='fetch']", message: "`fetch(` goes past the gate in src/services/network." },
  { selector: "Property[key.name='isTrusted'][value.value=true], AssignmentExpression[left.property.name='isTrusted'][right.value=true]", message: "Model text is never trusted markdown." },
];

/** Standard output carries the engine's messages, and the extension has a log. Assigning to `console` is not output. */
const unwantedOutput = { selector: "CallExpression[callee.object.name='console']", message: "Write to the log." };

/** A test that is switched off, or that switches the others off, is no test. */
const unwantedInTests = [
  { selector: "MemberExpression[object.name=/^(it|describe|context|suite|test)$/][property.name=/^(only|skip)$/]", message: "Do not commit `only` or `skip`." },
  { selector: "CallExpression[callee.object.type='ThisExpression'][callee.property.name='skip']", message: "A test that cannot run must fail and say what is missing." },
];

export default tseslint.config(
  // Build outputs, caches and the sample project are not ours to lint.
  { ignores: ["dist/", "out/", ".cache/", ".vscode-test/", "node_modules/", "test/fixtures/", "test/artifacts/"] },
  js.configs.recommended,
  {
    files: ["**/*.ts"],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname ?? process.cwd() } },
    rules: {
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/no-explicit-any": "error",
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
      "@typescript-eslint/consistent-type-imports": ["error", { fixStyle: "inline-type-imports" }],
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_", caughtErrors: "none" }],
      "@typescript-eslint/no-misused-promises": ["error", { checksVoidReturn: { arguments: false } }],
      // A function may be async because an interface says so.
      "@typescript-eslint/require-await": "off",
      // Interfaces here are records of functions, which do not use `this`.
      "@typescript-eslint/unbound-method": "off",
      // Taste, and the compiler's own rules make the assertions needed in other places.
      "@typescript-eslint/no-unnecessary-type-assertion": "off",
    },
  },
  {
    rules: {
      eqeqeq: ["error", "always", { null: "ignore" }],
      // Control characters are data for us: NUL bytes tell a binary file.
      "no-control-regex": "off",
      "no-misleading-character-class": ["error", { allowEscape: true }],
      "no-eval": "error",
      "no-new-func": "error",
      "max-lines": ["error", 400],
      "max-lines-per-function": ["error", { max: 65, skipBlankLines: true, skipComments: true }],
      "no-restricted-syntax": ["error", ...unwanted, unwantedOutput],
    },
  },
  layer("protocol", { folders: ["core", "engine", "services", "editor", "webview", "cli"] }),
  layer("core", { folders: ["engine", "services", "editor", "webview", "cli"] }),
  layer("engine", { folders: ["services", "editor", "webview", "cli"], node: true }),
  // services/engine and core/models share names with folders above: the architecture test resolves paths exactly.
  layer("services", { folders: ["editor", "webview", "cli"], node: true }),
  // The architecture test holds it to one file.
  layer("services/network", { folders: ["editor", "webview", "cli"], node: true, connects: true }),
  layer("editor", { folders: ["webview", "cli"], vscode: true, node: true }),
  layer("webview", { folders: ["core", "engine", "services", "editor", "cli"], page: true }),
  layer("cli", { folders: ["editor", "webview"], node: true }),
  {
    // These talk to a terminal: their output is their purpose.
    files: ["src/cli/**", "scripts/**", "test/**", "models/**", "*.js", "*.mjs"],
    rules: { "no-restricted-syntax": ["error", ...unwanted] },
  },
  {
    // A suite is one function that holds its cases.
    files: ["test/**"],
    rules: { "max-lines-per-function": "off", "@typescript-eslint/no-unused-expressions": "off", "no-restricted-syntax": ["error", ...unwanted, ...unwantedInTests] },
  },
  {
    // Plain JavaScript: what runs before anything is built.
    files: ["**/*.js", "**/*.cjs", "**/*.mjs"],
    languageOptions: { globals: Object.fromEntries([...nodeGlobals, "console", "URL", "setTimeout", "exports"].map((name) => [name, "readonly"])) },
  },
);
