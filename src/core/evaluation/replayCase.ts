import * as valibot from "valibot";

/** One question to the completion pipeline: a line that was really written, cut at one place. A file of cases holds one JSON object a line. */
export const replayCase = valibot.object({
  /** `repository:path:line`. */
  id: valibot.string(),
  /** Name only. */
  repository: valibot.string(),
  /** Relative, with `/`, as in the new commit. */
  path: valibot.string(),
  /** Name of the language, by extension (and by the text for `.h`). */
  language: valibot.string(),
  /** In the new file, from 1. */
  line: valibot.number(),
  /** The new file's text up to the cut: lines added above by the same span are in it. */
  before: valibot.string(),
  /** Lines below the cut that the old commit already had; begins with a line break unless empty. */
  after: valibot.string(),
  /** Rest of the line without trailing white space; at least `LEAST_EXPECTED` characters. */
  expected: valibot.string(),
  /** Up to `MOST_FOLLOWING` added lines directly below, without trailing white space. */
  following: valibot.array(valibot.string()),
  /** Cut at the indentation, or at a random column behind it. */
  place: valibot.picklist(["lineStart", "inside"]),
  /** The same line, white space trimmed, was removed somewhere in the same span: not counted in any main figure. */
  moved: valibot.boolean(),
});

export type ReplayCase = Readonly<valibot.InferOutput<typeof replayCase>>;
export type CasePlace = ReplayCase["place"];

/** Characters that are left to guess at least. */
export const LEAST_EXPECTED = 3;
/** Lines that are kept of what follows. */
export const MOST_FOLLOWING = 5;
