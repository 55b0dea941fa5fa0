/**
 * Collects the corpus: downloads the packages that config.json names, keeps the files worth learning from,
 * writes `corpus.jsonl` into the work folder and TRAINING-DATA.md beside the model.
 * Usage: npx tsx models/starter/train/collect.ts [--config FILE] WORK-FOLDER
 */
import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import { readCommandLine, recipeFolder, type CommandLine, type RecipeConfig } from "./config.js";
import { fingerprint, languageOf, refuse, type Language } from "./fileRules.js";
import { isKeptOut, isVendoredPath, statesCopy } from "./keptOut.js";
import { isPermissive, matchesSourcePattern } from "./licences.js";
import { openDebianPackage, openDebianSource, openNpmPackage, type OpenPackage } from "./packages.js";
import { randomInteger, randomNumbers } from "./random.js";

/** One line of `corpus.jsonl`. */
export interface CorpusFile {
  readonly package: string;
  readonly path: string;
  readonly language: Language;
  readonly heldOut: boolean;
  readonly text: string;
}

interface PackageReport {
  readonly name: string;
  readonly version: string;
  readonly licence: string;
  readonly heldOut: boolean;
  files: number;
  bytes: number;
}

interface Collection {
  readonly config: RecipeConfig;
  readonly seen: Set<string>;
  readonly bytesPerLanguage: Map<Language, number>;
  readonly refusals: Map<string, number>;
  readonly output: number;
}

function main({ config, rest: [workFolder] }: CommandLine): void {
  if (workFolder === undefined) throw new Error("usage: collect.ts WORK-FOLDER");
  mkdirSync(join(workFolder, "cache"), { recursive: true });
  const collection: Collection = {
    config, seen: new Set(), bytesPerLanguage: new Map(), refusals: new Map(),
    output: openSync(join(workFolder, "corpus.jsonl"), "w"),
  };
  const reports: PackageReport[] = [];
  for (const open of packagesInOrder(config, join(workFolder, "cache"))) {
    const report = collectPackage(collection, open);
    if (report !== undefined && report.files > 0) reports.push(report);
  }
  closeSync(collection.output);
  writeFileSync(join(dirname(recipeFolder), "TRAINING-DATA.md"), trainingData(reports));
  console.log(Object.fromEntries(collection.refusals), Object.fromEntries(collection.bytesPerLanguage));
}

/** Held-out packages first: a training file that repeats one of their files is then the one that is dropped. */
function* packagesInOrder(config: RecipeConfig, cache: string): Generator<() => OpenPackage> {
  const debian = config.corpus.debian.map((entry) => (typeof entry === "string" ? { name: entry } : entry));
  const isHeldOut = (name: string): boolean => config.corpus.heldOut.includes(name);
  const npmName = (entry: string): string => entry.slice(0, entry.lastIndexOf("@"));
  for (const heldOut of [true, false]) {
    for (const entry of config.corpus.npm) {
      if (isHeldOut(npmName(entry)) === heldOut) yield () => openNpmPackage(entry, cache);
    }
    for (const entry of debian) {
      const openDebian = entry.source === true ? openDebianSource : openDebianPackage;
      if (isHeldOut(entry.name) === heldOut) yield () => openDebian(entry, join(cache, "deb"));
    }
  }
}

function collectPackage(collection: Collection, open: () => OpenPackage): PackageReport | undefined {
  const opened = open();
  try {
    if (isKeptOut(opened.name)) throw new Error(`${opened.name} is on the kept-out list; remove it from config.json`);
    if (!isPermissive(opened.licence)) {
      console.warn(`left out: ${opened.name} ${opened.version}: licence ${opened.licence ?? "not stated"}`);
      return undefined;
    }
    const report: PackageReport = {
      name: opened.name, version: opened.version, licence: opened.licence ?? "",
      heldOut: collection.config.corpus.heldOut.includes(opened.name), files: 0, bytes: 0,
    };
    for (const path of orderedPaths(opened, collection.config.corpus.seed)) collectFile(collection, opened, path, report);
    return report;
  } finally {
    opened.close();
  }
}

function collectFile(collection: Collection, opened: OpenPackage, path: string, report: PackageReport): void {
  const { corpus } = collection.config;
  const language = languageOf(path);
  if (language === undefined) return;
  const text = opened.read(path).replace(/\r\n/g, "\n").replace(/^\uFEFF/, "");
  const reason = refusal(collection, opened, path, text);
  const used = collection.bytesPerLanguage.get(language) ?? 0;
  const bytes = Buffer.byteLength(text);
  const full = report.bytes + bytes > (corpus.maximumBytes[report.name] ?? corpus.maximumBytesPerPackage)
    || (!report.heldOut && used + bytes > (corpus.maximumBytesPerLanguage[language] ?? Infinity));
  const outcome = reason ?? (full ? "limit" : "taken");
  collection.refusals.set(outcome, (collection.refusals.get(outcome) ?? 0) + 1);
  if (outcome !== "taken") return;
  collection.seen.add(fingerprint(text));
  if (!report.heldOut) collection.bytesPerLanguage.set(language, used + bytes);
  report.files++;
  report.bytes += bytes;
  const file: CorpusFile = { package: report.name, path, language, heldOut: report.heldOut, text };
  writeSync(collection.output, `${JSON.stringify(file)}\n`);
}

function refusal(collection: Collection, opened: OpenPackage, path: string, text: string): string | undefined {
  if (isVendoredPath(path)) return "vendored";
  if (opened.refusedPatterns.some((pattern) => matchesSourcePattern(path, pattern))) return "licence";
  if (statesCopy(text)) return "copy";
  return refuse(path, text) ?? (collection.seen.has(fingerprint(text)) ? "duplicate" : undefined);
}

const buildFolders = /^(dist|build|lib|libs|esm|esm\d+|cjs|es|es\d+|umd|mjs|browser|node|module|modules|main|types|typings|src|source|out|output|_esm|_cjs|commonjs|dist-.*|lib-.*|import|require|default|development|production|package)$/;

/**
 * Seeded random order, sources before builds, and one file of each stem: packages ship the same module
 * as TypeScript, ES module and CommonJS.
 */
function orderedPaths(opened: OpenPackage, seed: number): string[] {
  const paths = [...opened.paths];
  const random = randomNumbers(seed);
  for (let index = paths.length - 1; index > 0; index--) {
    const other = randomInteger(random, index + 1);
    [paths[index], paths[other]] = [paths[other] ?? "", paths[index] ?? ""];
  }
  const hasSources = paths.filter((path) => languageOf(path) === "typescript").length >= 5;
  const candidates = hasSources ? paths.filter((path) => !["javascript", "declaration"].includes(languageOf(path) ?? "")) : paths;
  const rank = (path: string): number => (/(^|\/)(src|source)\//.test(path) ? 0 : /(^|\/)(esm|es|mjs)\//.test(path) ? 1 : 2);
  const stems = new Set<string>();
  return candidates.sort((left, right) => rank(left) - rank(right)).filter((path) => {
    const stem = moduleStem(path);
    return !stems.has(stem) && stems.add(stem);
  });
}

/** The path without build folders and extension; declarations have stems of their own. */
export function moduleStem(path: string): string {
  const kind = languageOf(path) === "declaration" ? "declaration:" : "";
  const folders = path.split("/").filter((folder) => !buildFolders.test(folder)).join("/");
  return kind + folders.replace(/(\.d)?\.[a-z]+$/, "").replace(/[.-](esm|cjs|umd|mjs)$/, "");
}

function trainingData(reports: readonly PackageReport[]): string {
  const table = (heldOut: boolean): string => {
    const rows = reports.filter((report) => report.heldOut === heldOut);
    const total = rows.reduce((sum, row) => sum + row.bytes, 0);
    const files = rows.reduce((sum, row) => sum + row.files, 0);
    return ["| package | version | licence | files | bytes |", "|---|---|---|---:|---:|",
      ...rows.map((row) => `| ${row.name} | ${row.version} | ${row.licence} | ${row.files} | ${row.bytes} |`),
      `| **${rows.length} packages** | | | **${files}** | **${total}** |`].join("\n");
  };
  return `# Text that the starter model was trained on

Written by \`train/collect.ts\`. Each package was named by hand in \`train/config.json\`; the licence is the one that the
package states. "Files" and "bytes" count what was taken after dropping minified, generated, bundled, transpiled and
duplicate files, copies of other packages, and everything above a package's or a language's limit.
Packages on the kept-out list (\`train/keptOut.ts\`) are refused by the collector.

## Training

${table(false)}

## Held out, for evaluation only

${table(true)}
`;
}

if (require.main === module) main(readCommandLine(process.argv.slice(2)));
