import { firstLineOf, type Candidate } from "./decide";
import { remainingSuggestion, rememberShown, type ShownSuggestion } from "./held";
import type { FollowUpChange, Voice } from "./outcome";
import type { Snapshot } from "./snapshot";

/** A suggestion with who spoke it. */
export interface StagedSuggestion extends ShownSuggestion {
  readonly voice: Voice;
}

/**
 * What stands on the screen and what may take its place. The rule against flicker, which other tools' users complain of:
 *
 * 1. While no key is pressed, shown text is only extended, never replaced or taken away.
 * 2. With the next key it stays while the person types along it, unless another text is surer by `MARGIN`.
 * 3. It is never replaced by a shorter text of the same start.
 */
export interface Stage {
  readonly shown: StagedSuggestion | undefined;
  /** Another text at the same place that is sure enough: it may come with the next key. */
  readonly waiting: StagedSuggestion | undefined;
  /** The model doubts what is shown: it stays while the person rests, but the next key does not hold it. */
  readonly doubted: boolean;
  /** Offset of the cursor when something was shown last: another offset means that a key was pressed. */
  readonly offset: number;
}

/** Nothing is shown. */
export const EMPTY_STAGE: Stage = { shown: undefined, waiting: undefined, doubted: false, offset: -1 };

/**
 * How much surer another text must be to replace one that still holds. A change under the person's eyes costs attention;
 * at equal stakes the new text must be right about one time in seven more often to be worth it.
 */
export const MARGIN = 0.15;

/** Under this part of the threshold a shown text is doubted. */
const DOUBTED_BELOW = 0.5;

/** Probabilities that differ by less are the same. */
const LEAST_CHANGE = 1e-6;

/** Shows a candidate at a place. */
export function present(snapshot: Snapshot, candidate: Candidate): Stage {
  return { shown: stage(snapshot, candidate), waiting: undefined, doubted: false, offset: snapshot.offset };
}

/** What of the stage still holds at a snapshot, or undefined where it must be asked anew. */
export function onKey(stage: Stage, snapshot: Snapshot): { readonly stage: Stage; readonly text: string; readonly suggestion: StagedSuggestion } | undefined {
  const rest = remainingSuggestion(stage.shown, snapshot);
  const otherRest = remainingSuggestion(stage.waiting, snapshot);
  const { shown, waiting } = stage;
  const pressed = snapshot.offset !== stage.offset;
  if (shown && rest !== undefined && (!pressed || !givesWay(stage, rest, otherRest))) {
    return { stage: { ...stage, offset: snapshot.offset }, text: rest, suggestion: shown };
  }
  const shorter = rest !== undefined && otherRest !== undefined && rest.startsWith(otherRest);
  if (waiting && otherRest !== undefined && !shorter) {
    return { stage: { shown: waiting, waiting: undefined, doubted: false, offset: snapshot.offset }, text: otherRest, suggestion: waiting };
  }
  return undefined;
}

/** Whether a key takes the shown text away: because it is doubted, or because the other one is surer by the margin. */
function givesWay({ shown, waiting, doubted }: Stage, rest: string, otherRest: string | undefined): boolean {
  if (doubted) return true;
  if (!shown || !waiting || otherRest === undefined || rest.startsWith(otherRest)) return false;
  return waiting.confidence > shown.confidence + MARGIN;
}

/**
 * Takes in what the model made of the place that `snapshot` shows: the shown text is confirmed, doubted or extended, and
 * another text that is sure enough waits. `candidates` are those of `decide`, the surest first.
 */
export function onVerdict(before: Stage, snapshot: Snapshot, candidates: readonly Candidate[], threshold: number): { readonly stage: Stage; readonly change: FollowUpChange } {
  const { shown } = before;
  if (!shown) return { stage: before, change: "kept" };
  const sure = candidates.filter((candidate) => candidate.sure);
  const longer = sure.find(({ text }) => text.length > shown.text.length && text.startsWith(shown.text));
  const same = candidates.find(({ text }) => firstLineOf(text) === firstLineOf(shown.text));
  const waits = sure.find(({ text }) => !text.startsWith(shown.text) && !shown.text.startsWith(text));
  const waiting = waits && stage(snapshot, waits);
  if (longer) return { stage: { ...before, shown: { ...shown, text: longer.text, confidence: longer.probability, voice: longer.voice }, waiting, doubted: false }, change: "extended" };
  const confidence = same?.probability ?? shown.confidence;
  const doubted = confidence < threshold * DOUBTED_BELOW;
  const after: Stage = { ...before, shown: { ...shown, confidence, voice: same?.voice ?? shown.voice }, waiting, doubted };
  if (doubted) return { stage: after, change: "doubted" };
  if (waits && waits.probability > confidence + MARGIN) return { stage: after, change: "waits" };
  return { stage: after, change: same?.sure === true && modelHadSay(same, shown) ? "confirmed" : "kept" };
}

/** Whether the model has spoken for or against a text: where its scores weigh nothing, recall's probability is what it was. */
function modelHadSay({ voice, probability }: Candidate, shown: StagedSuggestion): boolean {
  return voice !== "recall" || Math.abs(probability - shown.confidence) > LEAST_CHANGE;
}

function stage(snapshot: Snapshot, { text, probability, voice }: Candidate): StagedSuggestion {
  return { ...rememberShown(snapshot, text, probability), voice };
}
