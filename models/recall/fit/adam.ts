/** Adam (Kingma and Ba, 2015) over one flat array of parameters; moves against the gradient. */
export class Adam {
  readonly #first: Float64Array;
  readonly #second: Float64Array;
  #steps = 0;

  constructor(private readonly parameters: Float64Array) {
    this.#first = new Float64Array(parameters.length);
    this.#second = new Float64Array(parameters.length);
  }

  step(gradient: Float64Array, rate: number): void {
    this.#steps += 1;
    const firstScale = 1 - 0.9 ** this.#steps;
    const secondScale = 1 - 0.999 ** this.#steps;
    for (let index = 0; index < gradient.length; index++) {
      const slope = gradient[index] ?? 0;
      const first = 0.9 * (this.#first[index] ?? 0) + 0.1 * slope;
      const second = 0.999 * (this.#second[index] ?? 0) + 0.001 * slope * slope;
      this.#first[index] = first;
      this.#second[index] = second;
      this.parameters[index] = (this.parameters[index] ?? 0) - (rate * (first / firstScale)) / (Math.sqrt(second / secondScale) + 1e-8);
    }
  }
}
