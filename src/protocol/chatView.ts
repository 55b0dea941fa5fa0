/**
 * What crosses between the extension host and the chat panel's webview. The host owns all state; the webview is a
 * disposable view of it. Both sides parse what they get: the host because a webview is untrusted, the webview because
 * an old view may meet a new host.
 */
import * as v from "valibot";

/** Raised with every change of a message's shape. A view and a host of different versions do not talk; the view says so. */
export const CHAT_PROTOCOL_VERSION = 2;

/** Longest question, in UTF-16 units. A longer one is refused in words, never cut. */
export const LONGEST_QUESTION = 32_000;

const identifier = v.pipe(v.string(), v.regex(/^[A-Za-z0-9-]{1,64}$/));
const lineNumber = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(10_000_000));
const count = v.pipe(v.number(), v.integer(), v.minValue(0));

/** True for a path that can only mean a place below the workspace: relative, forward slashes, no step upwards. */
export function isWorkspaceRelative(path: string): boolean {
  if (path.length === 0 || path.length > 1024 || path.startsWith("/")) return false;
  if (/[\\\0\r\n]/.test(path) || /^[A-Za-z][A-Za-z0-9+.-]*:/.test(path)) return false;
  return path.split("/").every((step) => step !== ".." && step !== "." && step !== "");
}

const workspacePath = v.pipe(v.string(), v.check(isWorkspaceRelative, "not a path inside the workspace"));

/** Lines of the answer's markdown that hold a fenced block, fences included: 0-based, end exclusive. */
const blockLines = v.strictObject({ start: count, end: count });

/** Which text of a turn is meant: the answer given on this machine (the usual one), or its correction. */
const part = v.picklist(["answer", "correction"]);

const viewMessage = v.variant("type", [
  v.strictObject({ type: v.literal("ready"), version: v.number() }),
  v.strictObject({ type: v.literal("ask"), text: v.pipe(v.string(), v.maxLength(LONGEST_QUESTION), v.regex(/\S/)) }),
  v.strictObject({ type: v.literal("stop") }),
  v.strictObject({ type: v.literal("askAgain"), turn: identifier }),
  v.strictObject({ type: v.literal("clear") }),
  v.strictObject({ type: v.literal("undoClear") }),
  v.strictObject({ type: v.literal("openSource"), file: workspacePath, startLine: lineNumber, endLine: lineNumber }),
  v.strictObject({ type: v.literal("copy"), turn: identifier, of: v.optional(part), block: v.optional(blockLines) }),
  v.strictObject({ type: v.literal("insertAtCursor"), turn: identifier, of: v.optional(part), block: blockLines }),
  /** The person would like an endpoint to correct the answer. It is no consent: the gate asks for that, in the editor's own dialog. */
  v.strictObject({ type: v.literal("askEndpoint"), turn: identifier }),
  /** The offer to ask is turned down. */
  v.strictObject({ type: v.literal("declineEndpoint"), turn: identifier }),
  v.strictObject({ type: v.literal("chooseModel") }),
]);

const source = v.object({ file: v.string(), startLine: v.number(), endLine: v.number(), tokens: v.number() });
const leftOut = v.object({ file: v.string(), reason: v.string() });

const basis = v.object({
  /** Who answers: the index at once, or a model in writing. */
  kind: v.picklist(["index", "model"]),
  /** The model's name, where a model answers. */
  model: v.optional(v.string()),
  sources: v.array(source),
  leftOut: v.array(leftOut),
});

const turnStatus = v.variant("state", [
  v.object({ state: v.literal("answering") }),
  v.object({ state: v.literal("done") }),
  v.object({ state: v.literal("stopped") }),
  v.object({ state: v.literal("failed"), cause: v.string(), retry: v.boolean() }),
]);

/** The person is told that an endpoint could be asked. */
const offer = v.object({
  endpoint: v.string(),
  words: v.string(),
  /** Why it is offered: a sentence for each reason. */
  why: v.array(v.string()),
});

const correction = v.object({
  endpoint: v.string(),
  /** Markdown so far; the whole corrected answer where it is done. */
  text: v.string(),
  status: v.variant("state", [
    v.object({ state: v.literal("answering") }),
    /** `unchanged`: it says the same as the draft. */
    v.object({ state: v.literal("done"), unchanged: v.boolean() }),
    v.object({ state: v.literal("stopped") }),
    v.object({ state: v.literal("failed"), cause: v.string(), retry: v.boolean() }),
    v.object({ state: v.literal("refused"), because: v.string() }),
  ]),
});

/** The share of answers that stayed on this machine, in words, and the figures behind it. */
const kept = v.object({ words: v.string(), figures: v.string() });

const turn = v.object({
  id: v.string(),
  question: v.string(),
  /** Markdown so far. */
  text: v.string(),
  /** Unknown until the context has been chosen. */
  basis: v.optional(basis),
  status: turnStatus,
  offer: v.optional(offer),
  correction: v.optional(correction),
});

const hostMessage = v.variant("type", [
  v.object({
    type: v.literal("state"),
    sequence: count,
    version: v.number(),
    turns: v.array(turn),
    /** True where older turns are on disk but not shown, because the conversation is long. */
    earlier: v.boolean(),
    /** True where a cleared conversation can still be put back. */
    cleared: v.boolean(),
    /** The chat model's name; absent while the index answers. */
    model: v.optional(v.string()),
    /** One line about the conversation itself, such as that it cannot be kept on disk. */
    notice: v.optional(v.string()),
    /** Name of the endpoint that could be asked; absent where none is set up. */
    endpoint: v.optional(v.string()),
    kept: v.optional(kept),
  }),
  v.object({ type: v.literal("turnStarted"), sequence: count, turn, replaces: v.optional(v.string()) }),
  v.object({ type: v.literal("context"), sequence: count, turn: v.string(), basis }),
  v.object({ type: v.literal("delta"), sequence: count, turn: v.string(), text: v.string() }),
  v.object({ type: v.literal("done"), sequence: count, turn: v.string(), text: v.string(), basis }),
  v.object({ type: v.literal("stopped"), sequence: count, turn: v.string() }),
  v.object({ type: v.literal("failed"), sequence: count, turn: v.string(), cause: v.string(), retry: v.boolean() }),
  /** An offer for a turn; without one, it is taken back. */
  v.object({ type: v.literal("offer"), sequence: count, turn: v.string(), offer: v.optional(offer) }),
  /** A correction begins or ends. */
  v.object({ type: v.literal("correction"), sequence: count, turn: v.string(), correction }),
  v.object({ type: v.literal("correctionDelta"), sequence: count, turn: v.string(), text: v.string() }),
  v.object({ type: v.literal("kept"), sequence: count, kept }),
  v.object({ type: v.literal("focus"), sequence: count }),
  /** The view speaks another version: after an update, until the window is loaded anew. Kept the same in all versions. */
  v.object({ type: v.literal("otherVersion"), sequence: count }),
]);

/** From the webview: what the person did. */
export type ViewMessage = v.InferOutput<typeof viewMessage>;
/** From the host, numbered without gaps. A `state` starts the numbering anew. */
export type HostMessage = v.InferOutput<typeof hostMessage>;
/** A host message before the outbox has numbered it. */
export type UnnumberedHostMessage = HostMessage extends infer M ? (M extends HostMessage ? Omit<M, "sequence"> : never) : never;

export type BlockLines = v.InferOutput<typeof blockLines>;
export type TurnView = v.InferOutput<typeof turn>;
export type TurnViewStatus = v.InferOutput<typeof turnStatus>;
export type AnswerBasis = v.InferOutput<typeof basis>;
export type OfferView = v.InferOutput<typeof offer>;
export type CorrectionView = v.InferOutput<typeof correction>;
export type KeptView = v.InferOutput<typeof kept>;
/** Which text of a turn is meant. */
export type TurnPart = v.InferOutput<typeof part>;
export type ShownSource = v.InferOutput<typeof source>;

/** The message, or undefined for anything that is not exactly one. Unknown fields are refused. */
export function parseViewMessage(data: unknown): ViewMessage | undefined {
  const parsed = v.safeParse(viewMessage, data);
  return parsed.success ? parsed.output : undefined;
}

/** The message, or undefined for anything that is not one. Unknown fields are dropped. */
export function parseHostMessage(data: unknown): HostMessage | undefined {
  const parsed = v.safeParse(hostMessage, data);
  return parsed.success ? parsed.output : undefined;
}
