/** The first bytes of an ELF file of 64 bits for a processor, given as in `e_machine`. */
export function elfHeader(machine: number, bigEndian = false): Buffer {
  const bytes = Buffer.alloc(64);
  bytes.write("\x7fELF", "latin1");
  bytes.set([2, bigEndian ? 2 : 1, 1], 4);
  if (bigEndian) bytes.writeUInt16BE(machine, 18);
  else bytes.writeUInt16LE(machine, 18);
  return bytes;
}

/** The first bytes of a Mach-O file of 64 bits for a processor, given as in `cputype`. */
export function machHeader(processor: number): Buffer {
  const bytes = Buffer.alloc(32);
  bytes.writeUInt32LE(0xfeedfacf, 0);
  bytes.writeUInt32LE(processor, 4);
  return bytes;
}

/** The first bytes of a universal Mach-O file with a slice for each processor. */
export function universalHeader(processors: readonly number[]): Buffer {
  const bytes = Buffer.alloc(8 + processors.length * 20);
  bytes.writeUInt32BE(0xcafebabe, 0);
  bytes.writeUInt32BE(processors.length, 4);
  processors.forEach((processor, slice) => bytes.writeUInt32BE(processor, 8 + slice * 20));
  return bytes;
}

/** The first bytes of a Windows program or library for a processor, given as in `Machine`. */
export function portableHeader(machine: number): Buffer {
  const bytes = Buffer.alloc(0x98);
  bytes.write("MZ", "latin1");
  bytes.writeUInt32LE(0x80, 0x3c);
  bytes.write("PE\0\0", 0x80, "latin1");
  bytes.writeUInt16LE(machine, 0x84);
  return bytes;
}
