/** Reads what `gguf.ts` writes; for checks. The product has a reader of its own that expects damaged files. */
import { valueTypeCodes } from "./gguf.js";
import { decodeTensor, encodedLength, tensorTypeCodes, type TensorType } from "./tensorTypes.js";

export type ReadValue = string | boolean | number | readonly (string | boolean | number)[];

export interface ReadTensor {
  readonly shape: readonly number[];
  readonly type: TensorType;
  /** Offset of the data in the file. */
  readonly offset: number;
  readonly values: Float32Array;
}

export interface GgufContents {
  readonly metadata: ReadonlyMap<string, ReadValue>;
  readonly tensors: ReadonlyMap<string, ReadTensor>;
}

const alignment = 32;

/** Parses a GGUF v3 file. Throws an Error on another format, another version or a tensor type we do not write. */
export function readGguf(bytes: Buffer): GgufContents {
  const reader = new ByteReader(bytes);
  if (reader.text(4) !== "GGUF" || reader.number("uint32") !== 3) throw new Error("not a GGUF v3 file");
  const tensorCount = reader.number("uint64");
  const pairCount = reader.number("uint64");
  const metadata = new Map<string, ReadValue>();
  for (let index = 0; index < pairCount; index++) metadata.set(reader.string(), readValue(reader, reader.number("uint32")));
  const table = Array.from({ length: tensorCount }, () => readTableEntry(reader));
  const dataStart = Math.ceil(reader.position / alignment) * alignment;
  const tensors = table.map(({ name, shape, type, offset }): [string, ReadTensor] => {
    const start = dataStart + offset;
    const count = shape.reduce((product, length) => product * length, 1);
    const data = bytes.subarray(start, start + encodedLength(type, count));
    return [name, { shape, type, offset: start, values: decodeTensor(type, data, count) }];
  });
  return { metadata, tensors: new Map(tensors) };
}

function readTableEntry(reader: ByteReader): { name: string; shape: number[]; type: TensorType; offset: number } {
  const name = reader.string();
  const shape = Array.from({ length: reader.number("uint32") }, () => reader.number("uint64"));
  const code = reader.number("uint32");
  const type = (Object.keys(tensorTypeCodes) as TensorType[]).find((candidate) => tensorTypeCodes[candidate] === code);
  if (type === undefined) throw new Error(`tensor type ${code} of ${name} is not supported`);
  return { name, shape, type, offset: reader.number("uint64") };
}

function readValue(reader: ByteReader, code: number): ReadValue {
  if (code === valueTypeCodes.array) {
    const itemCode = reader.number("uint32");
    return Array.from({ length: reader.number("uint64") }, () => readValue(reader, itemCode) as string | boolean | number);
  }
  if (code === valueTypeCodes.string) return reader.string();
  if (code === valueTypeCodes.bool) return reader.number("uint8") !== 0;
  const type = (Object.keys(valueTypeCodes) as (keyof typeof valueTypeCodes)[]).find((candidate) => valueTypeCodes[candidate] === code);
  if (type === undefined) throw new Error(`unknown value type ${code}`);
  return reader.number(type);
}

class ByteReader {
  position = 0;

  constructor(private readonly bytes: Buffer) {}

  text(length: number): string {
    return this.bytes.toString("utf8", this.position, (this.position += length));
  }

  string(): string {
    return this.text(this.number("uint64"));
  }

  number(type: keyof typeof valueTypeCodes): number {
    const { bytes } = this;
    switch (type) {
      case "uint8": return bytes.readUInt8(this.take(1));
      case "int8": return bytes.readInt8(this.take(1));
      case "uint16": return bytes.readUInt16LE(this.take(2));
      case "int16": return bytes.readInt16LE(this.take(2));
      case "uint32": return bytes.readUInt32LE(this.take(4));
      case "int32": return bytes.readInt32LE(this.take(4));
      case "float32": return bytes.readFloatLE(this.take(4));
      case "uint64": return Number(bytes.readBigUInt64LE(this.take(8)));
      case "int64": return Number(bytes.readBigInt64LE(this.take(8)));
      case "float64": return bytes.readDoubleLE(this.take(8));
      case "bool": case "string": case "array": throw new Error(`${type} is no number`);
      default: return type satisfies never;
    }
  }

  private take(size: number): number {
    const at = this.position;
    this.position += size;
    return at;
  }
}
