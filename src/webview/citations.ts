/** Places that an answer cites: which links and words mean one, and how they are told to the host. */
import { isWorkspaceRelative } from "../protocol/chatView";

/** A place in a file of the workspace. Lines are 1-based and inclusive. */
export interface Citation {
  readonly file: string;
  readonly startLine: number;
  readonly endLine: number;
}

/** The place that a link's address `path#L12` or `path#L12-L20` means; undefined for every other address. */
export function citationOfAddress(address: string): Citation | undefined {
  const match = /^([^#]+)#L(\d{1,7})(?:-L?(\d{1,7}))?$/.exec(decoded(address));
  return match === null ? undefined : citation(match[1], match[2], match[3]);
}

/** Pieces of a text: plain words, and `path:12` or `path:12-20` where the path is one of `files`. */
export function citationsInText(text: string, files: ReadonlySet<string>): (string | { readonly text: string; readonly place: Citation })[] {
  const pieces: (string | { text: string; place: Citation })[] = [];
  let end = 0;
  for (const match of files.size === 0 ? [] : text.matchAll(/([^\s`'"()[\]<>:,;]+):(\d{1,7})(?:-(\d{1,7}))?/g)) {
    const place = files.has(match[1] ?? "") ? citation(match[1], match[2], match[3]) : undefined;
    if (place === undefined) continue;
    pieces.push(text.slice(end, match.index), { text: match[0], place });
    end = match.index + match[0].length;
  }
  pieces.push(text.slice(end));
  return pieces.filter((piece) => piece !== "");
}

/** `path:12` or `path:12-20`, as shown. */
export function citationText({ file, startLine, endLine }: Citation): string {
  return startLine === endLine ? `${file}:${startLine}` : `${file}:${startLine}-${endLine}`;
}

function citation(file = "", start = "", end = start): Citation | undefined {
  const startLine = Number(start);
  if (!isWorkspaceRelative(file) || startLine < 1) return undefined;
  return { file, startLine, endLine: Math.max(startLine, Number(end)) };
}

function decoded(address: string): string {
  try {
    return decodeURIComponent(address);
  } catch {
    return address;
  }
}
