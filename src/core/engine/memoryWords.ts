/**
 * What llama.cpp, its back ends and drivers say where memory is all taken. Narrow on purpose: a "memory access fault" is
 * a driver's fault and no shortage.
 */
const NO_MEMORY = /out of (?:device |host |gpu )?memory|OutOf(?:Device|Host)?Memory|OUT_OF_(?:DEVICE_|HOST_)?MEMORY|cudaErrorMemoryAllocation|(?:unable|failed) to allocate|memory allocation .{0,80}failed/i;

/** Whether a program's last words tell that memory did not suffice. */
export function tellsNoMemory(words: string): boolean {
  return NO_MEMORY.test(words);
}
