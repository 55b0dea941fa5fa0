import * as valibot from "valibot";
import type { LoadedModelInfo } from "../../protocol/engine";
import type { CacheType, LoadChoices, LoraAdapter } from "../../protocol/loadOptions";
import { cacheBytes } from "./estimate";
import { BACKEND_NAMES } from "./loadLadder";
import type { ModelShape } from "./modelShape";

/** How a person wants a role's model held. Everything may be left automatic. */
export interface LoadOptions extends Required<LoadChoices> {
  readonly contextSize: number | "auto";
  /** 0: what was measured, or the physical cores minus one. */
  readonly threads: number;
  /** 0: what was measured, or 64. */
  readonly batchSize: number;
}

const count = (least: number, most: number): valibot.GenericSchema<unknown, number> => valibot.pipe(valibot.number(), valibot.integer(), valibot.minValue(least), valibot.maxValue(most));
const orAuto = (least: number, most: number): valibot.GenericSchema<unknown, number | "auto"> => valibot.union([valibot.literal("auto"), count(least, most)]);
const batch = valibot.union([valibot.literal(0), count(8, 512)]);
const choice = valibot.picklist(["auto", "on", "off"]);
const absolute = valibot.pipe(valibot.string(), valibot.regex(/^(?:\/|[A-Za-z]:[\\/]|\\\\)/));
const adapter = valibot.strictObject({ path: absolute, scale: valibot.optional(valibot.pipe(valibot.number(), valibot.finite(), valibot.minValue(-10), valibot.maxValue(10)), 1) });

/** Adapters that one role may have. */
const MOST_ADAPTERS = 8;

/**
 * Every option: its safe value, its check, what it wants in words, and what it costs in words. Settings' descriptions
 * and the status tooltip take the words from here.
 */
export const LOAD_OPTIONS = {
  contextSize: {
    fallback: "auto", schema: orAuto(256, 131_072), wants: "auto or a whole number from 256 to 131072",
    cost: "Memory for keys and values grows with it, and a new prompt takes as much longer as it is longer. Automatic: 2,048 tokens for completion, 8,192 for chat, less where memory is short.",
  },
  threads: {
    fallback: 0, schema: count(0, 256), wants: "a whole number from 0 (automatic) to 256",
    cost: "With every core taken, one busy program cuts the speed to a tenth. Automatic: what the measurement found best, or the physical cores minus one.",
  },
  batchSize: {
    fallback: 0, schema: batch, wants: "0 (automatic) or a whole number from 8 to 512",
    cost: "Prompt tokens evaluated in one go. More are read a little faster and make a key press wait longer for what is under way. Automatic: about 0.15 seconds' worth, or 64.",
  },
  gpuLayers: {
    fallback: "auto", schema: orAuto(0, 1_000), wants: "auto or a whole number from 0 to 1000",
    cost: "Layers on the GPU run many times faster and take its memory; the others run on the processor. Automatic: as many as its free memory holds, 0 without a GPU.",
  },
  cacheType: {
    fallback: "f16", schema: valibot.picklist(["f16", "q8_0", "q4_0"]), wants: "f16, q8_0 or q4_0",
    cost: "q8_0 halves the memory of keys and values and q4_0 halves it again. On the processor prompts are read at about half the speed, and answers may get a little worse, with q4_0 clearly so. Worth it for long contexts on a GPU.",
  },
  flashAttention: {
    fallback: "auto", schema: choice, wants: "auto, on or off",
    cost: "Less memory with long contexts, at the same quality. Automatic: on wherever the model and the machine can.",
  },
  memoryMapping: {
    fallback: "auto", schema: choice, wants: "auto, on or off",
    cost: "Mapped, a model larger than memory runs as slowly as the disk is instead of failing. Off reads all of it into memory first: slower to load, and it has to fit. Automatic: on.",
  },
  adapters: {
    fallback: [] as readonly LoraAdapter[], schema: valibot.pipe(valibot.array(adapter), valibot.maxLength(MOST_ADAPTERS)), wants: `a list of at most ${String(MOST_ADAPTERS)} objects with an absolute path and a scale from -10 to 10`,
    cost: "Each takes its file's size in memory and slows every token down by a few percent. Its file is checked like the model's.",
  },
} as const satisfies { readonly [Name in keyof LoadOptions]: { readonly fallback: LoadOptions[Name]; readonly schema: valibot.GenericSchema<unknown>; readonly wants: string; readonly cost: string } };

export type LoadOptionName = keyof LoadOptions;

/** The automatic values of all options. */
export const AUTOMATIC_OPTIONS: LoadOptions = Object.fromEntries(names().map((name) => [name, LOAD_OPTIONS[name].fallback])) as unknown as LoadOptions;

/**
 * Checks a raw object of options. A value that does not fit is replaced by the automatic one and reported in a sentence
 * that begins with `where` (a setting's key); so is a key that is none, and a pair that the library refuses.
 */
export function parseLoadOptions(raw: unknown, where: string): { readonly options: LoadOptions; readonly problems: readonly string[] } {
  if (raw === undefined) return { options: AUTOMATIC_OPTIONS, problems: [] };
  if (typeof raw !== "object" || raw === null || Array.isArray(raw)) return { options: AUTOMATIC_OPTIONS, problems: [`${where} must be an object of options; automatic values are used`] };
  const problems = Object.keys(raw).filter((key) => !Object.hasOwn(LOAD_OPTIONS, key)).map((key) => `${where}.${key} is not an option; it is ignored`);
  const parsed = Object.entries(raw).flatMap(([key, value]: [string, unknown]) => {
    if (!isName(key)) return [];
    const { schema, wants } = LOAD_OPTIONS[key];
    const result = valibot.safeParse(schema as valibot.GenericSchema<unknown>, value);
    if (result.success) return [[key, result.output] as const];
    problems.push(`${where}.${key} must be ${wants}; the automatic value is used`);
    return [];
  });
  const options = { ...AUTOMATIC_OPTIONS, ...Object.fromEntries(parsed) } as LoadOptions;
  if (options.cacheType === "f16" || options.flashAttention !== "off") return { options, problems };
  return { options: { ...options, flashAttention: "auto" }, problems: [...problems, `${where}.flashAttention cannot be off with the cache type ${options.cacheType}: it is left automatic`] };
}

function names(): LoadOptionName[] {
  return Object.keys(LOAD_OPTIONS).filter(isName);
}

function isName(key: string): key is LoadOptionName {
  return Object.hasOwn(LOAD_OPTIONS, key);
}

/** What a cache type takes at a context size for a model, as a clause for a picker or a tooltip. */
export function describeCache(shape: ModelShape, contextSize: number, cacheType: CacheType): string {
  const bytes = cacheBytes(shape, { contextSize, cacheType });
  const saved = cacheBytes(shape, { contextSize }) - bytes;
  const takes = `${megabytes(bytes)} for ${String(contextSize)} tokens of keys and values`;
  return saved > 0 ? `${takes}, ${megabytes(saved)} less than with f16` : takes;
}

/** How a loaded model is held, line by line, for the status tooltip: first what it has, then its notes. */
export function describePlacement(model: Pick<LoadedModelInfo, "contextSize" | "placement" | "notes">): string[] {
  const { placement } = model;
  const where = placement.gpuLayers === 0 ? `on ${BACKEND_NAMES.cpu}, ${counted(placement.threads, "thread")}` : `${String(placement.gpuLayers)} of ${String(placement.layers)} layers on ${BACKEND_NAMES[placement.backend]}`;
  const extras = [
    placement.cacheType === "f16" ? "" : `keys and values in ${placement.cacheType}`,
    placement.memoryMapped ? "" : "held in memory as a whole",
    placement.adapters === 0 ? "" : counted(placement.adapters, "adapter"),
    placement.shared ? "weights shared with the other role" : "",
  ].filter((extra) => extra !== "");
  return [[`${String(model.contextSize)} tokens of context`, where, ...extras].join(", "), ...model.notes];
}

function counted(number: number, noun: string): string {
  return `${String(number)} ${noun}${number === 1 ? "" : "s"}`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`;
}
