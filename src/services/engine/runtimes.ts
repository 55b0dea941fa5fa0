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
 * traps on large aligned allocations: electron#44291).
 */
export async function runtimesToTry(setting: RuntimeSetting, lastDied: Runtime["kind"] | undefined): Promise<Runtime[]> {
  if (setting === "editor") return [ownRuntime()];
  if (setting !== "auto" && setting !== "node") return [{ kind: "node", command: setting, environment: {} }];
  const node = await findNode();
  if (setting === "node") return node ? [node] : [];
  const all = node ? [ownRuntime(), node] : [ownRuntime()];
  return [...all.filter((runtime) => runtime.kind !== lastDied), ...all.filter((runtime) => runtime.kind === lastDied)];
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

function majorVersion(command: string): Promise<number> {
  return new Promise((resolve) => {
    execFile(command, ["--version"], { timeout: 5_000 }, (error, output) => {
      resolve(error ? 0 : Number(/^v(\d+)\./.exec(output)?.[1] ?? 0));
    });
  });
}
