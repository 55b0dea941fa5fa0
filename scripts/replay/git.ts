import { execFile, spawn } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import { isAbortError } from "../../src/core/util/abort";
import { PlainError } from "../project";

/** The bytes of one file at one commit; `bytes` is undefined where the repository does not hold them. */
export interface Blob {
  readonly path: string;
  readonly bytes: Buffer | undefined;
}

export interface GitOptions {
  readonly input?: string;
  readonly environment?: NodeJS.ProcessEnv;
  /** A command that did part of its work still counts. */
  readonly tolerant?: boolean;
}

/** Runs git on a git directory and gives its standard output. Nothing that the repository configures is run, nothing is fetched. */
export function git(directory: string, args: readonly string[], signal: AbortSignal, options: GitOptions = {}): Promise<Buffer> {
  const fixed = ["--git-dir", directory, "-c", "core.quotePath=false", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "core.symlinks=false", "-c", "core.autocrlf=false"];
  return new Promise((resolve, reject) => {
    const child = spawn("git", [...fixed, ...args], { signal, env: { ...process.env, GIT_NO_LAZY_FETCH: "1", GIT_OPTIONAL_LOCKS: "0", ...options.environment }, stdio: "pipe" });
    const output: Buffer[] = [];
    const errors: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => output.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => errors.push(chunk));
    child.once("error", reject);
    child.once("close", (code) => {
      if (code === 0 || options.tolerant === true) resolve(Buffer.concat(output));
      else reject(new PlainError(`git ${args[0] ?? ""} of ${directory} ended with code ${String(code)}: ${Buffer.concat(errors).toString("utf8").trim().split("\n")[0] ?? ""}`));
    });
    // git may end before it has read everything; its exit code tells.
    child.stdin.on("error", () => undefined);
    child.stdin.end(options.input ?? "");
  });
}

/** The git directory of a repository: of a work tree, of a bare repository, or the directory itself. */
export async function gitDirectoryOf(folder: string, signal: AbortSignal): Promise<string> {
  const found = await promisify(execFile)("git", ["-C", folder, "rev-parse", "--absolute-git-dir"], { signal }).catch((error: unknown) => {
    if (isAbortError(error)) throw error;
    throw new PlainError(`${folder}: no git repository can be read there`);
  });
  // git writes "/" on Windows too.
  return path.normalize(found.stdout.trim());
}

/** The newest commit and the one `since` commits earlier, both along the first parents; the root where there are fewer. */
export async function spanOf(directory: string, since: number, signal: AbortSignal): Promise<{ old: string; now: string; commits: number }> {
  const listed = await git(directory, ["rev-list", "--first-parent", "-n", String(since + 1), "HEAD"], signal);
  const commits = listed.toString("utf8").trim().split("\n");
  const [now, old] = [commits[0], commits.at(-1)];
  if (now === undefined || old === undefined || now === old) throw new PlainError(`${directory}: its history has one commit; a span needs two`);
  return { old, now, commits: commits.length - 1 };
}

/** `git diff -U0 --no-renames` of two commits. Text that is not UTF-8 is read as Latin-1 would be. */
export async function diffOf(directory: string, old: string, now: string, signal: AbortSignal): Promise<string> {
  const args = ["diff", "-U0", "--no-renames", "--no-ext-diff", "--no-textconv", "--no-color", "--src-prefix=a/", "--dst-prefix=b/", "--ignore-submodules", old, now];
  return (await git(directory, args, signal)).toString("utf8");
}

/** The files of one commit, in the order of the paths. Paths must hold no line break. */
export async function blobsOf(directory: string, commit: string, paths: readonly string[], signal: AbortSignal): Promise<Blob[]> {
  const output = await git(directory, ["cat-file", "--batch"], signal, { input: paths.map((path) => `${commit}:${path}\n`).join("") });
  let position = 0;
  return paths.map((path) => {
    const end = output.indexOf("\n", position);
    const size = / blob (\d+)$/.exec(output.toString("utf8", position, end))?.[1];
    position = end + 1;
    if (size === undefined) return { path, bytes: undefined };
    const bytes = output.subarray(position, position + Number(size));
    position += Number(size) + 1;
    return { path, bytes };
  });
}

/** Writes the tree of a commit into an empty folder, symbolic links as plain files. Blobs that the repository lacks are left out. */
export async function checkOut(directory: string, commit: string, folder: string, indexFile: string, exclude: readonly string[], signal: AbortSignal): Promise<void> {
  const environment = { GIT_INDEX_FILE: indexFile };
  await git(directory, ["read-tree", commit], signal, { environment });
  if (exclude.length > 0) {
    const listed = await git(directory, ["ls-files", "-z", "--cached", "--ignored", ...exclude.map((line) => `--exclude=${line}`)], signal, { environment });
    await git(directory, ["update-index", "--force-remove", "-z", "--stdin"], signal, { environment, input: listed.toString("utf8") });
  }
  await git(directory, ["--work-tree", folder, "checkout-index", "--all", "--force", "--quiet"], signal, { environment, tolerant: true });
}
