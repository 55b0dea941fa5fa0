import { readFileSync } from "node:fs";
import { join } from "node:path";
import { IDENTITY, parseTogether, type TogetherWeights } from "../../core/completion/together";

/**
 * How the two voices are weighed, from `models/recall/together.json` of the extension's folder. A file that is missing
 * or damaged costs no key press: each voice then speaks for itself, and `problem` says in one sentence what is wrong.
 */
export function readTogether(extensionFolder: string): { readonly weights: TogetherWeights; readonly problem?: string } {
  const file = join(extensionFolder, "models", "recall", "together.json");
  const parsed = parseTogether(readOrEmpty(file));
  return "weights" in parsed ? parsed : { weights: IDENTITY, problem: `${file} is not usable: ${parsed.problem}. Reinstall Ghostlight.` };
}

function readOrEmpty(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
