import { GgufError, type GgufHeader, type GgufValue } from "./gguf";

/** A file's place among the parts of a split model, from its name: `…-00001-of-00003.gguf`. */
export interface Shard {
  /** The name without number and ending: what the parts share. */
  readonly stem: string;
  /** From 1 on. */
  readonly index: number;
  readonly count: number;
}

const NAME = /^(.*)-(\d{5})-of-(\d{5})\.gguf$/i;
const MOST_SHARDS = 512;

/** Reads a file's name or path; undefined where it is no part of a split model. */
export function shardOf(name: string): Shard | undefined {
  const [, stem, index, count] = NAME.exec(name) ?? [];
  const shard = { stem: stem ?? "", index: Number(index), count: Number(count) };
  return stem !== undefined && shard.index >= 1 && shard.index <= shard.count && shard.count <= MOST_SHARDS ? shard : undefined;
}

/** The names of all parts in order, with the ending as the given part writes it. */
export function shardNames(name: string): readonly string[] {
  const shard = shardOf(name);
  if (!shard) return [name];
  const digits = (value: number): string => String(value).padStart(5, "0");
  return Array.from({ length: shard.count }, (_, index) => `${shard.stem}-${digits(index + 1)}-of-${digits(shard.count)}${name.slice(-5)}`);
}

/** The header of a split model: the first part's metadata with the tensors of all parts. Throws `GgufError` where they do not belong together. */
export function mergeShards(headers: readonly [GgufHeader, ...GgufHeader[]]): GgufHeader {
  const found = headers.length === 1 ? undefined : whyShardsDoNotFit(headers, headers.length);
  if (found !== undefined) throw new GgufError("damaged", `its parts do not belong together: ${found}`);
  return { ...headers[0], tensors: headers.flatMap((header) => header.tensors) };
}

/**
 * Why the first of so many parts, or all of them, do not belong together, as a clause; undefined where they do. A part
 * says its number, from 0 on, how many there are, and how many tensors they have together; none of that must be there.
 */
export function whyShardsDoNotFit(headers: readonly GgufHeader[], count: number): string | undefined {
  const said = (header: GgufHeader | undefined, key: string): number | undefined => numberOf(header?.metadata.get(`split.${key}`));
  for (const [index, header] of headers.entries()) {
    const [number, all] = [said(header, "no") ?? index, said(header, "count") ?? count];
    if (all !== count) return `the file named as part ${String(index + 1)} of ${String(count)} says that there are ${String(all)}`;
    if (number !== index) return `the file named as part ${String(index + 1)} says that it is part ${String(number + 1)}`;
  }
  const names = headers.flatMap(({ tensors }) => tensors.map(({ name }) => name));
  if (new Set(names).size !== names.length) return "a tensor stands in two of them";
  const tensors = headers.map((header) => said(header, "tensors.count")).find((value) => value !== undefined);
  return headers.length < count || tensors === undefined || tensors === names.length ? undefined : `together they have ${String(names.length)} tensors instead of ${String(tensors)}`;
}

function numberOf(value: GgufValue | undefined): number | undefined {
  return typeof value === "number" || typeof value === "bigint" ? Number(value) : undefined;
}
