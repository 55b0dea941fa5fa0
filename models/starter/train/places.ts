/**
 * Asks the exported model for the rest of the line at the places of ../places.md and prints how sure it is.
 * Usage: npx tsx models/starter/train/places.ts WORK-FOLDER [GGUF]
 */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { completeLine } from "./completeLine.js";
import { recipeFolder } from "./config.js";
import { openEngine } from "./engine.js";
import { readTokenizer } from "./exportModel.js";

/** A place in code: a path, the text with `|` written as `‸` for the cursor, and what should follow up to the line's end. */
export interface Place {
  readonly path: string;
  readonly before: string;
  readonly after: string;
  readonly expected: string;
}

const cursor = "‸";

/**
 * The places of a markdown page: fenced blocks whose first line names a path (`// path` or `# path`) and whose text
 * holds `before‸expected‸after`. The expected text stands between two cursor marks.
 */
export function readPlaces(markdown: string): Place[] {
  return [...markdown.matchAll(/```\w*\n(?:\/\/|#) (\S+)\n([\s\S]*?)```/g)].flatMap((match) => {
    const [before, expected, after] = (match[2] ?? "").split(cursor);
    if (before === undefined || expected === undefined || after === undefined) return [];
    return [{ path: match[1] ?? "", before, expected, after }];
  });
}

async function main(workFolder: string | undefined, gguf: string | undefined): Promise<void> {
  if (workFolder === undefined) throw new Error("usage: places.ts WORK-FOLDER [GGUF]");
  const tokenizer = readTokenizer(workFolder);
  const engine = await openEngine(gguf ?? join(dirname(recipeFolder), "ghostlight-starter.gguf"));
  const places = readPlaces(readFileSync(join(dirname(recipeFolder), "places.md"), "utf8"));
  for (const place of places) {
    const answer = await completeLine(engine, tokenizer, place.path, { prefix: place.before, suffix: place.after });
    const right = answer?.text === place.expected;
    console.log(`${right ? "right" : "WRONG"} ${(answer?.probability ?? 0).toFixed(2)} ${JSON.stringify(place.before.split("\n").at(-1))} -> ${JSON.stringify(answer?.text)}`);
  }
  await engine.close();
}

if (require.main === module) void main(process.argv[2], process.argv[3]);
