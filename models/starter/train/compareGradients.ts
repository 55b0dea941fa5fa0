/**
 * The check of the CUDA path against the processor's: builds both, lets each write its gradient at the same weights and
 * rows, and compares them tensor by tensor. Needs what both back ends need, and samples.bin.
 * Usage: npx tsx models/starter/train/compareGradients.ts [--config FILE] WORK-FOLDER
 */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { splitWeights, type LayerWeights, type ModelWeights } from "./checkpoint.js";
import { readCommandLine, type CommandLine, type RecipeConfig } from "./config.js";
import { buildTrainer, trainerOptions } from "./train.js";

/** Direction and length of one list of numbers beside another: 1 and 1 where they are equal. */
export interface Likeness { readonly cosine: number; readonly ratio: number }

export function likeness(left: Float32Array, right: Float32Array): Likeness {
  let product = 0;
  let squaresLeft = 0;
  let squaresRight = 0;
  left.forEach((value, index) => {
    const other = right[index] ?? 0;
    product += value * other;
    squaresLeft += value * value;
    squaresRight += other * other;
  });
  return { cosine: product / Math.sqrt(squaresLeft * squaresRight), ratio: Math.sqrt(squaresRight / squaresLeft) };
}

/** Both back ends round to bfloat16 (8 bits) at the same places but add up in other orders. */
const leastCosine = 0.995;
const largestDifference = 0.02;

type Tensors = Omit<ModelWeights, "steps" | "tokens">;

function main({ config, rest: [workFolder] }: CommandLine): void {
  if (workFolder === undefined) throw new Error("usage: compareGradients.ts [--config FILE] WORK-FOLDER");
  const processor = namedTensors(gradientOf("processor", config, workFolder));
  const cuda = new Map(namedTensors(gradientOf("cuda", config, workFolder)));
  for (const [name, values] of processor) {
    const { cosine, ratio } = likeness(values, cuda.get(name) ?? new Float32Array());
    const good = cosine >= leastCosine && Math.abs(ratio - 1) <= largestDifference;
    console.log(`${good ? "good " : "WRONG"} ${name}: cosine ${cosine.toFixed(5)}, length ${ratio.toFixed(4)}`);
    if (!good) process.exitCode = 1;
  }
}

function gradientOf(backEnd: RecipeConfig["training"]["backEnd"], config: RecipeConfig, workFolder: string): Tensors {
  const program = buildTrainer(workFolder, { ...config, training: { ...config.training, backEnd } });
  const output = join(workFolder, `gradient-${backEnd}.bin`);
  const files = { samples: join(workFolder, "samples.bin"), checkpoint: join(workFolder, "checkpoint.bin") };
  execFileSync(program, [...trainerOptions(config, files), "--rows-per-step", "4", "--write-gradient", output], { stdio: "inherit" });
  const bytes = readFileSync(output);
  return splitWeights(new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length)), config, output);
}

function namedTensors(tensors: Tensors): [string, Float32Array][] {
  const parts = (layer: LayerWeights, index: number): [string, Float32Array][] =>
    Object.entries(layer).map(([name, values]: [string, Float32Array]) => [`layer ${index} ${name}`, values]);
  return [["embedding", tensors.embedding], ...tensors.layers.flatMap(parts), ["last norm", tensors.lastNorm]];
}

if (require.main === module) main(readCommandLine(process.argv.slice(2)));
