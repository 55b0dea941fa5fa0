import { access, constants } from "node:fs/promises";
import path from "node:path";
import { PlainError, runCommand } from "../project";

/** A program the tests need from the system. */
export interface SystemTool {
  /** Names under which it may stand on PATH, best first. */
  readonly programs: readonly string[];
  /** Full paths to look at as well. */
  readonly places?: readonly string[];
  /** Package of Debian and Ubuntu that brings it. */
  readonly debianPackage: string;
  /** What it is for, as the end of "is needed to ...". */
  readonly purpose: string;
  /** Another way to get it or to point at it, in a sentence. */
  readonly otherwise?: string;
}

/** The program's path. Installs it with apt when run as root on Debian or Ubuntu; otherwise throws a plain error that says how to get it. */
export async function requireSystemTool(tool: SystemTool): Promise<string> {
  const found = await findSystemTool(tool);
  if (found) return found;
  if (process.getuid?.() === 0 && (await findProgram("apt-get"))) {
    console.log(`Installing ${tool.debianPackage} from the system's packages ...`);
    await aptInstall(tool.debianPackage).catch((error: unknown) => {
      throw new PlainError(`${missing(tool)}\nInstalling it failed: ${error instanceof Error ? error.message : String(error)}`);
    });
    const installed = await findSystemTool(tool);
    if (installed) return installed;
  }
  throw new PlainError(missing(tool));
}

/** The program's path, or null. */
export async function findSystemTool(tool: Pick<SystemTool, "programs" | "places">): Promise<string | null> {
  for (const program of tool.programs) {
    const found = await findProgram(program);
    if (found) return found;
  }
  for (const place of tool.places ?? []) {
    if (await isExecutable(place)) return place;
  }
  return null;
}

async function findProgram(name: string): Promise<string | null> {
  for (const folder of (process.env["PATH"] ?? "").split(path.delimiter)) {
    const candidate = path.join(folder, name);
    // On Ubuntu these are stubs that only tell people to install a snap.
    if (folder !== "" && !name.endsWith("-browser") && (await isExecutable(candidate))) return candidate;
  }
  return null;
}

async function isExecutable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(() => true, () => false);
}

async function aptInstall(name: string): Promise<void> {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const install = ["install", "--yes", "--no-install-recommends", name];
  // The lists of a fresh machine are empty: the first attempt fails there at once.
  await runCommand("apt-get", install, { env, quiet: true }).catch(async () => {
    await runCommand("apt-get", ["update"], { env, quiet: true });
    await runCommand("apt-get", install, { env, quiet: true });
  });
}

function missing(tool: SystemTool): string {
  const lines = [`Missing: ${tool.programs.join(" or ")}. It is needed to ${tool.purpose}.`, `Get it with: sudo apt-get install ${tool.debianPackage}`];
  return tool.otherwise ? [...lines, tool.otherwise].join("\n") : lines.join("\n");
}
