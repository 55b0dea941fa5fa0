/** The engine's own parts that tests call in their own process; bundled by `engineInside.ts`. */
export { CachedSequence } from "../../src/engine/cachedSequence";
export { startLlama } from "../../src/engine/llamaRuntime";
export { loadModel } from "../../src/engine/modelSlots";
export { Scheduler } from "../../src/engine/scheduler";
export { encodeParts, tokenizeFimPrompt } from "../../src/engine/promptTokens";
export { SharedWeights } from "../../src/engine/sharedWeights";
export { measureSequence } from "../../src/engine/measuring";
