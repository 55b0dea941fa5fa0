import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

/** Absolute path of the repository's root. */
export const root = path.resolve(__dirname, "..", "..");

/** Folders that hold no file of ours, for a checkout without git. */
const ignored = new Set(["node_modules", "dist", "out", ".cache", ".git", ".vscode-test", "artifacts"]);

/** Paths of the project's files, relative to the root, with `/`: what git tracks, or what lies there where git cannot say. */
export function projectFiles(): string[] {
  try {
    const listed = execFileSync("git", ["ls-files", "-z", "--cached"], { cwd: root, encoding: "utf8", maxBuffer: 1 << 26, stdio: ["ignore", "pipe", "ignore"] });
    const files = listed.split("\0").filter((file) => file !== "");
    if (files.length > 0) return files;
  } catch {
    // No git, or a checkout that belongs to somebody else.
  }
  return walk("");
}

/** Sources of ours that the architecture holds for: everything but the sample projects. */
export function sourcePaths(): string[] {
  return walk("").filter((file) => /^(src|test|scripts|models)\//.test(file) && /\.[cm]?[jt]s$/.test(file) && !file.startsWith("test/fixtures/"));
}

export function readProjectFile(file: string): string {
  return readFileSync(path.join(root, file), "utf8");
}

export function readProjectBytes(file: string): Buffer {
  return readFileSync(path.join(root, file));
}

function walk(folder: string): string[] {
  return readdirSync(path.join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const file = folder === "" ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) return ignored.has(entry.name) ? [] : walk(file);
    return entry.isFile() && !entry.name.endsWith(".vsix") ? [file] : [];
  });
}
