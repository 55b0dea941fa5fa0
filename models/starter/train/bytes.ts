/**
 * The printable alphabet of byte-level BPE: each of the 256 bytes has one visible character,
 * so that vocabularies can be stored as text. Source of the idea: GPT-2's `bytes_to_unicode`.
 */

const visible = (byte: number): boolean =>
  (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || (byte >= 174 && byte <= 255);

/** Character of each byte, indexed by the byte. */
export const byteCharacters: readonly string[] = buildByteCharacters();

const bytesByCharacter = new Map(byteCharacters.map((character, byte) => [character, byte]));

/** UTF-8 bytes of a text, one alphabet character each. */
export function toByteCharacters(text: string): string {
  let result = "";
  for (const byte of Buffer.from(text, "utf8")) result += byteCharacters[byte];
  return result;
}

/** The bytes that alphabet characters stand for; throws a RangeError on a character outside the alphabet. */
export function fromByteCharacters(characters: string): Buffer {
  return Buffer.from(Array.from(characters, (character) => {
    const byte = bytesByCharacter.get(character);
    if (byte === undefined) throw new RangeError(`not in the byte alphabet: ${character}`);
    return byte;
  }));
}

function buildByteCharacters(): string[] {
  let next = 256;
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(visible(byte) ? byte : next++));
}
