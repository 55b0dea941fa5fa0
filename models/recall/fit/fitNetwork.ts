/** Fits a `Ranker`: a logistic regression with a small hidden layer, by Adam on the cross-entropy. */
import { probabilityOf, type Ranker } from "../../../src/core/recall/ranker";
import { Adam } from "./adam";
import { randomNumbers } from "../../starter/train/random";
import { shuffled } from "./order";

/** Rows of features with whether each was right; `group` says which history a row comes from. */
export interface NetworkData {
  readonly names: readonly string[];
  readonly rows: readonly ArrayLike<number>[];
  readonly right: readonly boolean[];
  readonly group: readonly string[];
}

export interface NetworkOptions {
  readonly hidden: number;
  readonly epochs: number;
  /** Weight decay. */
  readonly decay: number;
  readonly seed: number;
}

const BATCH = 512;

/** Deterministic for the same data and options. */
export function fitNetwork(data: NetworkData, options: NetworkOptions): Ranker {
  const width = data.names.length;
  const { mean, scale } = momentsOf(data);
  const rows = Float64Array.from({ length: data.rows.length * width }, (_, index) => {
    const column = index % width;
    return ((data.rows[(index - column) / width]?.[column] ?? 0) - (mean[column] ?? 0)) / (scale[column] ?? 1);
  });
  const network = new Network(width, options);
  const random = randomNumbers(options.seed);
  for (let epoch = 0; epoch < options.epochs; epoch++) {
    const rate = 0.005 * (1 + Math.cos((Math.PI * epoch) / options.epochs)) + 1e-4;
    const order = shuffled(data.rows.length, random);
    for (let first = 0; first < order.length; first += BATCH) network.train(rows, data.right, order.subarray(first, first + BATCH), rate);
  }
  return network.ranker(data.names, mean, scale);
}

/** Probabilities for rows that were not fitted on: histories in `folds` parts, each judged by a fit of the others. */
export function crossFitted(data: NetworkData, options: NetworkOptions, folds: number): number[] {
  const groups = [...new Set(data.group)].sort();
  const result = new Array<number>(data.rows.length).fill(0);
  for (let fold = 0; fold < folds; fold++) {
    const out = new Set(groups.filter((_, index) => index % folds === fold));
    const inside = data.rows.map((_, index) => index).filter((index) => !out.has(data.group[index] ?? ""));
    const ranker = fitNetwork({ names: data.names, rows: inside.map((index) => data.rows[index] ?? []), right: inside.map((index) => data.right[index] ?? false), group: [] }, options);
    for (const [index, row] of data.rows.entries()) if (out.has(data.group[index] ?? "")) result[index] = probabilityOf(row, ranker);
  }
  return result;
}

/** Parameters in one array: hidden rows, hidden biases, output weights, direct weights, bias. */
class Network {
  readonly #parameters: Float64Array;
  readonly #gradient: Float64Array;
  readonly #adam: Adam;
  readonly #inner: Float64Array;

  constructor(private readonly width: number, private readonly options: NetworkOptions) {
    const { hidden, seed } = options;
    const random = randomNumbers(seed + 1_000);
    this.#parameters = new Float64Array(hidden * width + hidden * 2 + width + 1);
    for (let index = 0; index < hidden * width; index++) this.#parameters[index] = (random() - 0.5) * (2 / Math.sqrt(width));
    for (let index = 0; index < hidden; index++) this.#parameters[hidden * width + hidden + index] = (random() - 0.5) * 0.2;
    this.#parameters[this.#parameters.length - 1] = -2;
    this.#gradient = new Float64Array(this.#parameters.length);
    this.#adam = new Adam(this.#parameters);
    this.#inner = new Float64Array(hidden);
  }

  train(rows: Float64Array, right: readonly boolean[], batch: Int32Array, rate: number): void {
    const { hidden, decay } = this.options;
    const { width } = this;
    const parameters = this.#parameters;
    const gradient = this.#gradient;
    const biases = hidden * width;
    const outputs = biases + hidden;
    const direct = outputs + hidden;
    for (let index = 0; index < gradient.length; index++) gradient[index] = decay * (parameters[index] ?? 0);
    for (const row of batch) {
      const at = row * width;
      const error = (this.#forward(rows, at) - (right[row] ? 1 : 0)) / batch.length;
      for (let unit = 0; unit < hidden; unit++) {
        const value = this.#inner[unit] ?? 0;
        gradient[outputs + unit] = (gradient[outputs + unit] ?? 0) + error * value;
        const inner = error * (parameters[outputs + unit] ?? 0) * (1 - value * value);
        gradient[biases + unit] = (gradient[biases + unit] ?? 0) + inner;
        for (let column = 0; column < width; column++) gradient[unit * width + column] = (gradient[unit * width + column] ?? 0) + inner * (rows[at + column] ?? 0);
      }
      for (let column = 0; column < width; column++) gradient[direct + column] = (gradient[direct + column] ?? 0) + error * (rows[at + column] ?? 0);
      gradient[gradient.length - 1] = (gradient[gradient.length - 1] ?? 0) + error;
    }
    this.#adam.step(gradient, rate);
  }

  ranker(names: readonly string[], mean: readonly number[], scale: readonly number[]): Ranker {
    const { hidden } = this.options;
    const { width } = this;
    const part = (start: number, length: number): number[] => [...this.#parameters.subarray(start, start + length)].map(rounded);
    const biases = hidden * width;
    return {
      features: names, mean: mean.map(rounded), scale: scale.map((value) => Math.max(1e-4, rounded(value))),
      hidden: Array.from({ length: hidden }, (_, unit) => part(unit * width, width)),
      hiddenBias: part(biases, hidden), output: part(biases + hidden, hidden), direct: part(biases + hidden * 2, width), bias: part(biases + hidden * 2 + width, 1)[0] ?? 0,
    };
  }

  #forward(rows: Float64Array, at: number): number {
    const { hidden } = this.options;
    const { width } = this;
    const parameters = this.#parameters;
    const biases = hidden * width;
    let sum = parameters[parameters.length - 1] ?? 0;
    for (let column = 0; column < width; column++) sum += (parameters[biases + hidden * 2 + column] ?? 0) * (rows[at + column] ?? 0);
    for (let unit = 0; unit < hidden; unit++) {
      let inner = parameters[biases + unit] ?? 0;
      for (let column = 0; column < width; column++) inner += (parameters[unit * width + column] ?? 0) * (rows[at + column] ?? 0);
      this.#inner[unit] = Math.tanh(inner);
      sum += (this.#inner[unit] ?? 0) * (parameters[biases + hidden + unit] ?? 0);
    }
    return 1 / (1 + Math.exp(-sum));
  }
}

function momentsOf({ names, rows }: NetworkData): { mean: number[]; scale: number[] } {
  const mean = names.map((_, column) => rows.reduce((sum, row) => sum + (row[column] ?? 0), 0) / Math.max(1, rows.length));
  const scale = names.map((_, column) => Math.sqrt(rows.reduce((sum, row) => sum + ((row[column] ?? 0) - (mean[column] ?? 0)) ** 2, 0) / Math.max(1, rows.length)) || 1);
  return { mean, scale };
}

function rounded(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}
