/** What the chat panel and the command line's `ask` agree on. Plain data, built by `core/chat` and `services/index`. */

/** A place that an answer stands on. Lines are 1-based and inclusive; `file` is relative to the workspace, with `/`. */
export interface Source {
  readonly file: string;
  readonly startLine: number;
  readonly endLine: number;
  /** Estimated (index answer) or counted (model answer) tokens of the lines. */
  readonly tokens: number;
}

/** Context that was not used, and why: shown, so that nothing is cut silently. */
export interface LeftOut {
  readonly file: string;
  readonly reason: string;
}

export type AnswerKind = "index" | "model";

/** Where the person stands when asking: context is chosen from it. */
export interface EditorFocus {
  /** Relative path of the active file. */
  readonly file: string;
  /** 1-based line of the cursor. */
  readonly line: number;
  /** Selected lines, 1-based inclusive, when there is a selection. */
  readonly selection?: { readonly startLine: number; readonly endLine: number };
}

export interface Question {
  readonly text: string;
  readonly focus?: EditorFocus;
}

/** Context chosen for a question, before anybody has answered. Best source first. */
export interface QuestionContext {
  readonly sources: readonly (Source & { readonly text: string })[];
  readonly leftOut: readonly LeftOut[];
}

export interface Answer {
  /** Markdown. Cited places are written as `path:line` or `path:start-end` in links `[path:12](path#L12)`. */
  readonly text: string;
  readonly kind: AnswerKind;
  readonly sources: readonly Source[];
  readonly leftOut: readonly LeftOut[];
  /** Set where the index found nothing of what was asked for; nearest names may still be shown. */
  readonly nothingFound?: true;
}
