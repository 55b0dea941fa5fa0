import type { LoadedModelInfo, LoadFailureCode, ModelRole } from "../../protocol/engine";

/** What the engine is doing, for the status item and for whoever waits for it. */
export type EngineState =
  | { readonly state: "stopped" }
  | { readonly state: "starting" }
  /** `note` is the last step down the ladder, where there was one. */
  | { readonly state: "loading"; readonly role: ModelRole; readonly note?: string }
  | { readonly state: "ready"; readonly models: readonly LoadedModelInfo[] }
  | { readonly state: "restarting"; readonly delayMs: number; readonly cause: string }
  | { readonly state: "failed"; readonly cause: string; readonly hint: string };

/** A model file that could not be used, with words for a person: what is wrong and what to do. */
export interface ModelFailure {
  readonly role: ModelRole;
  readonly path: string;
  readonly code: LoadFailureCode | "timedOut" | "crashedWhileLoading" | "changed";
  readonly detail: string;
}

const WHAT_TO_DO: Readonly<Record<ModelFailure["code"], string>> = {
  missing: "Check the path in the settings.",
  unreadable: "Check the file's permissions.",
  notGguf: "Choose a file in the GGUF format.",
  truncated: "The file is incomplete: download or copy it again.",
  damaged: "The file is damaged: download or copy it again.",
  unsupportedArchitecture: "Choose a model of an architecture that this version knows.",
  unknownFamily: "Choose a model of a supported family (Qwen-Coder, StarCoder, DeepSeek-Coder, CodeGemma, Granite, Codestral, Mellum, Seed-Coder).",
  notEmbedding: "Choose an embedding model: the Models view lists some under what can be got.",
  noVocabulary: "Choose a language model.",
  insufficientMemory: "Choose a smaller model or lower ghostlight.engine.contextSize.",
  adapterRefused: "Check the adapters in the settings: each must be a LoRA file made for this model.",
  libraryRefused: "See the log for the library's own words.",
  changed: "Restart the engine to check it again.",
  timedOut: "Choose a smaller model, or see the log.",
  crashedWhileLoading: "The file crashed the engine and is set aside until it changes.",
};

/** What a person can do about a file that cannot be used: one sentence. */
export function whatToDo(code: ModelFailure["code"]): string {
  return WHAT_TO_DO[code];
}

/** One sentence that names the file and what is wrong, and one that says what to do. */
export function describeModelFailure(failure: ModelFailure): string {
  const file = failure.path.split(/[\\/]/).at(-1) ?? failure.path;
  return `${file}: ${failure.detail}. ${WHAT_TO_DO[failure.code]}`;
}
