import type { Dirent } from "node:fs";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { HEAD_BYTES, signOfHead } from "../../src/core/context/contentSigns";
import { isSecretName } from "../../src/core/context/secretNames";
import { PlainError, projectRoot } from "../project";

/** A folder of real source text, for measuring. */
export interface BenchWorkspace {
  readonly root: string;
  readonly files: readonly { readonly path: string; read(): Promise<string> }[];
}

const SOURCE = /\.(?:ts|js|mjs|cjs)$/;
const MOST_BYTES = 512 * 1024;

/**
 * Copies source files of the installed packages into `folder/workspace` until there are so many bytes. When all are
 * taken, they come once more with a third of their names changed, so that words and lines differ.
 */
export async function makeRecallWorkspace(folder: string, bytes: number): Promise<BenchWorkspace> {
  await rm(folder, { recursive: true, force: true });
  const root = path.join(folder, "workspace");
  const files: BenchWorkspace["files"][number][] = [];
  let left = bytes;
  for (const round of ["", "again/", "more/"]) {
    for await (const source of sources(path.join(projectRoot, "node_modules"))) {
      if (left <= 0) return { root, files };
      const text = await readFile(source, "utf8");
      if (text.length > MOST_BYTES || signOfHead(new TextEncoder().encode(text.slice(0, HEAD_BYTES))) !== undefined) continue;
      const name = round + path.relative(projectRoot, source).split(path.sep).join("/").replaceAll("node_modules", "packages");
      const file = path.join(root, name);
      const content = round === "" ? text : withOtherNames(text, round.slice(0, -1));
      await mkdir(path.dirname(file), { recursive: true });
      await writeFile(file, content);
      files.push({ path: name, read: () => readFile(file, "utf8") });
      left -= Buffer.byteLength(content);
    }
  }
  throw new PlainError(`The installed packages hold too little source text for ${String(bytes)} bytes.`);
}

async function* sources(folder: string): AsyncGenerator<string> {
  const entries = await readdir(folder, { withFileTypes: true });
  for (const entry of entries.sort((left: Dirent, right: Dirent) => (left.name < right.name ? -1 : 1))) {
    const child = path.join(folder, entry.name);
    if (entry.isDirectory()) yield* sources(child);
    else if (entry.isFile() && SOURCE.test(entry.name) && !/\.min\./.test(entry.name) && !isSecretName(entry.name)) yield child;
  }
}

function withOtherNames(text: string, suffix: string): string {
  return text.replace(/\b[a-zA-Z]\w{4,}\b/g, (name) => (name.length % 3 === 0 ? `${name}_${suffix}` : name));
}
