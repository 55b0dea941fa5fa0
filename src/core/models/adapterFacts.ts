import type { GgufHeader, GgufTensor } from "./gguf";

/**
 * Why an adapter's header does not go with a model's, as a clause; undefined where it does. Checked before the library
 * sees it: the two factors of each weight must be there, and of the shapes that make up the weight (rank in between).
 */
export function adapterProblem(adapter: GgufHeader, model: GgufHeader): string | undefined {
  const { metadata } = adapter;
  if (metadata.get("general.type") !== "adapter") return "it is a model or something else, not an adapter";
  if (metadata.get("adapter.type") !== "lora") return "it is an adapter of a kind other than LoRA";
  const architecture = metadata.get("general.architecture");
  if (architecture !== model.metadata.get("general.architecture")) return `it was made for the architecture ${JSON.stringify(architecture)}, the model is ${JSON.stringify(model.metadata.get("general.architecture"))}`;
  const alpha = metadata.get("adapter.lora.alpha");
  if (typeof alpha !== "number" || !Number.isFinite(alpha)) return "its strength (adapter.lora.alpha) is missing";
  if (adapter.tensors.length === 0) return "it holds no weights";
  const weights = new Map(model.tensors.map((tensor) => [tensor.name, tensor]));
  const factors = new Map(adapter.tensors.map((tensor) => [tensor.name, tensor]));
  for (const factor of adapter.tensors) {
    const problem = factorProblem(factor, factors, weights);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function factorProblem(factor: GgufTensor, factors: ReadonlyMap<string, GgufTensor>, weights: ReadonlyMap<string, GgufTensor>): string | undefined {
  const name = /^(.+)\.lora_[ab]$/.exec(factor.name)?.[1];
  if (name === undefined) return `its tensor ${JSON.stringify(factor.name)} is no factor of a weight`;
  const weight = weights.get(name);
  if (!weight) return `the model has no weight ${JSON.stringify(name)}`;
  const [down, up] = [factors.get(`${name}.lora_a`), factors.get(`${name}.lora_b`)];
  if (!down || !up) return `one of the two factors of ${JSON.stringify(name)} is missing`;
  // The embedding is looked up, not multiplied: there both factors lie the other way round.
  const [inputs, outputs, ranks] = name === "token_embd.weight"
    ? [up.dimensions[1], down.dimensions[1], [down.dimensions[0], up.dimensions[0]]]
    : [down.dimensions[0], up.dimensions[1], [down.dimensions[1], up.dimensions[0]]];
  const fits = inputs === weight.dimensions[0] && outputs === weight.dimensions[1] && ranks[0] === ranks[1];
  return fits ? undefined : `its factors of ${JSON.stringify(name)} are made for a weight of another shape`;
}
