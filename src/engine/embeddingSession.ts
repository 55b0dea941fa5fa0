import type { EmbeddedKind, EmbeddingFamily } from "../core/models/embeddingFamilies";
import type { CompareParams, CompareResult } from "../protocol/engine";
import type { Turn } from "./scheduler";
import type { Tokenizer } from "./tokenSequence";

/** What makes a vector of a text's tokens. */
export interface Embedder {
  /** Tokens of one text at most; whatever the model puts around them comes on top. */
  readonly mostTokens: number;
  /** The vector, of any length; one step that cannot be interrupted. */
  vectorOf(tokens: readonly number[]): Promise<readonly number[]>;
}

/** Vectors kept for later questions: 16 MB with 1,024 numbers each. */
const MOST_VECTORS = 4_096;

/** Compares texts by meaning: the cosine of their vectors. What was computed once is kept until the model goes. */
export class EmbeddingSession {
  /** By kind and text, the most recently used last; undefined for a text of which the model makes no usable vector. */
  readonly #vectors = new Map<string, Float32Array | undefined>();

  constructor(
    private readonly embedder: Embedder,
    private readonly tokenizer: Pick<Tokenizer, "encodeText">,
    private readonly family: EmbeddingFamily,
    private readonly clock: () => number,
  ) {}

  /** Rejects with an abort error when the turn ends; what was computed by then is kept. */
  async compare({ question, texts, timeBudgetMs }: CompareParams, turn: Turn): Promise<CompareResult> {
    const startedAt = this.clock();
    let computed = 0;
    const vectorOf = async (kind: EmbeddedKind, text: string): Promise<Float32Array | undefined> => {
      const key = `${kind}\n${text}`;
      if (!this.#vectors.has(key)) {
        await turn.next();
        computed += 1;
        this.#keep(key, unitVector(await this.embedder.vectorOf(this.#tokensOf(kind, text))));
      }
      return this.#recall(key);
    };
    const asked = await vectorOf("question", question);
    const similarities: (number | null)[] = [];
    for (const text of texts) {
      const free = this.#vectors.has(`passage\n${text}`) || this.clock() - startedAt < timeBudgetMs;
      const passage = asked && free ? await vectorOf("passage", text) : undefined;
      similarities.push(asked && passage ? product(asked, passage) : null);
    }
    return { similarities, computed, totalMs: this.clock() - startedAt };
  }

  #tokensOf(kind: EmbeddedKind, text: string): readonly number[] {
    return this.tokenizer.encodeText(this.family.before[kind] + text).slice(0, this.embedder.mostTokens);
  }

  #keep(key: string, vector: Float32Array | undefined): void {
    if (this.#vectors.size >= MOST_VECTORS) this.#vectors.delete(this.#vectors.keys().next().value ?? "");
    this.#vectors.set(key, vector);
  }

  #recall(key: string): Float32Array | undefined {
    const vector = this.#vectors.get(key);
    this.#vectors.delete(key);
    this.#vectors.set(key, vector);
    return vector;
  }
}

/** Of length one; undefined for a vector that has no direction. */
function unitVector(values: readonly number[]): Float32Array | undefined {
  const length = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
  return Number.isFinite(length) && length > 0 ? Float32Array.from(values, (value) => value / length) : undefined;
}

function product(left: Float32Array, right: Float32Array): number {
  return left.reduce((sum, value, at) => sum + value * (right[at] ?? 0), 0);
}
