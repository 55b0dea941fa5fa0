/** The rest of one line as the model continues it, with how sure it was. */
import type { Engine } from "./engine.js";
import type { NamedText } from "./repositoryContext.js";
import { promptIds, type Cut } from "./samples.js";
import type { Tokenizer } from "./tokenizer.js";

export interface LineAnswer {
  readonly text: string;
  /** Product of the probabilities of all tokens of the line, the one that ends it included. */
  readonly probability: number;
}

/** Longest prompt; leaves room for a line in the context. */
const promptLimit = 960;
const lineLimit = 48;

/**
 * Asks for the rest of the line at a cut; undefined where the prompt does not fit.
 * With `heal`, a blank before the cursor is left for the model to write, where it is sure to: ordinary text joins a
 * blank and the word after it in one token, so a prompt that ends in a lone blank is an unusual one.
 */
export async function completeLine(engine: Engine, tokenizer: Tokenizer, path: string, cut: Pick<Cut, "prefix" | "suffix">,
  heal = false, chunks: readonly NamedText[] = []): Promise<LineAnswer | undefined> {
  if (heal && /\S $/.test(cut.prefix)) {
    const healed = await completeLine(engine, tokenizer, path, { prefix: cut.prefix.slice(0, -1), suffix: cut.suffix }, false, chunks);
    if (healed?.text.startsWith(" ")) return { ...healed, text: healed.text.slice(1) };
  }
  const prompt = promptIds(path, cut, tokenizer, promptLimit, chunks);
  if (prompt === undefined) return undefined;
  const firstSpecial = tokenizer.special("<|endoftext|>");
  const ends = (token: number): boolean => token >= firstSpecial || tokenizer.decode([token]).includes("\n");
  const steps = await engine.continueGreedily(prompt, lineLimit, (step) => ends(step.token));
  const text = tokenizer.decode(steps.map((step) => step.token)).split("\n")[0] ?? "";
  const last = steps.at(-1);
  const finished = last !== undefined && ends(last.token);
  return { text, probability: finished ? steps.reduce((product, step) => product * step.probability, 1) : 0 };
}
