import type { StopReason } from "../../protocol/engine";
import { blockEnd, firstNonBlankLine } from "./block";

/** What a stop rule needs of the plan. */
export interface StopRuleOptions {
  readonly maxLines: number;
  readonly typed: string;
  readonly suffix: string;
}

/** A line of fewer characters (a lone bracket) stands everywhere: repeating it says nothing. */
const SHORTEST_TELLING_LINE = 4;

/**
 * Decides after each token, from the whole generated text so far, whether a natural end is reached. Runs in the engine,
 * so that no token is decoded that nobody will see; `trim.ts` cuts the text at the same places.
 */
export function createStopRule(options: StopRuleOptions): (text: string) => StopReason | undefined {
  const suffixLine = firstNonBlankLine(options.suffix)?.trim();
  return (text) => {
    const breaks = text.split("\n").length - 1;
    if (breaks >= options.maxLines) return "lineLimit";
    if (breaks > 0 && blockEnd(text, options.typed, options.suffix) !== undefined) return "blockEnd";
    if (suffixLine !== undefined && suffixLine.length >= SHORTEST_TELLING_LINE && repeatsLine(text, suffixLine)) return "suffixReached";
    return undefined;
  };
}

/** Whether a line after the first of the generated text is the suffix's first line. */
export function repeatsLine(text: string, suffixLine: string): boolean {
  return text.split("\n").slice(1).some((line) => line.trim() === suffixLine);
}
