import { parseArgs } from "node:util";
import { abortFigures } from "./bench/abort";
import { decodeFigures } from "./bench/decode";
import { editorFigures } from "./bench/editor";
import { gateFigures } from "./bench/gate";
import { meaningFigures } from "./bench/meaning";
import { modelFigures } from "./bench/models";
import { readyFigures } from "./bench/ready";
import { recallFigures } from "./bench/recall";
import { sizeFigures } from "./bench/size";
import { printFigures, type Figure } from "./bench/table";
import { typingFigures } from "./bench/typing";
import { runMain } from "./project";

/**
 * `npm run bench`: every speed and size that Ghostlight promises, measured on this machine, beside its goal.
 * Timings are noisy on shared machines: trust ratios and counts. `--only=typing,decode` runs parts; the part `editor`
 * needs the packaged VSIX and Chromium.
 */
const PARTS: Readonly<Record<string, () => Promise<readonly Figure[]>>> = {
  typing: typingFigures,
  decode: decodeFigures,
  abort: abortFigures,
  ready: readyFigures,
  recall: recallFigures,
  models: modelFigures,
  size: sizeFigures,
  gate: gateFigures,
  meaning: meaningFigures,
  editor: editorFigures,
};

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { only: { type: "string" } } });
  const wanted = values.only?.split(",") ?? Object.keys(PARTS);
  for (const name of wanted) {
    const part = PARTS[name];
    if (!part) throw new Error(`no such part: ${name}; there are ${Object.keys(PARTS).join(", ")}`);
    printFigures(name, await part());
  }
}

runMain(main);
