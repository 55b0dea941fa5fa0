/** A file that may be indexed, as the disk tells of it. */
export interface ListedFile {
  /** Relative to the workspace, with `/`. */
  readonly path: string;
  readonly bytes: number;
  /** Milliseconds since 1970. */
  readonly modified: number;
}

/** The folders of so many newest files count as near, like those of open files. */
const NEWEST = 20;

/**
 * The files in the order in which they are worth indexing, so that what a cap leaves out is the farthest and oldest:
 * open files, then files beside those and beside the newest ones, then the rest, each newest first.
 */
export function orderFiles(files: readonly ListedFile[], openFiles: readonly string[]): ListedFile[] {
  const byTime = [...files].sort((left, right) => right.modified - left.modified || (left.path < right.path ? -1 : 1));
  const open = new Set(openFiles);
  const near = new Set([...openFiles, ...byTime.slice(0, NEWEST).map((file) => file.path)].map(folderOf));
  const rank = ({ path }: ListedFile): number => (open.has(path) ? 0 : near.has(folderOf(path)) ? 1 : 2);
  return byTime.map((file) => ({ file, rank: rank(file) })).sort((left, right) => left.rank - right.rank).map(({ file }) => file);
}

function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}
