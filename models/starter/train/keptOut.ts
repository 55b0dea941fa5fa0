/**
 * Packages that must not enter training in any version or packaging.
 * The first group is kept for checking the product, the second is used to fit other parts of it:
 * a starter model that had seen either would make those figures look better than they are.
 */

/** Project names. A package is kept out when its name is one of these, in whatever ecosystem. */
const keptForChecking = [
  "express", "koa", "vue", "react", "svelte", "vite", "rollup", "webpack", "esbuild", "codemirror", "prosemirror",
  "vscode-languageserver", "vscode-jsonrpc", "continue", "cline", "aider", "llama.cpp", "llama-cpp", "node-llama-cpp",
  "llama", "requests", "flask", "click", "jinja", "jinja2", "werkzeug", "django", "gin", "echo", "ollama", "ripgrep", "grep",
  "rust-analyzer", "tokio", "gson", "guava", "redis", "sqlite", "sqlite3",
];

const usedForFitting = [
  "fastify", "hono", "zod", "trpc", "httpx", "rich", "typer", "pydantic", "cobra", "fzf", "bat", "clap", "okhttp",
  "commons-lang", "commons-lang3", "jq", "nlohmann-json", "nlohmann-json3", "fmt", "fmtlib",
];

/** Packages that carry copies of kept-out projects. */
const vendors = ["pip", "setuptools", "virtualenv", "ensurepip", "next", "nuxt", "preact-compat"];

/** Families whose parts are published under many names: scopes and name beginnings. */
const families = [
  "@vue/", "@codemirror/", "@lezer/", "@vitejs/", "@rollup/", "@webpack-cli/", "@webpackjs/", "@esbuild/", "@sveltejs/",
  "@koa/", "@fastify/", "@hono/", "@trpc/", "@node-llama-cpp/", "@continuedev/", "@redis/", "@tiptap/", "@webassemblyjs/",
  "@types/react", "@types/vue", "@types/express", "@types/koa", "@types/webpack", "@react-", "@nestjs/platform-express",
  "prosemirror-", "codemirror-", "vscode-languageserver-", "react-", "vue-", "svelte-", "rollup-plugin-", "vite-plugin-",
  "esbuild-", "webpack-", "koa-", "express-", "fastify-", "zod-", "tokio-", "clap-", "ra-ap-", "grep-", "redis-", "django-",
  "flask-", "pydantic-", "gin-", "ollama-", "llama-cpp-", "sqlite3-",
];

const exactNames = new Set([...keptForChecking, ...usedForFitting, ...vendors]);

/** Folder names that hold somebody else's code inside a package. */
const vendorFolders = new Set(["node_modules", "bower_components", "vendor", "vendored", "_vendor", "_vendored",
  "third_party", "third-party", "thirdparty", "3rdparty", "extern", "externals", "external"]);

/** True when this npm or Debian package must stay out of training. Pure; the case of the name does not matter. */
export function isKeptOut(packageName: string): boolean {
  return projectNames(packageName.toLowerCase()).some(
    (name) => exactNames.has(name) || families.some((family) => name.startsWith(family)));
}

/** True when the path lies in a folder of copies, or in a folder named after a kept-out project. */
export function isVendoredPath(path: string): boolean {
  const folders = path.toLowerCase().split("/").slice(0, -1);
  return folders.some((folder) => vendorFolders.has(folder) || nestedProjects.has(folder));
}

/** Kept-out names that are not also ordinary folder names. */
const nestedProjects = new Set(["codemirror", "prosemirror", "vscode-jsonrpc", "vscode-languageserver", "werkzeug",
  "jinja2", "django", "llama.cpp", "ripgrep", "rust-analyzer", "tokio", "fastify", "pydantic", "ensurepip", "pip"]);

/**
 * True when a file says that it holds code of a kept-out project: small copies stand in files of their own or in the
 * middle of other code, in packages that are otherwise fine.
 */
export function statesCopy(text: string): boolean {
  return copyStatements.some((statement) => statement.test(text));
}

const copyStatements = [
  /Kenneth Reitz/i, /The Pallets Projects?\b/i, /\bantirez\b/i, /Salvatore Sanfilippo/i, /D\. Richard Hipp/i, /@vue\/reactivity\/dist/,
  /(taken|copied|borrowed|adapted|vendored|ported|stolen|lifted) from (the )?(`|"|')?(express|koa|vue|react|svelte|vite|rollup|webpack|esbuild|codemirror|prosemirror|requests|flask|click|jinja2?|werkzeug|django|gin|echo|ripgrep|tokio|gson|guava|redis|sqlite|fastify|hono|zod|trpc|httpx|rich|typer|pydantic|cobra|clap|okhttp)\b/i,
];

/** Every name under which a package may stand in the lists: Debian wraps upstream names in its own pattern. */
function projectNames(name: string): string[] {
  const upstream = name
    .replace(/^(python3?|librust|node|golang-github-[a-z0-9.]+|golang)-/, "")
    .replace(/^lib(?!rust-)/, "")
    .replace(/-(dev|java)$/, "")
    .replace(/-v?\d+$/, "");
  const javaScript = name.replace(/\.js$/, "").replace(/-js$/, "");
  const scope = /^@([^/]+)\/(.+)$/.exec(name);
  // Go packages are named after host, owner and project, all joined by hyphens.
  const goParts = name.startsWith("golang-") ? upstream.split("-").map((_, index, parts) => parts.slice(index).join("-")) : [];
  return [name, upstream, javaScript, ...goParts, ...(scope ? [scope[1] ?? "", scope[2] ?? ""] : [])];
}
