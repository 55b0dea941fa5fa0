import * as valibot from "valibot";
import { bytesInWords } from "../util/bytes";
import { shardNames } from "./shards";

/** A model in a kit, as the other machine will list it. */
export interface KitModel {
  readonly id: string;
  readonly name: string;
  readonly licence: string | null;
  /** Where it came from, for the person; null where that is not known. */
  readonly origin: string | null;
}

/** A file of a kit. */
export interface KitFile {
  /** Below the kit's folder, with forward slashes. */
  readonly path: string;
  readonly size: number;
  /** 64 hexadecimal digits. */
  readonly sha256: string;
  /** Of a model's file, the same of all parts of one that is split; null of the others. */
  readonly model: KitModel | null;
}

/** Everything that a kit holds besides the manifest, the sums and the words to read. */
export interface KitManifest {
  readonly version: 1;
  /** ISO 8601. */
  readonly made: string;
  readonly files: readonly KitFile[];
}

/** Names at the top of a kit. */
export const KIT_MANIFEST = "manifest.json";
export const KIT_SUMS = "SHA256SUMS";
export const KIT_WORDS = "README.txt";
export const KIT_CATALOG = "catalog.json";

/** Where files of a kit may lie: nothing else can be named, so no name leads out of it or to a file of the system. */
const KIT_PATH = /^(?:catalog\.json|extensions\/[A-Za-z0-9][\w.@+-]{0,150}\.vsix|models\/[A-Za-z0-9][\w.-]{0,150}\/[A-Za-z0-9][\w.+-]{0,150}\.gguf)$/;
/** Device names of Windows, as a part of a path. */
const RESERVED = /(^|\/)(con|prn|aux|nul|com\d|lpt\d)(\.|\/|$)/i;

const line = valibot.pipe(valibot.string(), valibot.maxLength(300), valibot.regex(/^[^\p{Cc}]*$/u));
const kitModel = valibot.strictObject({ id: valibot.pipe(valibot.string(), valibot.regex(/^[A-Za-z0-9][\w.-]{0,150}$/)), name: line, licence: valibot.nullable(line), origin: valibot.nullable(line) });
const kitFile = valibot.strictObject({
  path: valibot.string(),
  size: valibot.pipe(valibot.number(), valibot.safeInteger(), valibot.minValue(1)),
  sha256: valibot.pipe(valibot.string(), valibot.regex(/^[0-9a-f]{64}$/)),
  model: valibot.nullable(kitModel),
});
const manifest = valibot.strictObject({ version: valibot.literal(1), made: valibot.pipe(valibot.string(), valibot.isoTimestamp()), files: valibot.pipe(valibot.array(kitFile), valibot.minLength(1), valibot.maxLength(1_000)) });

/** Reads a manifest that may come from anybody. `refused` is a sentence. */
export function parseKitManifest(text: string): { readonly manifest: KitManifest } | { readonly refused: string } {
  const parsed = valibot.safeParse(valibot.pipe(valibot.string(), valibot.parseJson(), manifest), text);
  if (!parsed.success) return { refused: `${KIT_MANIFEST} is no manifest of a Ghostlight kit, or one of a newer version.` };
  const seen = new Set<string>();
  for (const { path, model } of parsed.output.files) {
    const why = whyKitPathIsRefused(path, model);
    if (why !== undefined) return { refused: `${KIT_MANIFEST} names the file ${JSON.stringify(path.slice(0, 120))}, which ${why}.` };
    // Two names that one disk holds apart are one file on another.
    if (seen.has(path.toLowerCase())) return { refused: `${KIT_MANIFEST} names ${path} twice.` };
    seen.add(path.toLowerCase());
  }
  const why = whyModelsAreIncomplete(parsed.output.files);
  return why === undefined ? { manifest: parsed.output } : { refused: `${KIT_MANIFEST} ${why}.` };
}

/** A model of a kit with its files: one, or all parts in order. */
export interface KitModelFiles {
  readonly model: KitModel;
  readonly files: readonly [KitFile, ...KitFile[]];
  /** Bytes of all. */
  readonly size: number;
}

/** The models of a kit, in the order of their first files. */
export function modelsOfKit({ files }: Pick<KitManifest, "files">): readonly KitModelFiles[] {
  return files.flatMap((file) => {
    const names = shardNames(file.path);
    if (file.model === null || names[0] !== file.path) return [];
    const parts = names.flatMap((name) => files.find(({ path }) => path === name) ?? []);
    return [{ model: file.model, files: [file, ...parts.slice(1)] as const, size: parts.reduce((sum, { size }) => sum + size, 0) }];
  });
}

/** As `whyKitPathIsRefused`: each model is one file, or all parts of one. */
function whyModelsAreIncomplete(files: readonly KitFile[]): string | undefined {
  for (const { path, model } of files.filter((file) => file.model !== null)) {
    const names = shardNames(path);
    const missing = names.find((name) => !files.some((file) => file.path === name));
    if (missing !== undefined) return `names ${path} without the other part ${missing}`;
    const other = files.find((file) => file.model?.id === model?.id && !names.includes(file.path));
    if (other) return `names two models ${model?.id ?? ""}: ${path} and ${other.path}`;
  }
  return undefined;
}

/** Why a file may not be part of a kit, in words that go on after its name; undefined where it may. */
export function whyKitPathIsRefused(path: string, model: KitModel | null): string | undefined {
  if (!KIT_PATH.test(path) || path.includes("..") || RESERVED.test(path)) return "does not belong into a kit";
  if (path.startsWith("models/") !== (model !== null)) return "is described as something else than it is";
  return model !== null && path.split("/")[1] !== model.id ? "lies in the folder of another model" : undefined;
}

/** The text that `sha256sum -c` and `shasum -c` read. */
export function sumsText(files: readonly Pick<KitFile, "path" | "sha256">[]): string {
  return files.map(({ path, sha256 }) => `${sha256}  ${path}\n`).join("");
}

/** What to do on the other machine, for whoever finds the folder. */
export function kitWords({ made, files }: KitManifest): string {
  const extensions = files.filter(({ path }) => path.startsWith("extensions/"));
  const models = modelsOfKit({ files }).map(({ model, size, files: own }) => `  - ${model.name} (${bytesInWords(size)}, licence: ${model.licence ?? "not known"})${own.map(({ path }) => `\n      ${path}`).join("")}`);
  return [
    "Ghostlight kit: everything a machine needs that never sees a network",
    "=====================================================================",
    "",
    `Made ${made}. Nothing in it needs a network, now or later.`,
    "",
    "1. Check that the files came over whole (optional; importing checks them as well):",
    "     Linux:    sha256sum -c SHA256SUMS",
    "     macOS:    shasum -a 256 -c SHA256SUMS",
    "     Windows:  Get-FileHash extensions\\*.vsix    (compare with SHA256SUMS)",
    "   This tells damage, not forgery: whoever can change the files can change the sums. Compare the",
    "   sums with a list that reached you another way if that matters to you.",
    "",
    "2. Install the extension that fits the machine's system and processor, in VS Code:",
    "     Extensions view, the menu with three dots, \"Install from VSIX...\"",
    ...(extensions.length === 0 ? ["     (this kit holds none)"] : extensions.map(({ path }) => `     ${path}`)),
    "",
    "3. Run the command \"Ghostlight: Import Kit\" and choose this folder. Every file is checked before",
    "   anything is installed.",
    "",
    "Models in this kit:",
    ...(models.length === 0 ? ["  (none)"] : models),
    "",
  ].join("\n");
}
