import type { DownloadSource, SourcePart } from "./downloadState";
import { shardNames, shardOf } from "./shards";

/** The files of a source in order, each as a source of its own: a single file is a list of one. */
export function partsOf(source: DownloadSource): readonly DownloadSource[] {
  const { parts, ...rest } = source;
  return parts?.map((part) => ({ ...rest, ...part })) ?? [rest];
}

/** What a person calls it: the file's name, without numbers where it comes in parts. */
export function nameOfSource({ fileName, parts }: Pick<DownloadSource, "fileName" | "parts">): string {
  const shard = parts && shardOf(fileName);
  return shard ? `${shard.stem} in ${String(shard.count)} parts` : fileName;
}

/** The source of a whole model whose files are these, all at one address but for their names; of one file it is that file's. */
export function sourceInParts(first: DownloadSource, addresses: readonly string[]): DownloadSource {
  if (addresses.length === 1) return first;
  const names = shardNames(first.fileName);
  return { ...first, parts: addresses.map((url, index) => ({ url, fileName: names[index] ?? first.fileName, size: null })) };
}

/** A source in which a part is known better. The size of all is known once each part's is. */
export function withPart(source: DownloadSource, index: number, known: Partial<SourcePart>): DownloadSource {
  const parts = source.parts?.map((part, at) => (at === index ? { ...part, ...known } : part)) ?? [];
  const size = parts.reduce<number | null>((sum, part) => (sum === null || part.size === null ? null : sum + part.size), 0);
  return { ...source, size, parts };
}
