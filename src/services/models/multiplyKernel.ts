/** Node has it; the type declarations of Node 20 leave its values out. */
declare const WebAssembly: {
  readonly Memory: new (size: { readonly initial: number }) => { readonly buffer: ArrayBuffer };
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: Readonly<Record<string, unknown>> };
};

/**
 * A WebAssembly module of one function, `multiply(at, end)`: it multiplies each 16 signed bytes of its memory with the 16
 * after them and adds the products up, from `at` until just before `end`, both multiples of 32, as a matrix of bytes is
 * multiplied with a vector. It is written in bytes because no compiler for it is among the tools; the right column reads
 * it back. Opcodes: https://webassembly.github.io/spec/core/binary/instructions.html
 */
const MODULE = Uint8Array.from([
  0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, // "\0asm", version 1
  0x01, 0x07, 0x01, 0x60, 0x02, 0x7f, 0x7f, 0x01, 0x7f, // type 0: (i32 at, i32 end) -> i32
  0x02, 0x10, 0x01, 0x04, ...named("host"), 0x06, ...named("memory"), 0x02, 0x00, 0x01, // import "host" "memory", a page or more
  0x03, 0x02, 0x01, 0x00, // function 0 has type 0
  0x07, 0x0c, 0x01, 0x08, ...named("multiply"), 0x00, 0x00, // export "multiply", function 0
  0x0a, 0x4a, 0x01, 0x48, // one body of 72 bytes
  0x01, 0x03, 0x7b, //   locals: v128 sums, left, right
  0x03, 0x40, //   loop
  0x20, 0x00, 0xfd, 0x00, 0x04, 0x00, 0x21, 0x03, //     left = v128.load at
  0x20, 0x00, 0xfd, 0x00, 0x04, 0x10, 0x21, 0x04, //     right = v128.load at + 16
  0x20, 0x02, 0x20, 0x03, 0x20, 0x04, 0xfd, 0x9c, 0x01, //     sums, i16x8.extmul_low_i8x16_s left right
  0xfd, 0x7e, 0xfd, 0xae, 0x01, 0x21, 0x02, //     sums = i32x4.add sums, i32x4.extadd_pairwise_i16x8_s
  0x20, 0x02, 0x20, 0x03, 0x20, 0x04, 0xfd, 0x9d, 0x01, //     sums, i16x8.extmul_high_i8x16_s left right
  0xfd, 0x7e, 0xfd, 0xae, 0x01, 0x21, 0x02, //     sums = i32x4.add sums, i32x4.extadd_pairwise_i16x8_s
  0x20, 0x00, 0x41, 0x20, 0x6a, 0x22, 0x00, //     at += 32
  0x20, 0x01, 0x49, 0x0d, 0x00, 0x0b, //     while at < end
  0x20, 0x02, 0xfd, 0x1b, 0x00, 0x0b, //   return i32x4.extract_lane 0 sums
]);
const PAGE_BYTES = 65_536;

/** Multiplies a piece of the kernel's memory; the result is the first of four sums, of use to tests only. */
export type Multiply = (at: number, end: number) => number;

/**
 * The kernel with a memory of its own, every byte of it written to, for pages that were never written to are one page in
 * truth. Throws where WebAssembly or its wide instructions are missing.
 * @param bytes a multiple of 64 KiB
 */
export function multiplyKernel(bytes: number, fill: (memory: Uint8Array) => void = (memory) => memory.fill(1)): Multiply {
  const memory = new WebAssembly.Memory({ initial: bytes / PAGE_BYTES });
  fill(new Uint8Array(memory.buffer));
  const { multiply } = new WebAssembly.Instance(new WebAssembly.Module(MODULE), { host: { memory } }).exports;
  if (typeof multiply !== "function") throw new Error("the kernel exports no function");
  return multiply as Multiply;
}

function named(name: string): Uint8Array {
  return Buffer.from(name);
}
