/** `812 bytes`, `4.1 kB`, `12 MB`: decimal units, as networks count. */
export function bytesInWords(bytes: number): string {
  const units = ["bytes", "kB", "MB", "GB", "TB"];
  let value = bytes;
  let unit = 0;
  // 999.95 would be written as 1000.0.
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1_000;
    unit++;
  }
  if (unit === 0) return `${String(bytes)} ${bytes === 1 ? "byte" : "bytes"}`;
  return `${value < 9.95 ? value.toFixed(1) : value.toFixed(0)} ${units[unit] ?? ""}`;
}
