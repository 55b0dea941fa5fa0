/**
 * Makes the first checkpoint of a larger model from a trained smaller one, so that its training is not lost: the larger
 * one computes what the smaller one did, and its new parts learn from there (after "Net2Net", arXiv 1511.05641).
 * Usage: npx tsx models/starter/train/growModel.ts [--config FILE] WORK-FOLDER GGUF
 * (writes checkpoint.bin and, because the vocabulary stays, tokenizer.json; instead of trainTokenizer.ts)
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { writeCheckpoint, type LayerWeights, type ModelWeights } from "./checkpoint.js";
import { readCommandLine, type CommandLine, type RecipeConfig } from "./config.js";
import { readGguf, type GgufContents } from "./ggufReader.js";
import { normalNumber, randomNumbers, type RandomNumbers } from "./random.js";

type Shape = RecipeConfig["model"];

interface Size { readonly outputs: number; readonly inputs: number }

/**
 * The weights in a larger shape. New rows that read the stream are random, new columns that write to it are zero, so
 * nothing changes at first. New layers copy the one below and write nothing. Throws where a shape is smaller than before
 * or the heads have another length.
 */
export function grownWeights(weights: ModelWeights, from: Shape, to: Shape, random: RandomNumbers): ModelWeights {
  const head = from.width / from.heads;
  if (to.width / to.heads !== head) throw new RangeError("heads must keep their length");
  if (to.width < from.width || to.layers < from.layers || to.feedForward < from.feedForward) throw new RangeError("the new shape is smaller");
  const noise = (): number => 0.7 / Math.sqrt(to.width) * normalNumber(random);
  const zero = (): number => 0;
  const stream = (outputs: number): Size => ({ outputs, inputs: from.width });
  const wider = (outputs: number): Size => ({ outputs, inputs: to.width });
  const reading = (values: Float32Array, before: number, after: number): Float32Array => grown(values, stream(before), wider(after), noise);
  const layers = weights.layers.map((layer): LayerWeights => ({
    attentionNorm: grownGain(layer.attentionNorm, to.width), feedForwardNorm: grownGain(layer.feedForwardNorm, to.width),
    query: reading(layer.query, from.width, to.width), key: reading(layer.key, head, head), value: reading(layer.value, head, head),
    attentionOut: grown(layer.attentionOut, stream(from.width), wider(to.width), zero),
    gate: reading(layer.gate, from.feedForward, to.feedForward), up: reading(layer.up, from.feedForward, to.feedForward),
    down: grown(layer.down, { outputs: from.width, inputs: from.feedForward }, { outputs: to.width, inputs: to.feedForward }, zero),
  }));
  const count = weights.embedding.length / from.width;
  return {
    steps: 0, tokens: weights.tokens, embedding: grown(weights.embedding, stream(count), wider(count), zero),
    layers: stacked(layers, to.layers), lastNorm: grownGain(weights.lastNorm, to.width),
  };
}

/** A larger matrix with the old one in its corner. */
function grown(values: Float32Array, from: Size, to: Size, fill: () => number): Float32Array {
  return Float32Array.from({ length: to.outputs * to.inputs }, (_, index) => {
    const output = Math.floor(index / to.inputs);
    const input = index % to.inputs;
    return output < from.outputs && input < from.inputs ? values[output * from.inputs + input] ?? 0 : fill();
  });
}

/** The mean square of a stream falls when it gets silent places; its gain makes up for that. */
function grownGain(gain: Float32Array, width: number): Float32Array {
  const correction = Math.sqrt(gain.length / width);
  const mean = gain.reduce((sum, value) => sum + value, 0) / gain.length;
  return Float32Array.from({ length: width }, (_, index) => (gain[index] ?? mean) * correction);
}

/** New layers spread over the depth; each stands behind the one that it copies. */
function stacked(layers: readonly LayerWeights[], count: number): LayerWeights[] {
  return Array.from({ length: count }, (_, index) => {
    const below = Math.floor(index * layers.length / count);
    const layer = layers[below];
    if (layer === undefined) throw new RangeError("no layer to copy");
    const isNew = index > 0 && Math.floor((index - 1) * layers.length / count) === below;
    return isNew ? { ...layer, attentionOut: new Float32Array(layer.attentionOut.length), down: new Float32Array(layer.down.length) } : layer;
  });
}

/** Weights and shape of an exported file. */
export function readExported(contents: GgufContents, tokens: number): { weights: ModelWeights; shape: Shape } {
  const tensor = (name: string): Float32Array => {
    const found = contents.tensors.get(`${name}.weight`);
    if (found === undefined) throw new Error(`the file has no ${name}`);
    return found.values;
  };
  const number = (name: string): number => Number(contents.metadata.get(`llama.${name}`));
  const layers = Array.from({ length: number("block_count") }, (_, index): LayerWeights => {
    const part = (name: string): Float32Array => tensor(`blk.${index}.${name}`);
    return {
      attentionNorm: part("attn_norm"), query: part("attn_q"), key: part("attn_k"), value: part("attn_v"), attentionOut: part("attn_output"),
      feedForwardNorm: part("ffn_norm"), gate: part("ffn_gate"), up: part("ffn_up"), down: part("ffn_down"),
    };
  });
  return {
    weights: { steps: 0, tokens, embedding: tensor("token_embd"), layers, lastNorm: tensor("output_norm") },
    shape: {
      width: number("embedding_length"), layers: number("block_count"), heads: number("attention.head_count"),
      keyValueHeads: number("attention.head_count_kv"), feedForward: number("feed_forward_length"), context: number("context_length"),
      ropeBase: number("rope.freq_base"), normEpsilon: number("attention.layer_norm_rms_epsilon"),
    },
  };
}

function main({ config, rest: [workFolder, gguf] }: CommandLine): void {
  if (workFolder === undefined || gguf === undefined) throw new Error("usage: growModel.ts [--config FILE] WORK-FOLDER GGUF");
  const contents = readGguf(readFileSync(gguf));
  const merges = contents.metadata.get("tokenizer.ggml.merges");
  const description = String(contents.metadata.get("general.description"));
  const { weights, shape } = readExported(contents, Number(/(\d+) million/.exec(description)?.[1] ?? 0) * 1e6);
  writeCheckpoint(join(workFolder, "checkpoint.bin"), grownWeights(weights, shape, config.model, randomNumbers(config.training.seed)));
  writeFileSync(join(workFolder, "tokenizer.json"), JSON.stringify({ merges }));
  console.log(`grown from ${shape.layers} layers of ${shape.width} to ${config.model.layers} of ${config.model.width}`);
}

if (require.main === module) main(readCommandLine(process.argv.slice(2)));
