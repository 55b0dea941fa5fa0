import type { PromptChunk } from "../../protocol/engine";
import { EMPTY_STAGE, type Stage } from "./stage";
import type { WindowState } from "./window";

/** Memory of one document between requests. */
export interface CompletionMemory {
  stage: Stage;
  window: WindowState | undefined;
  head: readonly PromptChunk[];
  /** The model's work on a place where recall is shown: stopped when the place is left; `ended` never rejects. */
  followUp: { readonly stop: AbortController; readonly ended: Promise<void> } | undefined;
}

/** A memory that knows nothing: an answer from it depends on the snapshot alone. */
export function freshMemory(): CompletionMemory {
  return { stage: EMPTY_STAGE, window: undefined, head: [], followUp: undefined };
}
