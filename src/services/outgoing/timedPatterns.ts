import { createContext, Script, type Context } from "node:vm";
import { RedactionError } from "../../core/outgoing/redaction";

/** Long enough for 1 MB and an honest pattern on a machine that is busy with a model; only a pattern made to be slow ever gets there. */
const MOST_MILLISECONDS = 250;
const MOST_MATCHES = 20_000;

/** Runs regular expressions that were not written by us, with an end to their time. */
export interface TimedPatterns {
  /** Places of all matches as start and end. Throws a `RedactionError` where the expression does not come to an end. */
  find(pattern: RegExp, text: string): (readonly [start: number, end: number])[];
}

/**
 * A regular expression cannot be stopped from outside, but a script can: V8 looks for an interruption whenever a match
 * steps back. So the expression runs inside one, as data; the script itself is this constant.
 */
const SCRIPT = `
places = [];
for (const match of text.matchAll(new RegExp(source, flags))) {
  if (match[0].length > 0) places.push(match.index, match.index + match[0].length);
  if (places.length > ${String(2 * MOST_MATCHES)}) break;
}
places = JSON.stringify(places);`;

interface Sandbox {
  source: string;
  flags: string;
  text: string;
  places: unknown;
}

/** The context is made with the first use: it costs about a millisecond, and most machines have no policy. */
export function createTimedPatterns(): TimedPatterns {
  let prepared: { readonly script: Script; readonly context: Context; readonly sandbox: Sandbox } | undefined;
  const prepare = () => {
    const sandbox: Sandbox = { source: "", flags: "", text: "", places: "" };
    return { script: new Script(SCRIPT), context: createContext(sandbox, { codeGeneration: { strings: false, wasm: false } }), sandbox };
  };
  return {
    find(pattern, text) {
      const { script, context, sandbox } = (prepared ??= prepare());
      Object.assign(sandbox, { source: pattern.source, flags: pattern.flags, text });
      try {
        script.runInContext(context, { timeout: MOST_MILLISECONDS });
      } catch {
        throw new RedactionError("A pattern of a policy (\"redact\") takes too long on this text, so nothing was sent. Simplify the pattern.");
      } finally {
        sandbox.text = "";
      }
      const places = JSON.parse(String(sandbox.places)) as number[];
      if (places.length > 2 * MOST_MATCHES) throw new RedactionError("A pattern of a policy (\"redact\") matches too much of this text, so nothing was sent. Make the pattern narrower.");
      return Array.from({ length: places.length / 2 }, (_, index) => [places[2 * index] ?? 0, places[2 * index + 1] ?? 0] as const);
    },
  };
}
