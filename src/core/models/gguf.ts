import { ByteCursor, GgufError, type ByteSource } from "./byteCursor";
export { GgufError, type ByteSource } from "./byteCursor";

/**
 * A strict reader of GGUF headers (format: the ggml project's gguf.md, versions 2 and 3). It exists because six of 48
 * damaged files killed the process inside the library (fact sheet of the engine): what fails here never gets there.
 * It reads no weights and allocates no more than the header's own strings.
 */
export interface GgufHeader {
  readonly version: number;
  readonly metadata: ReadonlyMap<string, GgufValue>;
  readonly tensors: readonly GgufTensor[];
  /** Offset of the tensor data in the file, in bytes. */
  readonly dataOffset: number;
}

export type GgufScalar = number | bigint | boolean | string;
export type GgufValue = GgufScalar | readonly GgufScalar[];

export interface GgufTensor {
  readonly name: string;
  readonly dimensions: readonly number[];
  readonly type: number;
  /** Relative to the header's `dataOffset`. */
  readonly offset: number;
  readonly sizeBytes: number;
}

const MAGIC = 0x46554747;
const MAX_METADATA_ENTRIES = 65_536;
const MAX_TENSORS = 65_536;
const MAX_ARRAY_LENGTH = 4_194_304;
/** Elements of all arrays together: each takes far more memory than its bytes in the file. */
const MAX_ELEMENTS = 4_194_304;
const MAX_KEY_BYTES = 65_535;
/** The library itself allows 63. */
const MAX_NAME_BYTES = 127;
const MAX_STRING_BYTES = 16 * 1024 * 1024;
/** Of a name that the file gives, in a message. */
const MOST_SHOWN = 80;

/** Bytes per block and weights per block by ggml type number, as published in ggml's table of types. */
const TENSOR_TYPES: ReadonlyMap<number, readonly [bytes: number, weights: number]> = new Map([
  [0, [4, 1]], [1, [2, 1]], [2, [18, 32]], [3, [20, 32]], [6, [22, 32]], [7, [24, 32]], [8, [34, 32]], [9, [36, 32]],
  [10, [84, 256]], [11, [110, 256]], [12, [144, 256]], [13, [176, 256]], [14, [210, 256]], [15, [292, 256]],
  [16, [66, 256]], [17, [74, 256]], [18, [98, 256]], [19, [50, 256]], [20, [18, 32]], [21, [110, 256]], [22, [82, 256]],
  [23, [136, 256]], [24, [1, 1]], [25, [2, 1]], [26, [4, 1]], [27, [8, 1]], [28, [8, 1]], [29, [56, 256]], [30, [2, 1]],
  [34, [54, 256]], [35, [66, 256]], [39, [17, 32]],
] as const);

/** Reads and checks a header. Throws `GgufError` with a typed code; never anything else for any bytes. */
export function readGgufHeader(source: ByteSource): GgufHeader {
  const cursor = new ByteCursor(source);
  if (source.size < 4 || cursor.uint32() !== MAGIC) throw new GgufError("notGguf", "the file does not begin with the GGUF mark");
  const version = cursor.uint32();
  if (version !== 2 && version !== 3) throw new GgufError("damaged", `GGUF version ${String(version)} is not known (2 and 3 are)`);
  const tensorCount = cursor.count("tensor", MAX_TENSORS);
  const metadataCount = cursor.count("metadata", MAX_METADATA_ENTRIES);
  const metadata = readMetadata(cursor, metadataCount);
  const alignment = readAlignment(metadata);
  const tensors = readTensors(cursor, tensorCount, alignment);
  const dataOffset = Math.ceil(cursor.position / alignment) * alignment;
  checkExtents(tensors, dataOffset, source.size);
  return { version, metadata, tensors, dataOffset };
}

function readMetadata(cursor: ByteCursor, count: number): Map<string, GgufValue> {
  const metadata = new Map<string, GgufValue>();
  let elements = 0;
  for (let index = 0; index < count; index++) {
    const key = cursor.string(MAX_KEY_BYTES);
    if (metadata.has(key)) throw new GgufError("damaged", `the metadata key ${JSON.stringify(key.slice(0, MOST_SHOWN))} stands twice`);
    const value = readValue(cursor, cursor.uint32());
    if (Array.isArray(value)) elements += value.length;
    if (elements > MAX_ELEMENTS) throw new GgufError("damaged", `the metadata arrays have more than ${String(MAX_ELEMENTS)} elements`);
    metadata.set(key, value);
  }
  return metadata;
}

function readValue(cursor: ByteCursor, type: number): GgufValue {
  if (type !== 9) return readScalar(cursor, type);
  const elementType = cursor.uint32();
  const length = cursor.count("array element", MAX_ARRAY_LENGTH);
  const values: GgufScalar[] = [];
  for (let index = 0; index < length; index++) values.push(readScalar(cursor, elementType));
  return values;
}

function readScalar(cursor: ByteCursor, type: number): GgufScalar {
  switch (type) {
    case 0: return cursor.uint8();
    case 1: return cursor.int8();
    case 2: return cursor.uint16();
    case 3: return cursor.int16();
    case 4: return cursor.uint32();
    case 5: return cursor.int32();
    case 6: return cursor.float32();
    case 7: return cursor.uint8() !== 0;
    case 8: return cursor.string(MAX_STRING_BYTES);
    case 10: return cursor.uint64();
    case 11: return cursor.int64();
    case 12: return cursor.float64();
    default: throw new GgufError("damaged", `metadata type ${String(type)} is not known`);
  }
}

function readAlignment(metadata: ReadonlyMap<string, GgufValue>): number {
  const value = metadata.get("general.alignment");
  if (value === undefined) return 32;
  if (typeof value !== "number" || value < 8 || value > 65_536 || (value & (value - 1)) !== 0) {
    throw new GgufError("damaged", "general.alignment is not a power of two between 8 and 65536");
  }
  return value;
}

function readTensors(cursor: ByteCursor, count: number, alignment: number): GgufTensor[] {
  const names = new Set<string>();
  const tensors: GgufTensor[] = [];
  for (let index = 0; index < count; index++) {
    const tensor = readTensor(cursor, alignment);
    if (names.has(tensor.name)) throw new GgufError("damaged", `the tensor ${JSON.stringify(tensor.name)} stands twice`);
    names.add(tensor.name);
    tensors.push(tensor);
  }
  return tensors;
}

function readTensor(cursor: ByteCursor, alignment: number): GgufTensor {
  const name = cursor.string(MAX_NAME_BYTES);
  const rank = cursor.uint32();
  if (rank < 1 || rank > 4) throw new GgufError("damaged", `tensor ${JSON.stringify(name)} has ${String(rank)} dimensions`);
  const dimensions = Array.from({ length: rank }, () => cursor.count("tensor dimension", 2 ** 40));
  const type = cursor.uint32();
  const layout = TENSOR_TYPES.get(type);
  if (!layout) throw new GgufError("damaged", `tensor ${JSON.stringify(name)} has the unknown type ${String(type)}`);
  const [blockBytes, blockWeights] = layout;
  const weights = dimensions.reduce((product, dimension) => product * dimension, 1);
  if (weights <= 0 || weights > 2 ** 46 || (dimensions[0] ?? 0) % blockWeights !== 0) {
    throw new GgufError("damaged", `tensor ${JSON.stringify(name)} has the impossible shape ${dimensions.join("×")}`);
  }
  const offset = cursor.count("tensor offset", 2 ** 46);
  if (offset % alignment !== 0) throw new GgufError("damaged", `tensor ${JSON.stringify(name)} is not aligned`);
  return { name, dimensions, type, offset, sizeBytes: (weights / blockWeights) * blockBytes };
}

function checkExtents(tensors: readonly GgufTensor[], dataOffset: number, fileSize: number): void {
  for (const tensor of tensors) {
    const end = dataOffset + tensor.offset + tensor.sizeBytes;
    if (end > fileSize) {
      throw new GgufError("truncated", `tensor ${JSON.stringify(tensor.name)} ends at byte ${String(end)}, the file at ${String(fileSize)}: the file is incomplete`);
    }
  }
}
