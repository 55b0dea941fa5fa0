import { open, readFile, realpath, stat } from "node:fs/promises";
import path from "node:path";
import { HEAD_BYTES } from "../../core/context/contentSigns";
import { isSecretName } from "../../core/context/secretNames";
import { createPolicyFiles, machinePolicyFiles, type PolicyFiles } from "../outgoing/policyFiles";
import { createExclusions, type ExclusionDecision, type ExclusionReason, type ExclusionRules, type Exclusions, type FileFacts, type IgnoreFile } from "../../core/context/exclusions";

/** What the exclusions of one folder are built from. */
export interface WorkspaceExclusionOptions {
  /** Absolute; null when no folder is open: then files are judged by name and content only. */
  readonly root: string | null;
  readonly editorExcludes: readonly string[];
  readonly userGlobs: readonly string[];
  readonly limits?: Partial<{ readonly maximumFileBytes: number }>;
  /** Look at the ignore files' times with every question (the host), or read each once (one walk of the index). */
  readonly recheck: boolean;
  /** Whether ignore files above the folder count, up to the git repository it lies in; false: nothing above it is looked at. */
  readonly readAbove: boolean;
  /** Absolute paths of the machine's policy files; those of this system where absent. The folder's own policy counts always. */
  readonly machinePolicies?: readonly string[];
}

/** Asks the disk for what `core/context/exclusions.ts` decides on. Not readable means excluded: it fails closed. */
export interface WorkspaceExclusions {
  /** Judges a file; relative or absolute path. A file that does not exist (yet) is judged by its name and its folder. */
  decide(file: string): Promise<ExclusionDecision>;
  /** Judges a text that stands in for a file, whatever the disk holds in its place; links are resolved all the same. */
  decideText(file: string, text: string): Promise<ExclusionDecision>;
  /** Judges a file whose whole content was read already, so that it is not opened a second time. */
  decideContent(file: string, content: Uint8Array): Promise<ExclusionDecision>;
  /** Judges a file inside the folder by its name and rules alone, without opening it. */
  decideName(file: string): Promise<ExclusionDecision>;
  /** Judges a folder by its name and rules. */
  decideFolder(folder: string): Promise<ExclusionDecision>;
}

/** Reasons that no ignore file can change. */
const ALWAYS: ReadonlySet<ExclusionReason> = new Set<ExclusionReason>(["version control or dependency folder", "secret by name", "outside the workspace"]);
const DEFAULT_MAXIMUM_BYTES = 1024 * 1024;

/** The exclusions of one folder. Holds no handle, so there is nothing to dispose of. */
export function createWorkspaceExclusions(options: WorkspaceExclusionOptions): WorkspaceExclusions {
  const rules: ExclusionRules = {
    editorExcludes: options.editorExcludes,
    userGlobs: options.userGlobs,
    maximumFileBytes: options.limits?.maximumFileBytes ?? DEFAULT_MAXIMUM_BYTES,
  };
  const exclusions = createExclusions(rules);
  const machineFiles = options.machinePolicies ?? machinePolicyFiles(process.platform, process.env);
  if (options.root === null) return withoutFolder(exclusions, createPolicyFiles({ folders: () => [], machineFiles }));
  const root = path.resolve(options.root);
  const readPolicy = createPolicyReader(createPolicyFiles({ folders: () => [root], machineFiles }), exclusions, options.recheck);
  const ignoreFiles = createIgnoreFileReader(root, exclusions, options);
  const realRoot = realpath(root).catch(() => root);
  const decideWith = async (file: string, contentOf: ContentFacts): Promise<ExclusionDecision> => {
    const relative = relativePath(root, file) ?? relativePath(await realRoot, file);
    if (relative === undefined || relative === "") return { excluded: true, reason: "outside the workspace" };
    const always = exclusions.decide(relative);
    // Thousands of changes in such folders are told when a package is installed: no disk for them.
    if (always.excluded && ALWAYS.has(always.reason)) return always;
    await Promise.all([readPolicy(), ignoreFiles.readFor(relative)]);
    const byName = exclusions.decide(relative);
    if (byName.excluded) return byName;
    const facts = await factsOf(path.join(root, relative), relative, await realRoot, contentOf);
    if (facts === undefined) return { excluded: true, reason: "not readable" };
    if (facts.target) await ignoreFiles.readFor(facts.target);
    return exclusions.decide(relative, facts);
  };
  return {
    decide: (file) => decideWith(file, contentFacts),
    decideText: (file, text) => decideWith(file, () => Promise.resolve(textFacts(text))),
    decideContent: (file, content) => decideWith(file, () => Promise.resolve({ sizeBytes: content.length, head: content.subarray(0, HEAD_BYTES) })),
    async decideName(file) {
      const always = exclusions.decide(file);
      if (always.excluded && ALWAYS.has(always.reason)) return always;
      await Promise.all([readPolicy(), ignoreFiles.readFor(file)]);
      return exclusions.decide(file);
    },
    async decideFolder(folder) {
      const relative = relativePath(root, folder);
      if (relative === undefined) return { excluded: true, reason: "outside the workspace" };
      await Promise.all([readPolicy(), ignoreFiles.readFor(`${relative}/.`)]);
      return exclusions.decideFolder(relative);
    },
  };
}

/** Puts the policies in place: before every question that looks at the disk anew, or once. */
function createPolicyReader(policies: PolicyFiles, exclusions: Exclusions, recheck: boolean): () => Promise<void> {
  let read: Promise<void> | undefined;
  const readNow = async (): Promise<void> => exclusions.setPolicy((await policies.read()).neverIndex);
  return () => (recheck ? readNow() : (read ??= readNow()));
}

/** Without a folder there is no "inside": only the names and contents of single files are judged, and the machine's policy. */
function withoutFolder(exclusions: Exclusions, policies: PolicyFiles): WorkspaceExclusions {
  const decideNamed = async (file: string, facts: FileFacts): Promise<ExclusionDecision> => {
    const name = toSlashes(file);
    if (isSecretName(name)) return { excluded: true, reason: "secret by name" };
    const rule = (await policies.read()).neverIndex(name);
    if (rule !== undefined) return { excluded: true, reason: `policy: ${rule}` };
    // Only the file's own name: a person may open a single file of a package or a cache.
    return exclusions.decide(path.posix.basename(name) || "untitled", facts);
  };
  const decideWith = async (file: string, contentOf: ContentFacts): Promise<ExclusionDecision> => {
    const real = await realpath(file).catch(() => file);
    const facts = await contentOf(real);
    const decisions = await Promise.all([file, real].map((name) => decideNamed(name, facts ?? {})));
    const excluded = decisions.find((decision) => decision.excluded);
    return excluded ?? (facts === undefined ? { excluded: true, reason: "not readable" } : { excluded: false });
  };
  return {
    decide: (file) => decideWith(file, contentFacts),
    decideText: (file, text) => decideWith(file, () => Promise.resolve(textFacts(text))),
    decideContent: (file, content) => decideWith(file, () => Promise.resolve({ sizeBytes: content.length, head: content.subarray(0, HEAD_BYTES) })),
    decideName: (file) => decideNamed(file, {}),
    decideFolder: () => Promise.resolve({ excluded: true, reason: "outside the workspace" }),
  };
}

/** undefined: it exists but cannot be read. A path that does not exist gives the facts of its nearest existing folder's link. */
async function factsOf(absolute: string, relative: string, realRoot: string, contentOf: ContentFacts): Promise<FileFacts | undefined> {
  const real = await realPathOf(absolute);
  const target = relativePath(realRoot, real) ?? null;
  if (target === null) return { target };
  const facts = await contentOf(real);
  return facts && (target === relative ? facts : { ...facts, target });
}

async function realPathOf(absolute: string): Promise<string> {
  const real = await realpath(absolute).catch((error: NodeJS.ErrnoException) => error);
  if (typeof real === "string") return real;
  const parent = path.dirname(absolute);
  return parent === absolute ? absolute : path.join(await realPathOf(parent), path.basename(absolute));
}

type ContentFacts = (file: string) => Promise<FileFacts | undefined>;

/** What a text tells of itself, as its file's content would. */
function textFacts(text: string): FileFacts {
  return { sizeBytes: Buffer.byteLength(text), head: Buffer.from(text.slice(0, HEAD_BYTES)).subarray(0, HEAD_BYTES) };
}

async function contentFacts(file: string): Promise<FileFacts | undefined> {
  const handle = await open(file, "r").catch((error: NodeJS.ErrnoException) => error);
  if (handle instanceof Error) return handle.code === "ENOENT" || handle.code === "ENOTDIR" ? {} : undefined;
  try {
    const { size } = await handle.stat();
    const head = new Uint8Array(Math.min(HEAD_BYTES, size));
    const { bytesRead } = await handle.read(head, 0, head.length, 0);
    return { sizeBytes: size, head: head.subarray(0, bytesRead) };
  } catch {
    return undefined;
  } finally {
    await handle.close();
  }
}

/** Reads the ignore files that stand over a path and hands their text to the pure rules. */
function createIgnoreFileReader(root: string, exclusions: Exclusions, { recheck, readAbove }: Pick<WorkspaceExclusionOptions, "recheck" | "readAbove">) {
  const known = new Map<string, number>();
  const reading = new Map<string, Promise<void>>();
  const folders = new Map<string, Promise<void>>();
  const above = readAbove ? ignoreFilesAbove(root) : Promise.resolve([]);
  const readNow = async (file: string, place: Omit<IgnoreFile, "text">): Promise<void> => {
    const modified = await stat(file).then(({ mtimeMs, size }) => mtimeMs + size / 1e9, () => -1);
    if (known.get(file) === modified) return;
    exclusions.setIgnoreFile({ ...place, text: modified < 0 ? null : await readFile(file, "utf8").catch(() => null) });
    known.set(file, modified);
  };
  /** One reading of a file after the other: nobody is answered by rules that somebody else is still reading. */
  const read = (file: string, place: Omit<IgnoreFile, "text">): Promise<void> => {
    const earlier = reading.get(file);
    if (earlier && !recheck) return earlier;
    const turn = earlier ? earlier.then(() => readNow(file, place)) : readNow(file, place);
    reading.set(file, turn);
    return turn;
  };
  const readDownTo = async (folder: string): Promise<void> => {
    for (const { file, place } of await above) await read(file, place);
    const parts = folder === "" ? [] : folder.split("/");
    for (let count = 0; count <= parts.length; count++) {
      const directory = parts.slice(0, count).join("/");
      await read(path.join(root, directory, ".gitignore"), { kind: "git", directory, above: "" });
      await read(path.join(root, directory, ".ghostlightignore"), { kind: "ghostlight", directory, above: "" });
    }
  };
  return {
    readFor(relative: string): Promise<void> {
      const folder = relative.slice(0, Math.max(0, relative.lastIndexOf("/")));
      const earlier = recheck ? undefined : folders.get(folder);
      if (earlier) return earlier;
      const turn = readDownTo(folder);
      if (!recheck) folders.set(folder, turn);
      return turn;
    },
  };
}

/** The ignore files from the root of the git repository down to the workspace's parent. */
async function ignoreFilesAbove(root: string): Promise<{ file: string; place: Omit<IgnoreFile, "text"> }[]> {
  for (let top = root; ; top = path.dirname(top)) {
    if (await stat(path.join(top, ".git")).then(() => true, () => false)) return filesBetween(top, root);
    if (path.dirname(top) === top) return [];
  }
}

function filesBetween(top: string, root: string): { file: string; place: Omit<IgnoreFile, "text"> }[] {
  const found: { file: string; place: Omit<IgnoreFile, "text"> }[] = [];
  for (let folder = path.dirname(root); folder.length >= top.length; folder = path.dirname(folder)) {
    found.push({ file: path.join(folder, ".gitignore"), place: { kind: "git", directory: "", above: toSlashes(path.relative(folder, root)) } });
    if (path.dirname(folder) === folder) break;
  }
  return found;
}

function relativePath(root: string, file: string): string | undefined {
  const relative = path.relative(root, path.resolve(root, file));
  if (relative === ".." || relative.startsWith(`..${path.sep}`) || path.isAbsolute(relative)) return undefined;
  return toSlashes(relative);
}

function toSlashes(file: string): string {
  return path.sep === "/" ? file : file.split(path.sep).join("/");
}
