import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

/** What starts the engine process: the editor's own binary as Node, or a Node found on the machine. */
export interface Runtime {
  readonly kind: "editor" | "node";
  readonly command: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** The user's choice: let Ghostlight find one, one of the two kinds, or the path of a Node binary. */
export type RuntimeSetting = "auto" | "editor" | "node" | (string & {});

/** Oldest Node that runs the engine. */
const OLDEST_NODE = 20;

/** The running process's own binary. Under Electron the variable makes it behave as Node; elsewhere it changes nothing. */
export function ownRuntime(): Runtime {
  return { kind: "editor", command: process.execPath, environment: { ELECTRON_RUN_AS_NODE: "1" } };
}

/**
 * Runtimes to try, in order. The one that died while loading a model is not tried first again (Electron's allocator
 * traps on large aligned allocations: electron#44291). A Node is looked for only when it is its turn: asking one for its
 * version costs as much as starting it.
 */
export async function* runtimesToTry(setting: RuntimeSetting, lastDied: Runtime["kind"] | undefined): AsyncGenerator<Runtime, void> {
  if (setting !== "auto" && setting !== "node" && setting !== "editor") {
    yield { kind: "node", command: setting, environment: {} };
    return;
  }
  if (setting === "editor" || (setting === "auto" && lastDied !== "editor")) yield ownRuntime();
  if (setting === "editor") return;
  const node = await findNode();
  if (node) yield node;
  if (setting === "auto" && lastDied === "editor") yield ownRuntime();
}

/** The first Node of version 20 or newer on the PATH. */
async function findNode(): Promise<Runtime | undefined> {
  const name = process.platform === "win32" ? "node.exe" : "node";
  for (const folder of (process.env["PATH"] ?? "").split(delimiter)) {
    const command = join(folder, name);
    if (folder === "" || !existsSync(command)) continue;
    if ((await majorVersion(command)) >= OLDEST_NODE) return { kind: "node", command, environment: {} };
  }
  return undefined;
}

/** 0 for a file that is no Node. One that the system cannot start at all throws at once, on Windows every file that is no program. */
async function majorVersion(command: string): Promise<number> {
  const output = await new Promise<string>((resolve) => {
    execFile(command, ["--version"], { timeout: 5_000 }, (error, said) => { resolve(error ? "" : said); });
  }).catch(() => "");
  return Number(/^v(\d+)\./.exec(output)?.[1] ?? 0);
}
