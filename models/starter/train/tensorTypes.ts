/**
 * The tensor encodings of GGML that the starter model and the synthetic test models use.
 * Q8_0 and Q4_0 cut a row into blocks of 32 values that share one half-precision scale.
 */

/** Codes of `enum ggml_type`. */
export const tensorTypeCodes = { F32: 0, F16: 1, Q4_0: 2, Q8_0: 8 } as const;

export type TensorType = keyof typeof tensorTypeCodes;

const blockSize = 32;
const bytesPerBlock = { Q8_0: 2 + blockSize, Q4_0: 2 + blockSize / 2 } as const;

/** Length in bytes of `count` values; throws a RangeError where blocks of 32 do not fit evenly. */
export function encodedLength(type: TensorType, count: number): number {
  if (type === "F32") return count * 4;
  if (type === "F16") return count * 2;
  if (count % blockSize !== 0) throw new RangeError(`${type} needs rows of a multiple of ${blockSize}, not ${count}`);
  return (count / blockSize) * bytesPerBlock[type];
}

/** Values as the bytes of `type`, little-endian. */
export function encodeTensor(type: TensorType, values: Float32Array): Buffer {
  const bytes = Buffer.alloc(encodedLength(type, values.length));
  switch (type) {
    case "F32": values.forEach((value, index) => bytes.writeFloatLE(value, index * 4)); break;
    case "F16": values.forEach((value, index) => bytes.writeUInt16LE(toHalf(value), index * 2)); break;
    case "Q8_0": eachBlock(values, (block, index) => writeQ8Block(bytes, index * bytesPerBlock.Q8_0, block)); break;
    case "Q4_0": eachBlock(values, (block, index) => writeQ4Block(bytes, index * bytesPerBlock.Q4_0, block)); break;
    default: (type satisfies never);
  }
  return bytes;
}

/** The inverse of `encodeTensor`, with the precision that the encoding kept. */
export function decodeTensor(type: TensorType, bytes: Buffer, count: number): Float32Array {
  const values = new Float32Array(count);
  for (let index = 0; index < count; index++) values[index] = decodeValue(type, bytes, index);
  return values;
}

function decodeValue(type: TensorType, bytes: Buffer, index: number): number {
  if (type === "F32") return bytes.readFloatLE(index * 4);
  if (type === "F16") return fromHalf(bytes.readUInt16LE(index * 2));
  const start = Math.floor(index / blockSize) * bytesPerBlock[type];
  const within = index % blockSize;
  const scale = fromHalf(bytes.readUInt16LE(start));
  if (type === "Q8_0") return scale * bytes.readInt8(start + 2 + within);
  const pair = bytes.readUInt8(start + 2 + (within % 16));
  return scale * ((within < 16 ? pair & 15 : pair >> 4) - 8);
}

function eachBlock(values: Float32Array, visit: (block: Float32Array, index: number) => void): void {
  for (let index = 0; index * blockSize < values.length; index++) {
    visit(values.subarray(index * blockSize, (index + 1) * blockSize), index);
  }
}

function writeQ8Block(bytes: Buffer, at: number, block: Float32Array): void {
  const largest = block.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const scale = largest / 127;
  bytes.writeUInt16LE(toHalf(scale), at);
  block.forEach((value, index) => bytes.writeInt8(scale === 0 ? 0 : Math.round(value / scale), at + 2 + index));
}

/** The value furthest from zero becomes -8, so the scale takes its sign; halves of a block share bytes. */
function writeQ4Block(bytes: Buffer, at: number, block: Float32Array): void {
  const furthest = block.reduce((most, value) => (Math.abs(value) > Math.abs(most) ? value : most), 0);
  const scale = furthest / -8;
  const nibble = (value: number): number =>
    scale === 0 ? 8 : Math.max(0, Math.min(15, Math.floor(value / scale + 8.5)));
  bytes.writeUInt16LE(toHalf(scale), at);
  for (let index = 0; index < blockSize / 2; index++) {
    const low = nibble(block[index] ?? 0);
    const high = nibble(block[index + blockSize / 2] ?? 0);
    bytes.writeUInt8(low | (high << 4), at + 2 + index);
  }
}

const floatView = new DataView(new ArrayBuffer(4));

/** IEEE 754 binary16 bits of a number, rounded to nearest even; too large becomes infinity. */
export function toHalf(value: number): number {
  floatView.setFloat32(0, value);
  const bits = floatView.getUint32(0);
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = Math.abs(value);
  if (Number.isNaN(value)) return sign | 0x7e00;
  if (magnitude >= 65520) return sign | 0x7c00;
  if (magnitude < 2 ** -14) return sign | roundHalfToEven(magnitude * 2 ** 24);
  const exponent = ((bits >>> 23) & 0xff) - 127;
  const mantissa = roundHalfToEven((magnitude / 2 ** exponent - 1) * 1024);
  return sign | (((exponent + 15) << 10) + mantissa);
}

/** The number that binary16 bits stand for. */
export function fromHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const mantissa = bits & 1023;
  if (exponent === 0) return sign * mantissa * 2 ** -24;
  if (exponent === 31) return mantissa ? NaN : sign * Infinity;
  return sign * (1 + mantissa / 1024) * 2 ** (exponent - 15);
}

function roundHalfToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}
