import { readFile, stat } from "node:fs/promises";
import path from "node:path";
import type { ListedFile } from "../../core/recall/fileOrder";
import { walk } from "./walk";
import type { WorkspaceExclusions } from "./workspaceExclusions";

/** Files asked for their size and time at once. */
const AT_ONCE = 64;

/** The files of a folder that may be indexed as far as names and rules tell, and what was left out by reason. */
export interface Listing {
  readonly files: readonly ListedFile[];
  readonly excluded: Record<string, number>;
}

/** Lists a folder without opening its files. `onProgress` is called between batches; gives undefined when `goesOn` says no. */
export async function listFiles(root: string, exclusions: WorkspaceExclusions, maximumFileBytes: number, goesOn: () => boolean): Promise<Listing | undefined> {
  const files: ListedFile[] = [];
  const excluded: Record<string, number> = {};
  const leaveOut = (reason: string): void => { excluded[reason] = (excluded[reason] ?? 0) + 1; };
  const takeIn = async (paths: readonly string[]): Promise<void> => {
    for (const file of await Promise.all(paths.map((name) => listed(root, name)))) {
      if (!file) leaveOut("not readable");
      else if (file.bytes > maximumFileBytes) leaveOut("too large");
      else files.push(file);
    }
  };
  let batch: string[] = [];
  for await (const step of walk(root, exclusions, () => true)) {
    if ("file" in step) batch.push(step.file);
    else leaveOut(step.reason);
    if (batch.length < AT_ONCE) continue;
    await takeIn(batch);
    batch = [];
    if (!goesOn()) return undefined;
  }
  await takeIn(batch);
  return goesOn() ? { files, excluded } : undefined;
}

/** A file's content, the reason it is excluded, or undefined when it cannot be read. */
export type Judged = Buffer | { readonly reason: string } | undefined;

/** Reads a file once and asks the exclusions with its content; links are resolved. */
export async function judgeFile(root: string, file: string, exclusions: WorkspaceExclusions): Promise<Judged> {
  const content = await readFile(path.join(root, file)).catch(() => undefined);
  const decision = content && (await exclusions.decideContent(file, content));
  return decision?.excluded === true ? { reason: decision.reason } : content;
}

async function listed(root: string, file: string): Promise<ListedFile | undefined> {
  const facts = await stat(path.join(root, file)).catch(() => undefined);
  return facts && { path: file, bytes: facts.size, modified: facts.mtimeMs };
}
