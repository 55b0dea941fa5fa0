/** What a file of machine code is for. */
export interface MachineCode {
  /** As `process.platform` says it; ELF files are taken for Linux's. */
  readonly system: "linux" | "darwin" | "win32";
  /** As `process.arch` says it, one for each slice of a universal file; `0x...` for a processor that no package is for. */
  readonly machines: readonly string[];
}

const elfMachines = new Map([[3, "ia32"], [40, "arm"], [62, "x64"], [183, "arm64"]]);
const machMachines = new Map([[7, "ia32"], [12, "arm"], [0x01000007, "x64"], [0x0100000c, "arm64"]]);
const portableMachines = new Map([[0x14c, "ia32"], [0x1c4, "arm"], [0x8664, "x64"], [0xaa64, "arm64"]]);

/** Reads system and processor from the header of an ELF, Mach-O or PE file; null for any other file, cut ones included. */
export function readMachineCode(bytes: Uint8Array): MachineCode | null {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return readElf(view) ?? readMach(view) ?? readPortableExecutable(view);
}

function readElf(view: Buffer): MachineCode | null {
  if (view.length < 20 || view.toString("latin1", 0, 4) !== "\x7fELF") return null;
  const machine = view[5] === 2 ? view.readUInt16BE(18) : view.readUInt16LE(18);
  return { system: "linux", machines: [named(elfMachines, machine)] };
}

function readMach(view: Buffer): MachineCode | null {
  if (view.length < 8) return null;
  const magic = view.readUInt32LE(0);
  if (magic === 0xfeedfacf || magic === 0xfeedface) return { system: "darwin", machines: [named(machMachines, view.readUInt32LE(4))] };
  if (view.readUInt32BE(0) !== 0xcafebabe) return null;
  // Java's class files begin alike; a version of theirs, always 45 or more, stands where Mach-O counts its slices.
  const slices = view.readUInt32BE(4);
  if (slices === 0 || slices > 16 || view.length < 8 + slices * 20) return null;
  return { system: "darwin", machines: Array.from({ length: slices }, (_, slice) => named(machMachines, view.readUInt32BE(8 + slice * 20))) };
}

function readPortableExecutable(view: Buffer): MachineCode | null {
  if (view.length < 0x40 || view.toString("latin1", 0, 2) !== "MZ") return null;
  const header = view.readUInt32LE(0x3c);
  if (header + 6 > view.length || view.toString("latin1", header, header + 4) !== "PE\0\0") return null;
  return { system: "win32", machines: [named(portableMachines, view.readUInt16LE(header + 4))] };
}

function named(machines: ReadonlyMap<number, string>, code: number): string {
  return machines.get(code) ?? `0x${code.toString(16)}`;
}
