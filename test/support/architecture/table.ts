/** Reads the rules out of ARCHITECTURE.md: its tables are the only place where they stand. */

/** What one folder under `src` (or a single file such as `extension.ts`) may touch. */
export interface FolderRule {
  readonly folder: string;
  readonly imports: readonly string[];
  readonly vscode: boolean;
  /** Built-ins that may be imported, without `node:`. Empty: none, and no global of Node either. */
  readonly builtins: "all" | readonly string[];
  readonly dom: boolean;
  /** Path prefixes under `src` where connections may be opened. Empty: nowhere. */
  readonly connections: readonly string[];
}

export interface ArchitectureRules {
  readonly folders: readonly FolderRule[];
  /** npm package → folders that may import it. A package without a line may be imported nowhere. */
  readonly packages: ReadonlyMap<string, readonly string[]>;
  /** Node built-in with few owners → path prefixes under `src` that may import it. */
  readonly ownedBuiltins: ReadonlyMap<string, readonly string[]>;
}

/** Throws when a table is missing or a cell cannot be understood: an unreadable rule must not read as "allowed". */
export function parseArchitecture(markdown: string): ArchitectureRules {
  return {
    folders: rowsUnder(markdown, "folder").map(parseFolderRule),
    packages: new Map(rowsUnder(markdown, "npm package").flatMap(([names, owners]) => namesIn(names).map((name) => [name, namesIn(owners)] as const))),
    ownedBuiltins: new Map(rowsUnder(markdown, "built-in").flatMap(([names, owners]) => namesIn(names).map((name) => [name, namesIn(owners)] as const))),
  };
}

function parseFolderRule([folder, imports, vscode, builtins, dom, connections]: readonly string[]): FolderRule {
  return {
    folder: plain(folder),
    imports: plain(imports) === "–" ? [] : namesIn(imports),
    vscode: permission(vscode),
    builtins: builtinList(builtins),
    dom: permission(dom),
    connections: connectionPlaces(connections),
  };
}

/** Body rows of the table whose first header cell is `header`. */
function rowsUnder(markdown: string, header: string): string[][] {
  const lines = markdown.split("\n");
  const start = lines.findIndex((line) => line.startsWith("|") && cells(line)[0] === header);
  if (start < 0) throw new Error(`ARCHITECTURE.md has no table with the header "${header}".`);
  const end = lines.findIndex((line, index) => index > start && !line.startsWith("|"));
  return lines.slice(start + 2, end < 0 ? undefined : end).map(cells);
}

function cells(line: string): string[] {
  return line.split("|").slice(1, -1).map((cell) => cell.trim());
}

function namesIn(cell: string | undefined): string[] {
  return plain(cell).split(",").map((name) => name.trim()).filter((name) => name !== "");
}

function plain(cell: string | undefined): string {
  if (cell === undefined) throw new Error("A row of ARCHITECTURE.md has too few cells.");
  return cell.replaceAll("`", "").trim();
}

/** `yes`, `no`, or `few: a, b`. */
function builtinList(cell: string | undefined): "all" | readonly string[] {
  const few = /^few:(.*)$/.exec(plain(cell))?.[1];
  if (few !== undefined) return namesIn(few);
  return permission(cell) ? "all" : [];
}

/** `no`, or `only under a, b`. No folder may connect as a whole. */
function connectionPlaces(cell: string | undefined): readonly string[] {
  const places = /^only under (.*)$/.exec(plain(cell))?.[1];
  if (places !== undefined) return namesIn(places);
  if (!/^no\b/.test(plain(cell))) throw new Error(`ARCHITECTURE.md: where connections are opened must begin with "no" or "only under", found "${cell}".`);
  return [];
}

function permission(cell: string | undefined): boolean {
  const word = /^(yes|no)\b/.exec(plain(cell))?.[1];
  if (word === undefined) throw new Error(`ARCHITECTURE.md: a cell must begin with "yes" or "no", found "${cell}".`);
  return word !== "no";
}
