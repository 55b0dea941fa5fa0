import { GgufError, type GgufHeader } from "./gguf";

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

/** The header of a split model: the first part's metadata with the tensors of all parts. Throws `GgufError` where one stands twice. */
export function mergeShards(headers: readonly [GgufHeader, ...GgufHeader[]]): GgufHeader {
  const tensors = headers.flatMap((header) => header.tensors);
  if (new Set(tensors.map((tensor) => tensor.name)).size !== tensors.length) throw new GgufError("damaged", "its parts do not belong together: a tensor stands in two of them");
  return { ...headers[0], tensors };
}
