/** One place where a file changed. Lines are counted from 1. */
export interface Hunk {
  /** First added line in the new file; meaningless where nothing was added. */
  readonly newStart: number;
  readonly newCount: number;
  /** Text of the removed lines. */
  readonly removed: readonly string[];
}

/** One file of a diff. A path is null on the side where the file does not exist. */
export interface FileDiff {
  readonly oldPath: string | null;
  readonly newPath: string | null;
  readonly hunks: readonly Hunk[];
}

const HUNK = /^@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/;

/**
 * Reads `git diff -U0 --no-renames` with the prefixes `a/` and `b/`. Bodies are counted by their header, so a removed
 * line that looks like a header is a removed line. Files without hunks (binary, mode changes) are left out.
 */
export function parseDiff(text: string): FileDiff[] {
  const files: { oldPath: string | null; newPath: string | null; hunks: Hunk[] }[] = [];
  const lines = text.split("\n");
  let oldPath: string | null = null;
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index] ?? "";
    if (line.startsWith("--- ")) oldPath = pathOf(line.slice(4));
    else if (line.startsWith("+++ ")) files.push({ oldPath, newPath: pathOf(line.slice(4)), hunks: [] });
    const header = HUNK.exec(line);
    if (!header) continue;
    const [removedCount, newCount] = [Number(header[1] ?? 1), Number(header[3] ?? 1)];
    const body = bodyOf(lines, index + 1, removedCount + newCount);
    files.at(-1)?.hunks.push({ newStart: Number(header[2]), newCount, removed: body.lines.slice(0, removedCount).map((removed) => removed.slice(1)) });
    index = body.end - 1;
  }
  return files;
}

/** `count` lines from `start`, without git's note that the last line of a file has no line break. */
function bodyOf(lines: readonly string[], start: number, count: number): { lines: string[]; end: number } {
  const found: string[] = [];
  let end = start;
  while (end < lines.length && (found.length < count || (lines[end] ?? "").startsWith("\\"))) {
    const line = lines[end] ?? "";
    if (!line.startsWith("\\")) found.push(line);
    end += 1;
  }
  return { lines: found, end };
}

/** The path behind `a/` or `b/`; null for `/dev/null`. git adds a tab after names with blanks and quotes odd ones. */
function pathOf(field: string): string | null {
  const name = field.replace(/[\t\r]+$/, "");
  const plain = name.startsWith('"') && name.endsWith('"') ? unquoted(name.slice(1, -1)) : name;
  return plain === "/dev/null" ? null : plain.slice(2);
}

function unquoted(text: string): string {
  return text.replace(/\\(.)/g, (_, character: string) => ({ t: "\t", n: "\n", r: "\r" })[character] ?? character);
}
