/**
 * Measures the exported model on held-out packages and prints the tables of the model card.
 * Usage: npx tsx models/starter/train/evaluate.ts [--config FILE] WORK-FOLDER [CASES-A-LANGUAGE] [CHECKPOINT] [GGUF]
 */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { CorpusFile } from "./collect.js";
import { readCommandLine, recipeFolder, type CommandLine, type RecipeConfig } from "./config.js";
import { readCorpus } from "./corpus.js";
import { openEngine } from "./engine.js";
import { readTokenizer } from "./exportModel.js";
import { copyLongestMatch, copyNearestLine, lineCase, type LineCase } from "./lineCases.js";
import { completeLine, type LineAnswer } from "./completeLine.js";
import { RowPacker } from "./makeSamples.js";
import { randomInteger, randomNumbers } from "./random.js";
import { createNeighbourhood, relatedChunks, type NamedText, type Neighbourhood } from "./repositoryContext.js";
import { plainSample } from "./samples.js";
import { buildTrainer, trainerOptions } from "./train.js";

interface Answer {
  readonly case: LineCase;
  readonly text: string;
  readonly probability: number;
  /** The answer when a blank before the cursor is left for the model to write. */
  readonly healed: LineAnswer;
  /** The same with chunks of other files of the package before the file; for every second case, where there are any. */
  readonly withFiles: LineAnswer | undefined;
}

const sameText = (left: string, right: string): boolean => left.trimEnd() === right.trimEnd();
const percent = (part: number, whole: number): string => (whole === 0 ? "–" : `${((100 * part) / whole).toFixed(1)} %`);

async function main({ config, rest: [workFolder, count, checkpoint, gguf] }: CommandLine): Promise<void> {
  if (workFolder === undefined) throw new Error("usage: evaluate.ts [--config FILE] WORK-FOLDER [CASES-A-LANGUAGE] [CHECKPOINT] [GGUF]");
  const byLanguage = await heldOutFiles(workFolder);
  printBitsPerByte(workFolder, config, byLanguage, checkpoint ?? join(workFolder, "checkpoint.bin"));
  const answers = await answerCases(workFolder, byLanguage, Number(count ?? 300), gguf ?? join(dirname(recipeFolder), "ghostlight-starter.gguf"));
  printExactness(answers);
  printFilesBefore(answers);
  printPrecision(answers);
}

async function heldOutFiles(workFolder: string): Promise<Map<string, CorpusFile[]>> {
  const files = new Map<string, CorpusFile[]>();
  for await (const file of readCorpus(join(workFolder, "corpus.jsonl"))) {
    if (file.heldOut) files.set(file.language, [...(files.get(file.language) ?? []), file]);
  }
  return files;
}

/** Loss of plain left-to-right text in windows of the context's length, in bits for each byte of the text. */
function printBitsPerByte(workFolder: string, config: RecipeConfig, byLanguage: ReadonlyMap<string, CorpusFile[]>, checkpoint: string): void {
  const tokenizer = readTokenizer(workFolder);
  const program = buildTrainer(workFolder, config);
  const samples = join(workFolder, "held-out.bin");
  console.log("| language | files | bytes | bits per byte |\n|---|---:|---:|---:|");
  for (const [language, files] of byLanguage) {
    const rows: Buffer[] = [];
    const packer = new RowPacker(config.model.context + 1, tokenizer.special("<|fim_pad|>"), (row) => rows.push(Buffer.from(row.buffer)));
    let bytes = 0;
    const used = files.slice(0, 60);
    for (const file of used) {
      const sample = plainSample(file.path, file.text, false, tokenizer, config.model.context + 1);
      if (sample === undefined) continue;
      packer.add(sample);
      bytes += sample.reduce((sum, id) => sum + tokenizer.byteLength(id), 0);
    }
    packer.finish();
    writeFileSync(samples, Buffer.concat(rows));
    const output = execFileSync(program, [...trainerOptions(config, { samples, checkpoint }), "--evaluate", "1"], { encoding: "utf8" });
    const { nats } = JSON.parse(output) as { nats: number };
    console.log(`| ${language} | ${used.length} | ${bytes} | ${(nats / Math.LN2 / bytes).toFixed(3)} |`);
  }
}

async function answerCases(workFolder: string, byLanguage: ReadonlyMap<string, CorpusFile[]>, count: number, gguf: string): Promise<Answer[]> {
  const tokenizer = readTokenizer(workFolder);
  const engine = await openEngine(gguf);
  const random = randomNumbers(21);
  const neighbourhoods = new Map<string, Neighbourhood>();
  const answers: Answer[] = [];
  for (const [language, files] of byLanguage) {
    if (language === "declaration") continue;
    for (let made = 0, tries = 0; made < count && tries < count * 4; tries++) {
      const file = files[randomInteger(random, files.length)];
      const lineToAsk = file && lineCase(file, random);
      const answer = lineToAsk && await completeLine(engine, tokenizer, lineToAsk.path, lineToAsk);
      if (answer === undefined || lineToAsk === undefined || file === undefined) continue;
      const healed = await completeLine(engine, tokenizer, lineToAsk.path, lineToAsk, true) ?? answer;
      const chunks = made % 2 === 0 ? otherFiles(neighbourhoods, files, file, lineToAsk) : [];
      const withFiles = chunks.length === 0 ? undefined : await completeLine(engine, tokenizer, lineToAsk.path, lineToAsk, true, chunks);
      answers.push({ case: lineToAsk, ...answer, healed, withFiles });
      made++;
    }
  }
  await engine.close();
  return answers;
}

/** What a product would put before the file: it sees the text before the cursor and not the answer. */
function otherFiles(known: Map<string, Neighbourhood>, files: readonly CorpusFile[], file: CorpusFile, lineToAsk: LineCase): NamedText[] {
  const neighbourhood = known.get(file.package) ?? createNeighbourhood(files.filter((other) => other.package === file.package));
  known.set(file.package, neighbourhood);
  return relatedChunks(neighbourhood, file.path, lineToAsk.prefix.slice(-1500), 1000, 2);
}

/** Exactness with and without other files before the file, blank left to the model in both. */
function printFilesBefore(answers: readonly Answer[]): void {
  const asked = answers.filter((answer) => answer.withFiles !== undefined);
  console.log("\n| cases | n | file alone | with two chunks of other files before it |\n|---|---:|---:|---:|");
  for (const [name, group] of groupsOf(asked)) {
    const exact = (text: (item: Answer) => string): string =>
      percent(group.filter((item) => sameText(text(item), item.case.middle)).length, group.length);
    console.log(`| ${name} | ${group.length} | ${exact((item) => item.healed.text)} | ${exact((item) => item.withFiles?.text ?? "")} |`);
  }
}

function groupsOf(answers: readonly Answer[]): [string, Answer[]][] {
  const languages = [...new Set(answers.map((answer) => answer.case.language))];
  return [
    ...languages.map((language): [string, Answer[]] => [language, answers.filter((answer) => answer.case.language === language)]),
    ["at the indentation", answers.filter((answer) => answer.case.atIndentation)],
    ["inside a line", answers.filter((answer) => !answer.case.atIndentation)],
    ["all", [...answers]],
  ];
}

function printExactness(answers: readonly Answer[]): void {
  console.log("\n| cases | n | model exact | with the blank before the cursor left to it | copy nearest line | longest match in the file |\n|---|---:|---:|---:|---:|---:|");
  for (const [name, group] of groupsOf(answers)) {
    const right = (answer: (lineToAsk: LineCase) => string): string =>
      percent(group.filter((item) => sameText(answer(item.case), item.case.middle)).length, group.length);
    const exact = percent(group.filter((item) => sameText(item.text, item.case.middle)).length, group.length);
    const healed = percent(group.filter((item) => sameText(item.healed.text, item.case.middle)).length, group.length);
    console.log(`| ${name} | ${group.length} | ${exact} | ${healed} | ${right(copyNearestLine)} | ${right(copyLongestMatch)} |`);
  }
}

function printPrecision(answers: readonly Answer[]): void {
  console.log("\n| shown when the product exceeds | shown | right of those shown | blank left to it: shown | right of those |\n|---|---:|---:|---:|---:|");
  for (const threshold of [0.1, 0.3, 0.5, 0.7, 0.9]) {
    const cells = [(answer: Answer): LineAnswer => answer, (answer: Answer): LineAnswer => answer.healed].map((pick) => {
      const shown = answers.filter((answer) => pick(answer).probability > threshold && pick(answer).text.trim() !== "");
      const right = shown.filter((answer) => sameText(pick(answer).text, answer.case.middle)).length;
      return `${shown.length} (${percent(shown.length, answers.length)}) | ${right} (${percent(right, shown.length)})`;
    });
    console.log(`| ${threshold} | ${cells.join(" | ")} |`);
  }
}

if (require.main === module) void main(readCommandLine(process.argv.slice(2)));
