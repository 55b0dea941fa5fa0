import type { CatalogModel, CatalogRole } from "./catalog";
import { predictDecodeSpeed } from "./decodeSpeed";
import { estimateMemory, type CacheType, type MemoryEstimate } from "./estimate";
import { hasByteProducts, lacksWideInstructions, type MachineFacts } from "./machine";
import { shapeFromParameters, type ModelShape } from "./modelShape";

/** What a model is wanted for. */
export interface Wish {
  readonly role: CatalogRole;
  /** Tokens; a model trained for fewer gets fewer. */
  readonly contextSize: number;
  readonly cacheType?: CacheType;
}

/** Green: runs well. Yellow: runs, with a cost that the reasons name. Red: would not start, or not be of use. Advice: nothing is forbidden. */
export type Verdict = "green" | "yellow" | "red";

/** How a model fits a machine, in figures and in whole sentences. */
export interface Fit {
  readonly model: CatalogModel;
  readonly verdict: Verdict;
  readonly reasons: readonly string[];
  readonly memory: MemoryEstimate;
  /** Bytes of the file; estimated where the catalog does not know them. */
  readonly diskBytes: number;
  /** Predicted; undefined where this machine's memory has not been measured, and for models that write nothing. */
  readonly tokensPerSecond: number | undefined;
}

/** Every model of a role, the best first, and the one to take where there is one. */
export interface Recommendation {
  readonly role: CatalogRole;
  readonly fits: readonly Fit[];
  /** Never one whose licence limits use: such a model is the person's own choice. */
  readonly recommended: Fit | undefined;
  readonly why: string;
}

/**
 * Tokens a second under which waiting is felt, and under which it is of no use. Ghost text has to come within a pause
 * between two words; an answer has to be written about as fast as it is read.
 */
const PACE: Readonly<Record<CatalogRole, readonly [felt: number, useless: number] | undefined>> = { completion: [15, 6], chat: [8, 3], embedding: undefined };
/** What the system and the editor themselves need. */
const SYSTEM_BYTES = 1.5e9;
/** Of the free memory: a model that takes more leaves the browser and the compiler beside it to fight for the rest. */
const COMFORTABLE_SHARE = 0.85;
/** A disk that is filled to the last byte stops more than the download. */
const SPARE_DISK = 1e9;
/** A question waits until the places it may mean are compared: a processor takes about a second for each with more parameters than this. */
const LARGE_FOR_COMPARING = 0.3e9;
/** Without wide instructions evaluation takes about twice as long as with AVX2: an estimate, not measured. */
const NARROW_SLOWDOWN = 2;

/** Recommends a model for each wish; what an earlier wish takes of the memory is no longer there for a later one. */
export function recommend(models: readonly CatalogModel[], machine: MachineFacts, wishes: readonly Wish[]): readonly Recommendation[] {
  let taken = 0;
  return wishes.map((wish) => {
    const left = { ...machine, totalMemory: machine.totalMemory - taken, freeMemory: machine.freeMemory - taken };
    const recommendation = recommendForRole(models, left, wish);
    taken += recommendation.recommended?.memory.needed ?? 0;
    return recommendation;
  });
}

function recommendForRole(models: readonly CatalogModel[], machine: MachineFacts, wish: Wish): Recommendation {
  const fits = models.filter((model) => model.roles.includes(wish.role)).map((model) => fitModel(model, machine, wish)).sort(better);
  const recommended = fits.find((fit) => fit.verdict !== "red" && !fit.model.restricted);
  return { role: wish.role, fits, recommended, why: whyTaken(recommended, fits) };
}

/** Judges one model. `shape` is that of its file's header where the file is there already. */
export function fitModel(model: CatalogModel, machine: MachineFacts, wish: Wish, shape: ModelShape = shapeFromParameters(model)): Fit {
  const contextSize = Math.min(wish.contextSize, model.contextLength);
  const use = { contextSize, rearranges: !lacksWideInstructions(machine), ...(wish.cacheType === undefined ? {} : { cacheType: wish.cacheType }) };
  const memory = estimateMemory(shape, use);
  const diskBytes = model.size ?? memory.weights;
  const tokensPerSecond = speedOf(shape, machine, wish.role);
  const findings = [memoryFinding(memory, machine), diskFinding(diskBytes, machine), speedFinding(tokensPerSecond, machine, wish.role), ...notes(model, machine, wish, memory, contextSize)];
  const found = findings.filter((finding) => finding !== undefined);
  return { model, verdict: worstOf(found), reasons: found.map((finding) => finding.words), memory, diskBytes, tokensPerSecond };
}

interface Finding {
  readonly verdict: Verdict;
  readonly words: string;
}

function memoryFinding(memory: MemoryEstimate, machine: MachineFacts): Finding {
  const { gpu } = machine;
  const needs = `It needs about ${gigabytes(memory.needed)}`;
  if (gpu?.memory !== undefined && !gpu.shared && memory.needed <= gpu.memory) return { verdict: "green", words: `${needs} and fits into the ${gigabytes(gpu.memory)} of ${gpu.name}.` };
  const most = machine.totalMemory - SYSTEM_BYTES;
  if (memory.needed > most) return { verdict: "red", words: `${needs}, and this machine has ${gigabytes(Math.max(0, most))} to give: it would be read from the disk again and again, or not load at all.` };
  if (memory.needed > machine.freeMemory) return { verdict: "yellow", words: `${needs}, and ${gigabytes(Math.max(0, machine.freeMemory))} are free now: close other programs first.` };
  if (memory.needed > machine.freeMemory * COMFORTABLE_SHARE) return { verdict: "yellow", words: `${needs} of the ${gigabytes(machine.freeMemory)} that are free: little is left for other programs.` };
  return { verdict: "green", words: `${needs} of the ${gigabytes(machine.freeMemory)} that are free.` };
}

function diskFinding(bytes: number, machine: MachineFacts): Finding | undefined {
  if (machine.freeDisk === undefined || bytes + SPARE_DISK <= machine.freeDisk) return undefined;
  return { verdict: "red", words: `The file has ${gigabytes(bytes)}, and ${gigabytes(machine.freeDisk)} are free on the disk: make room first.` };
}

function speedOf(shape: ModelShape, machine: MachineFacts, role: CatalogRole): number | undefined {
  if (machine.readingSpeed === undefined || PACE[role] === undefined) return undefined;
  // One core is left to the editor, as the engine does.
  const threads = Math.max(1, machine.physicalCores - 1);
  const decoding = { readingSpeed: machine.readingSpeed, multiplyingSpeed: machine.multiplyingSpeed, threads, byteProducts: hasByteProducts(machine) };
  return predictDecodeSpeed(shape, decoding) / (lacksWideInstructions(machine) ? NARROW_SLOWDOWN : 1);
}

function speedFinding(speed: number | undefined, machine: MachineFacts, role: CatalogRole): Finding | undefined {
  const pace = PACE[role];
  if (pace === undefined) return undefined;
  if (speed === undefined) return { verdict: "green", words: "How fast it will be is not known: this machine has not been measured." };
  const [felt, useless] = pace;
  const words = `On the processor it will write about ${speed < 10 ? speed.toFixed(1) : speed.toFixed(0)} tokens a second`;
  if (speed >= felt) return { verdict: "green", words: `${words}.` };
  const cost = role === "completion" ? "ghost text would come too late" : "an answer would be slower than one reads";
  // A graphics processor is faster by a factor that only its own measurement tells.
  if (machine.gpu) return { verdict: "yellow", words: `${words}; ${machine.gpu.name} may make it fast enough.` };
  return { verdict: speed >= useless ? "yellow" : "red", words: speed >= useless ? `${words}: the wait will be felt.` : `${words}: ${cost}.` };
}

function notes(model: CatalogModel, machine: MachineFacts, wish: Wish, memory: MemoryEstimate, contextSize: number): Finding[] {
  const found: Finding[] = [];
  if (wish.role === "embedding" && machine.gpu === undefined && model.parameters > LARGE_FOR_COMPARING) found.push({ verdict: "yellow", words: "Without a graphics processor it compares only a few places before each answer." });
  if (lacksWideInstructions(machine)) found.push({ verdict: "yellow", words: "This processor has no AVX2 instructions: everything takes about twice as long." });
  if (contextSize < wish.contextSize) found.push({ verdict: "green", words: `It was trained for ${count(model.contextLength)} tokens of context, fewer than the ${count(wish.contextSize)} wished for.` });
  if (memory.cache > memory.weights) found.push({ verdict: "green", words: `The context of ${count(contextSize)} tokens takes more memory than the model: a smaller one would do with less.` });
  if (model.activeParameters < model.parameters) found.push({ verdict: "green", words: `Of its ${billions(model.parameters)} parameters each token uses ${billions(model.activeParameters)}: it takes the memory of the first and has the speed of the second.` });
  if (model.restricted) found.push({ verdict: "green", words: `Its licence (${model.licence}) limits what it may be used for: read it before the download.` });
  return found;
}

function worstOf(findings: readonly Finding[]): Verdict {
  if (findings.some((finding) => finding.verdict === "red")) return "red";
  return findings.some((finding) => finding.verdict === "yellow") ? "yellow" : "green";
}

const ORDER: Readonly<Record<Verdict, number>> = { green: 0, yellow: 1, red: 2 };

/**
 * Better colour first; of the green ones the larger model, of the others the faster one; then the hash that more
 * sources state. The catalog's own order decides the rest.
 */
function better(left: Fit, right: Fit): number {
  const colour = ORDER[left.verdict] - ORDER[right.verdict];
  if (colour !== 0) return colour;
  const size = right.model.parameters - left.model.parameters;
  const cost = right.memory.needed - left.memory.needed;
  return (left.verdict === "green" ? size : -cost) || right.model.hashSources.length - left.model.hashSources.length;
}

function whyTaken(taken: Fit | undefined, fits: readonly Fit[]): string {
  if (taken === undefined) {
    const free = fits.filter((fit) => !fit.model.restricted);
    return free.length === 0 ? "The catalog has no model for it." : `No model of the catalog fits this machine. The smallest would be ${smallest(free).model.name}. ${smallest(free).reasons.join(" ")}`;
  }
  const head = taken.verdict === "green" ? `${taken.model.name} is the largest that runs well here.` : `Nothing runs well here; ${taken.model.name} is the least burden.`;
  return [head, ...taken.reasons].join(" ");
}

function smallest(fits: readonly Fit[]): Fit {
  return fits.reduce((least, fit) => (fit.memory.needed < least.memory.needed ? fit : least));
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}

function billions(parameters: number): string {
  return `${(parameters / 1e9).toFixed(1)} billion`;
}

function count(tokens: number): string {
  return tokens.toLocaleString("en-US");
}
