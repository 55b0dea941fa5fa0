/**
 * A writer for the GGUF v3 container, the file format that llama.cpp loads.
 * Layout: magic, version, counts, metadata pairs, tensor table, padding, tensor data (each tensor aligned).
 * Specification: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
 */
import { encodeTensor, encodedLength, tensorTypeCodes, type TensorType } from "./tensorTypes.js";

/** Type codes of the specification, for every value type that this module writes. */
export const valueTypeCodes = {
  uint8: 0, int8: 1, uint16: 2, int16: 3, uint32: 4, int32: 5, float32: 6, bool: 7,
  string: 8, array: 9, uint64: 10, int64: 11, float64: 12,
} as const;

export type NumberType = Exclude<keyof typeof valueTypeCodes, "bool" | "string" | "array">;

/** A number with the width it is written in; GGUF readers reject a key whose type is not the expected one. */
export interface TypedNumber { readonly type: NumberType; readonly value: number }

/** An array of numbers that are all written in the same width. */
export interface TypedNumbers { readonly type: NumberType; readonly values: ArrayLike<number> }

/** Strings, booleans and arrays of strings have one type only; numbers carry theirs. */
export type MetadataValue = string | boolean | readonly string[] | TypedNumber | TypedNumbers;

/** Metadata in writing order; `general.alignment` must not be given (the writer uses the default, 32). */
export type Metadata = Readonly<Record<string, MetadataValue>>;

/**
 * One tensor. `shape` is in GGML order: the length of a row first, so a weight that maps
 * `inputs` to `outputs` has shape [inputs, outputs]. `values` are row-major, product of `shape` many.
 */
export interface Tensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly type: TensorType;
  readonly values: Float32Array;
}

export const uint32 = (value: number): TypedNumber => ({ type: "uint32", value });
export const float32 = (value: number): TypedNumber => ({ type: "float32", value });
export const int32Array = (values: ArrayLike<number>): TypedNumbers => ({ type: "int32", values });

const alignment = 32;
const version = 3;

/**
 * Returns the bytes of a GGUF v3 file. Throws a RangeError when a shape does not match its values
 * or a row cannot be cut into the blocks of its type; nothing else is validated, so that tests can
 * write files a loader has to refuse.
 */
export function writeGguf(contents: { metadata: Metadata; tensors: readonly Tensor[] }): Buffer {
  contents.tensors.forEach(checkShape);
  const entries = contents.tensors.map(({ name, shape, type, values }) => ({ name, shape, type: tensorTypeCodes[type], bytes: encodedLength(type, values.length) }));
  const data = contents.tensors.map((tensor) => padded(encodeTensor(tensor.type, tensor.values)));
  return Buffer.concat([ggufHeader(contents.metadata, entries), ...data]);
}

/** What the tensor table says of a tensor: `type` is a code of `enum ggml_type`, `bytes` its length in that encoding. */
export interface TensorEntry {
  readonly name: string;
  readonly shape: readonly number[];
  readonly type: number;
  readonly bytes: number;
}

/** The bytes before the tensor data, which begins where they end; each tensor after the first begins at a multiple of 32. */
export function ggufHeader(metadata: Metadata, tensors: readonly TensorEntry[]): Buffer {
  const header = new ByteWriter();
  const pairs = Object.entries(metadata);
  header.bytes(Buffer.from("GGUF", "latin1"));
  header.number("uint32", version);
  header.number("uint64", tensors.length);
  header.number("uint64", pairs.length);
  for (const [key, value] of pairs) writePair(header, key, value);
  writeTensorTable(header, tensors);
  header.align(alignment);
  return header.finish();
}

function writeTensorTable(writer: ByteWriter, tensors: readonly TensorEntry[]): void {
  let offset = 0;
  for (const tensor of tensors) {
    writer.string(tensor.name);
    writer.number("uint32", tensor.shape.length);
    for (const length of tensor.shape) writer.number("uint64", length);
    writer.number("uint32", tensor.type);
    writer.number("uint64", offset);
    offset += roundUp(tensor.bytes);
  }
}

function checkShape(tensor: Tensor): void {
  const size = tensor.shape.reduce((product, length) => product * length, 1);
  if (size !== tensor.values.length) {
    throw new RangeError(`${tensor.name}: shape ${tensor.shape.join("x")} does not hold ${tensor.values.length} values`);
  }
  encodedLength(tensor.type, tensor.shape[0] ?? 1);
}

function writePair(writer: ByteWriter, key: string, value: MetadataValue): void {
  writer.string(key);
  if (typeof value === "string") {
    writer.number("uint32", valueTypeCodes.string);
    writer.string(value);
  } else if (typeof value === "boolean") {
    writer.number("uint32", valueTypeCodes.bool);
    writer.number("uint8", value ? 1 : 0);
  } else if ("value" in value) {
    writer.number("uint32", valueTypeCodes[value.type]);
    writer.number(value.type, value.value);
  } else {
    writeArray(writer, value);
  }
}

function writeArray(writer: ByteWriter, value: readonly string[] | TypedNumbers): void {
  writer.number("uint32", valueTypeCodes.array);
  const numbers = "values" in value && !Array.isArray(value) ? (value as TypedNumbers) : undefined;
  const strings = numbers ? [] : (value as readonly string[]);
  writer.number("uint32", numbers ? valueTypeCodes[numbers.type] : valueTypeCodes.string);
  writer.number("uint64", numbers ? numbers.values.length : strings.length);
  for (const text of strings) writer.string(text);
  if (numbers) for (const item of Array.from(numbers.values)) writer.number(numbers.type, item);
}

function roundUp(length: number): number {
  return Math.ceil(length / alignment) * alignment;
}

function padded(bytes: Buffer): Buffer {
  return Buffer.concat([bytes], roundUp(bytes.length));
}

/** A growing little-endian byte buffer. */
class ByteWriter {
  private buffer = Buffer.alloc(1 << 16);
  private length = 0;

  bytes(bytes: Buffer): void {
    const at = this.reserve(bytes.length);
    bytes.copy(this.buffer, at);
  }

  string(text: string): void {
    const bytes = Buffer.from(text, "utf8");
    this.number("uint64", bytes.length);
    this.bytes(bytes);
  }

  number(type: NumberType, value: number): void {
    switch (type) {
      case "uint8": this.at(1, (at) => this.buffer.writeUInt8(value, at)); return;
      case "int8": this.at(1, (at) => this.buffer.writeInt8(value, at)); return;
      case "uint16": this.at(2, (at) => this.buffer.writeUInt16LE(value, at)); return;
      case "int16": this.at(2, (at) => this.buffer.writeInt16LE(value, at)); return;
      case "uint32": this.at(4, (at) => this.buffer.writeUInt32LE(value, at)); return;
      case "int32": this.at(4, (at) => this.buffer.writeInt32LE(value, at)); return;
      case "float32": this.at(4, (at) => this.buffer.writeFloatLE(value, at)); return;
      case "uint64": this.at(8, (at) => this.buffer.writeBigUInt64LE(BigInt(value), at)); return;
      case "int64": this.at(8, (at) => this.buffer.writeBigInt64LE(BigInt(value), at)); return;
      case "float64": this.at(8, (at) => this.buffer.writeDoubleLE(value, at)); return;
      default: (type satisfies never);
    }
  }

  align(boundary: number): void {
    this.bytes(Buffer.alloc((boundary - (this.length % boundary)) % boundary));
  }

  finish(): Buffer {
    return this.buffer.subarray(0, this.length);
  }

  private at(size: number, write: (at: number) => void): void {
    write(this.reserve(size));
  }

  private reserve(size: number): number {
    const at = this.length;
    this.length += size;
    if (this.length > this.buffer.length) {
      this.buffer = Buffer.concat([this.buffer], Math.max(this.length, this.buffer.length * 2));
    }
    return at;
  }
}
