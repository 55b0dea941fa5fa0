/** Runs a GGUF file through node-llama-cpp, the way the product does, for checks and evaluation. */
import type { LlamaModel, Token } from "node-llama-cpp";

/** One generated token with the probability that the model gave it. */
export interface Step { readonly token: number; readonly probability: number }

export interface Engine {
  /** Ids of a text with special tokens off. */
  encode(text: string): number[];
  decode(ids: readonly number[]): string;
  /** The most probable continuation, token by token, until `stop` says so or `limit` tokens are there. */
  continueGreedily(prompt: readonly number[], limit: number, stop: (step: Step) => boolean): Promise<Step[]>;
  close(): Promise<void>;
}

/** Loads the file on the processor. Throws where llama.cpp refuses it. */
export async function openEngine(path: string, threads = 1): Promise<Engine> {
  const { getLlama, LlamaLogLevel } = await import("node-llama-cpp");
  const llama = await getLlama({ build: "never", gpu: false, skipDownload: true, maxThreads: threads, logLevel: LlamaLogLevel.error });
  const model: LlamaModel = await llama.loadModel({ modelPath: path });
  const context = await model.createContext({ contextSize: Math.min(1024, model.trainContextSize), batchSize: 512, threads });
  const sequence = context.getSequence();
  return {
    encode: (text) => model.tokenize(text, false),
    decode: (ids) => model.detokenize(ids as Token[], false),
    async continueGreedily(prompt, limit, stop) {
      await sequence.adaptStateToTokens(prompt.slice(0, -1) as Token[], false);
      const rest = prompt.slice(sequence.nextTokenIndex) as Token[];
      const steps: Step[] = [];
      const generated = sequence.evaluateWithMetadata(rest, { confidence: true }, { temperature: 0, yieldEogToken: true });
      for await (const { token, confidence } of generated) {
        steps.push({ token, probability: confidence });
        if (steps.length >= limit || stop({ token, probability: confidence })) break;
      }
      return steps;
    },
    async close() {
      await context.dispose();
      await model.dispose();
      await llama.dispose();
    },
  };
}
