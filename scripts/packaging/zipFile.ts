import { inflateRawSync } from "node:zlib";
import { PlainError } from "../project";

/** One file of a zip archive, in the order of its directory. */
export interface ZipEntry {
  readonly name: string;
  /** Bytes it takes in the archive, its header left out. */
  readonly compressedSize: number;
  /** Date and time as MS-DOS packs them, 32 bits; they carry no time zone. */
  readonly time: number;
  /** Unix file mode, kind included; 0 where the archive says none. */
  readonly mode: number;
  /** The file's bytes. */
  read(): Buffer;
}

/** Reads the directory of a zip archive without archive-wide extras (no zip64, no encryption, no comment); throws a plain error for anything else. */
export function readZip(bytes: Buffer): ZipEntry[] {
  const end = bytes.length - 22;
  if (end < 0 || bytes.readUInt32LE(end) !== 0x06054b50) throw new PlainError("This is no zip archive, or one with a comment.");
  const count = bytes.readUInt16LE(end + 10);
  const entries: ZipEntry[] = [];
  let place = bytes.readUInt32LE(end + 16);
  while (entries.length < count) {
    if (place + 46 > end || bytes.readUInt32LE(place) !== 0x02014b50) throw new PlainError("The directory of the zip archive is damaged.");
    entries.push(readEntry(bytes, place));
    place += 46 + bytes.readUInt16LE(place + 28) + bytes.readUInt16LE(place + 30) + bytes.readUInt16LE(place + 32);
  }
  return entries;
}

function readEntry(bytes: Buffer, place: number): ZipEntry {
  const method = bytes.readUInt16LE(place + 10);
  const compressedSize = bytes.readUInt32LE(place + 20);
  const size = bytes.readUInt32LE(place + 24);
  const header = bytes.readUInt32LE(place + 42);
  const name = bytes.toString("utf8", place + 46, place + 46 + bytes.readUInt16LE(place + 28));
  return {
    name,
    compressedSize,
    // Date before time, so that the number grows with it.
    time: ((bytes.readUInt16LE(place + 14) << 16) | bytes.readUInt16LE(place + 12)) >>> 0,
    mode: bytes.readUInt32LE(place + 38) >>> 16,
    read: () => {
      const start = header + 30 + bytes.readUInt16LE(header + 26) + bytes.readUInt16LE(header + 28);
      const packed = bytes.subarray(start, start + compressedSize);
      if (method !== 0 && method !== 8) throw new PlainError(`${name} is packed by a method that is not read here: ${method}.`);
      const content = method === 0 ? Buffer.from(packed) : inflateRawSync(packed);
      if (content.length !== size) throw new PlainError(`${name} has ${content.length} bytes in the zip archive, not ${size}.`);
      return content;
    },
  };
}
