/** Which licences may enter training: permissive ones only, by their SPDX identifiers. */

const allowed = new Set(["MIT", "MIT-0", "ISC", "BSD-2-Clause", "BSD-3-Clause", "0BSD", "Apache-2.0", "Zlib",
  "BSL-1.0", "PSF-2.0", "Python-2.0", "BlueOak-1.0.0", "CC0-1.0", "Unlicense", "Apache-2.0 WITH LLVM-exception"]);

/** Debian's short names where they differ from SPDX. */
const debianNames: Readonly<Record<string, string>> = {
  "expat": "MIT", "mit": "MIT", "bsd-3-clause": "BSD-3-Clause", "bsd-3-clauses": "BSD-3-Clause", "bsd-3": "BSD-3-Clause",
  "bsd-c3": "BSD-3-Clause", "bsd-3-google": "BSD-3-Clause", "bsd-3-clause~google": "BSD-3-Clause", "boost-1.0": "BSL-1.0",
  "zlib/libpng": "Zlib", "bsd-2-clause": "BSD-2-Clause", "apache-2.0": "Apache-2.0", "apache-2": "Apache-2.0", "apache": "Apache-2.0",
  "isc": "ISC", "zlib": "Zlib", "psf": "PSF-2.0", "psf-2": "PSF-2.0", "psf-2.0": "PSF-2.0", "python-2.0": "Python-2.0",
  "public-domain": "CC0-1.0", "cc0-1.0": "CC0-1.0", "cc0": "CC0-1.0", "unlicense": "Unlicense", "bsl-1.0": "BSL-1.0",
  "0bsd": "0BSD", "mit-0": "MIT-0",
};

/**
 * True when an SPDX expression grants a permissive licence: one allowed side of every OR, all sides of every AND.
 * Free text, a missing licence and "SEE LICENSE IN …" are refused.
 */
export function isPermissive(expression: string | undefined): boolean {
  if (expression === undefined) return false;
  const text = expression.trim();
  const inner = /^\(([^()]*)\)$/.exec(text);
  if (inner) return isPermissive(inner[1]);
  if (allowed.has(text)) return true;
  const either = text.split(/ OR /i);
  if (either.length > 1) return either.some((side) => isPermissive(balanced(side)));
  const both = text.split(/ AND /i);
  return both.length > 1 && both.every((side) => isPermissive(balanced(side)));
}

function balanced(side: string): string {
  return side.trim().replace(/^\(+|\)+$/g, "");
}

/** One stanza of a Debian copyright file. */
export interface DebianStanza { readonly files: readonly string[]; readonly licence: string }

/** The `Files:` stanzas of a machine-readable Debian copyright file; empty for any other text. */
export function debianStanzas(copyright: string): DebianStanza[] {
  if (!/^Format:/m.test(copyright)) return [];
  return copyright.split(/\n\s*\n/).flatMap((paragraph) => {
    const files = /^Files:((?:.*)(?:\n[ \t].*)*)/m.exec(paragraph)?.[1];
    const licence = /^License:[ \t]*(.*)$/m.exec(paragraph)?.[1];
    if (files === undefined || licence === undefined) return [];
    return [{ files: files.split(/\s+/).filter((file) => file !== ""), licence: licence.trim() }];
  });
}

/** SPDX form of Debian's licence line: "Expat or Apache-2.0" becomes "MIT OR Apache-2.0". */
export function fromDebian(licence: string): string {
  const words = licence.replace(/,/g, " ").split(/\s+/);
  return words.map((word) => {
    if (/^(and|or)$/i.test(word)) return word.toUpperCase();
    return debianNames[word.toLowerCase()] ?? word;
  }).join(" ");
}

/**
 * The licence of `Files: *`, and the patterns of files that stand under a licence we do not take.
 * `read` is the licence that a person read, for packages that state none or call it by a name of their own.
 */
export function debianLicence(copyright: string, read?: string): { licence: string | undefined; refused: string[] } {
  const stanzas = debianStanzas(copyright).map((stanza) =>
    ({ ...stanza, licence: (stanza.files.includes("*") ? read : undefined) ?? fromDebian(stanza.licence) }));
  return {
    licence: read ?? stanzas.find((stanza) => stanza.files.includes("*"))?.licence,
    refused: stanzas.filter((stanza) => !isPermissive(stanza.licence)).flatMap((stanza) => stanza.files)
      .filter((pattern) => !pattern.startsWith("debian/")),
  };
}

/**
 * Whether an installed path may be a file of a source pattern. Packages install files under other folders
 * than the source has, so only the last two parts of the pattern are compared: it refuses too much, never too little.
 */
export function matchesSourcePattern(path: string, pattern: string): boolean {
  const tail = pattern.replace(/^\.\//, "").split("/").slice(-2).join("/");
  const expression = tail.replace(/[.+^${}()|[\]\\]/g, "\\$&").replace(/\*/g, ".*").replace(/\?/g, ".");
  return new RegExp(`(^|/)${expression}$`).test(path);
}
