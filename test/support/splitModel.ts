import { ggufHeader, type Metadata, type TensorEntry } from "../../models/starter/train/gguf";
import { readGgufHeader, type GgufTensor } from "../../src/core/models/gguf";
import { BytesSource } from "./ggufFiles";

const FIXED_BYTES = 4 + 4 + 8 + 8;

/** A sound file as two parts, as the library's own tool splits it: metadata in the first, some tensors in each. */
export function splitModel(file: Buffer): readonly [Buffer, Buffer] {
  const { tensors, metadata, dataOffset } = readGgufHeader(new BytesSource(file));
  const middle = Math.floor(tensors.length / 2);
  const dataOf = (part: readonly GgufTensor[]): Buffer => Buffer.concat(part.map((tensor) => padded(file.subarray(dataOffset + tensor.offset, dataOffset + tensor.offset + tensor.sizeBytes))));
  const headerOf = (index: number, part: readonly GgufTensor[]): Buffer => ggufHeader(splitMetadata(index, tensors.length), part.map(entryOf));
  const [first, second] = [tensors.slice(0, middle), tensors.slice(middle)];
  // The first part's metadata come as they are in the file, before the three that tell of the split.
  const table = file.indexOf(lengthPrefixed(tensors[0]?.name ?? ""));
  const own = headerOf(0, first);
  const merged = Buffer.concat([own.subarray(0, FIXED_BYTES), file.subarray(FIXED_BYTES, table), unpadded(own, first).subarray(FIXED_BYTES)]);
  merged.writeBigUInt64LE(BigInt(metadata.size + 3), 16);
  return [Buffer.concat([padded(merged), dataOf(first)]), Buffer.concat([headerOf(1, second), dataOf(second)])];
}

function splitMetadata(index: number, tensors: number): Metadata {
  return { "split.no": { type: "uint16", value: index }, "split.count": { type: "uint16", value: 2 }, "split.tensors.count": { type: "int32", value: tensors } };
}

function entryOf({ name, dimensions, type, sizeBytes }: GgufTensor): TensorEntry {
  return { name, shape: dimensions, type, bytes: sizeBytes };
}

function lengthPrefixed(text: string): Buffer {
  const bytes = Buffer.alloc(8 + text.length);
  bytes.writeBigUInt64LE(BigInt(text.length));
  bytes.write(text, 8);
  return bytes;
}

/** A header without what fills it up to 32 bytes: its last number is the last tensor's offset. */
function unpadded(header: Buffer, tensors: readonly GgufTensor[]): Buffer {
  const last = tensors.at(-1);
  if (!last) return header;
  const entry = header.indexOf(lengthPrefixed(last.name));
  return header.subarray(0, entry + 8 + last.name.length + 4 + 8 * last.dimensions.length + 4 + 8);
}

function padded(bytes: Buffer): Buffer {
  return Buffer.concat([bytes], Math.ceil(bytes.length / 32) * 32);
}
