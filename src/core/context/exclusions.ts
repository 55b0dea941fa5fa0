import ignore, { type Ignore } from "ignore";
import { signOfHead, signOfName, type ContentSign } from "./contentSigns";
import { ignorePatternsOfGlob, expandBraces } from "./globs";
import { isSecretName } from "./secretNames";

/** Why a file is kept out; short, for the status and for "left out" lines. Holds no content. */
export type ExclusionReason =
  | "outside the workspace"
  | "symlink out of the workspace"
  | "secret by name"
  | "private key"
  | "version control or dependency folder"
  | "ignore file"
  | ".ghostlightignore"
  | "editor's exclude settings"
  | "your exclude globs"
  | "binary"
  | "generated"
  | "minified"
  | "too large"
  | "not readable"
  /** The rule of a policy file that keeps it out of the index and so out of every prompt, with the file's name. */
  | `policy: ${string}`;

export type ExclusionDecision = { readonly excluded: false } | { readonly excluded: true; readonly reason: ExclusionReason };

/** What is known of a file beside its name. Absent fields are not judged. */
export interface FileFacts {
  readonly sizeBytes?: number;
  /** Up to the first 8 KiB. */
  readonly head?: Uint8Array;
  /** Where the path really leads, relative to the real root; null: out of the workspace. Absent: it is no link. */
  readonly target?: string | null;
}

/** One ignore file. `kind` tells which rules it belongs to; each kind decides for itself, excluding only. */
export interface IgnoreFile {
  readonly kind: "git" | "ghostlight";
  /** Folder it stands in, relative to the workspace, no trailing slash; empty for the root and for folders above it. */
  readonly directory: string;
  /** For a folder above the workspace: the path from there to the workspace (`packages/app`); empty otherwise. */
  readonly above: string;
  readonly text: string;
}

export interface ExclusionRules {
  readonly editorExcludes: readonly string[];
  readonly userGlobs: readonly string[];
  readonly maximumFileBytes: number;
}

/** The one place that says whether a file may reach a prompt or the index (design §3, §4 line 10). */
export interface Exclusions {
  /** Puts in place the text of an ignore file, or takes it away with null. Other ignore files stay. */
  setIgnoreFile(file: Omit<IgnoreFile, "text"> & { readonly text: string | null }): void;
  /** Puts in place what policy files keep out (`EffectivePolicy.neverIndex`): the rule in words by path. Nothing lets such a file back in. */
  setPolicy(neverIndex: (path: string) => string | undefined): void;
  /** Judges a file by its workspace-relative path (with `/`) and by what else is known. */
  decide(path: string, facts?: FileFacts): ExclusionDecision;
  /** Judges a folder by its path; an excluded folder need not be entered. */
  decideFolder(path: string): ExclusionDecision;
}

const PASSED: ExclusionDecision = { excluded: false };
const ALWAYS_SKIPPED = /(^|\/)(\.git|\.hg|\.svn|\.bzr|CVS|node_modules|bower_components|jspm_packages|__pycache__|\.venv|site-packages|\.tox|\.nox|\.mypy_cache|\.pytest_cache|\.ruff_cache|\.gradle|\.cache|\.vscode-test)(\/|$)/i;

interface Layer {
  readonly file: Omit<IgnoreFile, "text">;
  readonly rules: Ignore;
}

/** Creates the rules without any ignore file yet. Sources of the rules: see each reason. */
export function createExclusions(rules: ExclusionRules): Exclusions {
  const layers = new Map<string, Layer>();
  const editor = ignore().add(rules.editorExcludes.flatMap(ignorePatternsOfGlob));
  const user = ignore().add(rules.userGlobs.flatMap((glob) => expandBraces(glob.trim()) ?? [glob]));

  let neverIndex: (path: string) => string | undefined = () => undefined;

  const byPath = (path: string, folder: boolean): ExclusionReason | undefined => {
    if (!ignore.isPathValid(path)) return "outside the workspace";
    if (ALWAYS_SKIPPED.test(path)) return "version control or dependency folder";
    if (isSecretName(folder ? `${path}/.` : path)) return "secret by name";
    const asked = folder ? `${path}/` : path;
    const rule = neverIndex(asked);
    if (rule !== undefined) return `policy: ${rule}`;
    if (ignoredByLayers([...layers.values()].filter(({ file }) => file.kind === "git"), asked)) return "ignore file";
    if (ignoredByLayers([...layers.values()].filter(({ file }) => file.kind === "ghostlight"), asked)) return ".ghostlightignore";
    if (editor.ignores(asked)) return "editor's exclude settings";
    return user.ignores(asked) ? "your exclude globs" : undefined;
  };
  const byFile = (path: string): ExclusionReason | undefined => byPath(path, false) ?? signOfName(path);

  return {
    setIgnoreFile({ text, ...file }) {
      const key = `${file.kind}:${file.above}:${file.directory}`;
      const layer = text === null ? undefined : layerOf(file, text);
      if (layer) layers.set(key, layer);
      else layers.delete(key);
    },
    setPolicy(rules) {
      neverIndex = rules;
    },
    decide(path, facts = {}) {
      const reason = (facts.target === null ? "symlink out of the workspace" : undefined) ?? byFile(path) ?? (facts.target ? byFile(facts.target) : undefined) ?? byContent(facts, rules.maximumFileBytes);
      return reason ? { excluded: true, reason } : PASSED;
    },
    decideFolder(path) {
      const reason = path === "" ? undefined : byPath(path, true);
      return reason ? { excluded: true, reason } : PASSED;
    },
  };
}

function byContent(facts: FileFacts, maximumFileBytes: number): ExclusionReason | ContentSign | undefined {
  if (facts.sizeBytes !== undefined && facts.sizeBytes > maximumFileBytes) return "too large";
  return facts.head ? signOfHead(facts.head) : undefined;
}

/** A rule file above the workspace that ignores the workspace itself is dropped: the person opened that folder on purpose. */
function layerOf(file: Omit<IgnoreFile, "text">, text: string): Layer | undefined {
  const rules = ignore().add(text);
  if (file.above !== "" && rules.ignores(`${file.above}/`)) return undefined;
  return { file, rules };
}

/**
 * git's rule: each part of the path is judged from the outside in; for one part the nearest ignore file with an opinion wins.
 * An ignored folder stays ignored whatever stands in it.
 */
function ignoredByLayers(layers: readonly Layer[], path: string): boolean {
  if (layers.length === 0) return false;
  const sorted = [...layers].sort((a, b) => depth(b.file) - depth(a.file));
  for (const part of prefixes(path)) {
    for (const { file, rules } of sorted) {
      const local = localPath(file, part);
      if (local === undefined) continue;
      const result = rules.test(local);
      if (result.ignored) return true;
      if (result.unignored) break;
    }
  }
  return false;
}

/** `a/b/c` → `a/`, `a/b/`, `a/b/c`; a trailing slash stays. */
function prefixes(path: string): string[] {
  const found: string[] = [];
  for (let slash = path.indexOf("/"); slash >= 0; slash = path.indexOf("/", slash + 1)) found.push(path.slice(0, slash + 1));
  if (!path.endsWith("/")) found.push(path);
  return found;
}

function localPath(file: Omit<IgnoreFile, "text">, path: string): string | undefined {
  if (file.above !== "") return `${file.above}/${path}`;
  if (file.directory === "") return path;
  const start = `${file.directory}/`;
  return path.startsWith(start) && path.length > start.length ? path.slice(start.length) : undefined;
}

function depth(file: Omit<IgnoreFile, "text">): number {
  if (file.above !== "") return -file.above.split("/").length;
  return file.directory === "" ? 0 : file.directory.split("/").length;
}
