/**
 * Packages that must not enter training in any version or packaging.
 * The first group is kept for checking the product, the second is used to fit other parts of it:
 * a starter model that had seen either would make those figures look better than they are.
 */

/** Projects that are kept for checking, by the names under which packages of any ecosystem carry them. */
export const keptForChecking = [
  "express", "koa", "vue", "react", "svelte", "vite", "rollup", "webpack", "esbuild", "codemirror", "prosemirror",
  "vscode-languageserver", "vscode-languageclient", "vscode-jsonrpc", "continue", "cline", "aider", "llama.cpp", "llama-cpp",
  "node-llama-cpp", "llama", "ggml", "whisper.cpp", "requests", "flask", "click", "jinja", "jinja2", "werkzeug", "django",
  "gin", "echo", "ollama", "ripgrep", "grep", "globset", "ignore", "rust-analyzer", "tokio", "gson", "guava", "redis",
  "sqlite", "sqlite3",
];

/** Projects whose history other parts of the product are fitted on. */
export const usedForFitting = [
  "fastify", "hono", "zod", "trpc", "httpx", "rich", "typer", "pydantic", "cobra", "fzf", "bat", "clap", "okhttp", "okhttp3",
  "commons-lang", "commons-lang3", "jq", "nlohmann", "nlohmann-json", "nlohmann-json3", "fmt", "fmtlib",
];

/**
 * Packages that carry copies of kept-out projects, forks of them, and parts of them under names of their own.
 * commons-text was cut out of commons-lang; valkey and keydb are forks of redis.
 */
const vendors = ["pip", "setuptools", "virtualenv", "ensurepip", "pipenv", "next", "nuxt", "preact-compat", "scheduler",
  "use-sync-external-store", "better-sqlite3", "sql.js", "sqlcipher", "libsqlite3-sys", "valkey", "keydb", "redisearch", "hiredis",
  "commons-text", "spdlog", "claude-dev"];

/** Families whose parts are published under many names: scopes and name beginnings. */
const families = [
  "@vue/", "@codemirror/", "@lezer/", "@vitejs/", "@rollup/", "@webpack-cli/", "@webpackjs/", "@esbuild/", "@sveltejs/",
  "@koa/", "@fastify/", "@hono/", "@trpc/", "@node-llama-cpp/", "@continuedev/", "@redis/", "@tiptap/", "@webassemblyjs/",
  "@types/react", "@types/vue", "@types/express", "@types/koa", "@types/webpack", "@react-", "@nestjs/platform-express",
  "prosemirror-", "codemirror-", "vscode-languageserver-", "react-", "vue-", "svelte-", "rollup-plugin-", "vite-plugin-",
  "esbuild-", "webpack-", "koa-", "express-", "fastify-", "zod-", "tokio-", "clap-", "ra-ap-", "ra_ap_", "grep-", "redis-", "django-",
  "flask-", "pydantic-", "gin-", "ollama-", "llama-cpp-", "llama_cpp", "llamacpp", "aider-", "okhttp-", "sqlite3-",
];

const exactNames = new Set([...keptForChecking, ...usedForFitting, ...vendors]);

/** Folder names that hold somebody else's code inside a package. */
const vendorFolders = new Set(["node_modules", "bower_components", "vendor", "vendored", "_vendor", "_vendored",
  "third_party", "third-party", "thirdparty", "3rdparty", "3rd_party", "contrib", "extern", "externals", "external"]);

/** True when this npm or Debian package must stay out of training. Pure; the case of the name does not matter. */
export function isKeptOut(packageName: string): boolean {
  return projectNames(packageName.toLowerCase()).some(
    (name) => exactNames.has(name) || families.some((family) => name.startsWith(family)));
}

/** True when the path lies in a folder of copies, or is or lies in something named after a kept-out project. */
export function isVendoredPath(path: string): boolean {
  const parts = path.toLowerCase().split("/");
  const folders = parts.slice(0, -1);
  return folders.some((folder) => vendorFolders.has(folder) || nestedProjects.has(folder)) || nestedFiles.test(parts.at(-1) ?? "");
}

/** Kept-out names that are not also ordinary folder names. */
const nestedProjects = new Set(["codemirror", "prosemirror", "vscode-jsonrpc", "vscode-languageserver", "werkzeug",
  "jinja2", "django", "llama.cpp", "ripgrep", "rust-analyzer", "tokio", "fastify", "pydantic", "ensurepip", "pip", "nlohmann",
  "fmtlib", "okhttp", "okhttp3", "gson", "guava", "hiredis", "sqlite3", "commons-lang", "commons-lang3", "lang3"]);

/** Single files under which copies of kept-out C and C++ projects travel. */
const nestedFiles = /^(sqlite3?(ext)?\.[ch]|hiredis\.[ch]|ggml[-\w]*\.(c|h|cpp)|llama\.(h|cpp)|format-inl\.h)$/;

/**
 * True when a file says that it holds code of a kept-out project: small copies stand in files of their own or in the
 * middle of other code, in packages that are otherwise fine.
 */
export function statesCopy(text: string): boolean {
  return copyStatements.some((statement) => statement.test(text));
}

const copyStatements = [
  /Kenneth Reitz/i, /The Pallets Projects?\b/i, /\bantirez\b/i, /Salvatore Sanfilippo/i, /D\. Richard Hipp/i, /@vue\/reactivity\/dist/,
  /Niels Lohmann/i, /Victor Zverovich/i, /Stephen Dolan/i, /The author disclaims copyright to this source code/,
  /^package (com\.google\.(common|gson)|okhttp3|com\.squareup\.okhttp|org\.apache\.commons\.lang3?)\b/m,
  /\bcommons[- ]lang\b/i,
  /(taken|copied|borrowed|adapted|vendored|ported|stolen|lifted) from (the )?(`|"|')?(express|koa|vue|react|svelte|vite|rollup|webpack|esbuild|codemirror|prosemirror|requests|flask|click|jinja2?|werkzeug|django|gin|echo|ripgrep|tokio|gson|guava|redis|sqlite|fastify|hono|zod|trpc|httpx|rich|typer|pydantic|cobra|clap|okhttp|ollama|llama\.cpp|rust-analyzer|fzf|jq|nlohmann|fmtlib|aider|cline|vscode-languageserver)\b/i,
];

/**
 * Every name under which a package may stand in the lists: itself, its scope, and each run of its words, since
 * ecosystems wrap upstream names in patterns of their own ("golang-github-labstack-echo.v4-dev", "libjs-codemirror").
 * It refuses too much ("rich-text"), never too little.
 */
function projectNames(name: string): string[] {
  return [name, ...name.split("/"), ...runs(name.split(/[^a-z0-9.]+/)), ...runs(name.split(/[^a-z0-9]+/))];
}

/** Neighbouring words joined by hyphens, as they stand and without "lib" before and numbers behind them. */
function runs(words: readonly string[]): string[] {
  const plain = (word: string): string => word.replace(/^lib(?=.)/, "").replace(/(?<=.)\.?v?\d+$/, "");
  return [words, words.map(plain)].flatMap((parts) => parts.flatMap((_, first) =>
    parts.slice(first).map((__, count) => parts.slice(first, first + count + 1).join("-"))));
}
