import * as valibot from "valibot";
import type { Engines } from "../completion/complete";
import { DEFAULT_PRESET, type Preset } from "../completion/presets";
import type { GpuBackend } from "../../protocol/loadOptions";

/** Every setting of Ghostlight, checked. The keys below `ghostlight.` are `SETTING_KEYS`. */
export interface Settings {
  /** By language id; `*` stands for all others. */
  readonly completionEnabled: Readonly<Record<string, boolean>>;
  /** Path of a GGUF file; empty for the bundled starter. */
  readonly completionModel: string;
  readonly completionPreset: Preset;
  /** Which voices may complete: the person's own code, the model, or both. */
  readonly completionEngines: Engines;
  /** Path of a GGUF file; empty for index answers. */
  readonly chatModel: string;
  /** Path of the model that compares texts by meaning; empty for none: words alone decide. */
  readonly embeddingModel: string;
  /** 0: physical cores minus one. */
  readonly engineThreads: number;
  /** Tokens of context. */
  readonly engineContextSize: number;
  readonly engineRuntime: string;
  /** Nothing may be sent or downloaded, whatever else is set. */
  readonly offlineOnly: boolean;
  /** Endpoints on this machine and in private networks may be asked, each request with the person's consent. */
  readonly allowYourNetwork: boolean;
  /** Endpoints anywhere else may be asked, each request with the person's consent. */
  readonly allowInternet: boolean;
  /** As it was written; `core/outgoing/endpoints.ts` reads it. */
  readonly endpoints: readonly unknown[];
  /** Name of the endpoint that is asked; empty for the first. */
  readonly chatEndpoint: string;
  /** Absolute path; empty for the editor's own storage. */
  readonly modelsFolder: string;
  /** Absolute paths of folders that hold model files of the person's own: looked through, never written to. */
  readonly modelsSearchFolders: readonly string[];
  /** Base address of a mirror of the hub; empty for the hub itself. */
  readonly modelsMirror: string;
  /** What models are computed on: the best that works, nothing but the processor, or one by name. */
  readonly engineGpu: "auto" | "off" | GpuBackend;
  /** As they were written; `core/models/loadOptions.ts` reads them. */
  readonly completionLoad: Readonly<Record<string, unknown>>;
  readonly chatLoad: Readonly<Record<string, unknown>>;
}

/** A setting whose value was not usable: the default is used instead and the person is told in the status item. */
export interface SettingProblem {
  readonly key: string;
  readonly message: string;
}

const languages = valibot.record(valibot.string(), valibot.boolean());
const path = valibot.string();

/** Key, default and check of every setting. package.json carries the same defaults; a test compares them. */
export const SETTINGS = {
  completionEnabled: { key: "completion.enabled", fallback: { "*": true, plaintext: false, markdown: false, scminput: false, log: false } as Readonly<Record<string, boolean>>, schema: languages, wants: "an object of language ids with true or false" },
  completionModel: { key: "completion.model", fallback: "", schema: path, wants: "the path of a GGUF file as text" },
  completionPreset: { key: "completion.preset", fallback: DEFAULT_PRESET, schema: valibot.picklist(["calm", "balanced", "eager"]), wants: "calm, balanced or eager" },
  completionEngines: { key: "completion.engines", fallback: "both", schema: valibot.picklist(["both", "recall", "model"]), wants: "both, recall or model" },
  chatModel: { key: "chat.model", fallback: "", schema: path, wants: "the path of a GGUF file as text" },
  embeddingModel: { key: "embedding.model", fallback: "", schema: path, wants: "the path of a GGUF file as text" },
  engineThreads: { key: "engine.threads", fallback: 0, schema: valibot.pipe(valibot.number(), valibot.integer(), valibot.minValue(0), valibot.maxValue(256)), wants: "a whole number from 0 (automatic) to 256" },
  engineContextSize: { key: "engine.contextSize", fallback: 2_048, schema: valibot.pipe(valibot.number(), valibot.integer(), valibot.minValue(256), valibot.maxValue(131_072)), wants: "a whole number from 256 to 131072" },
  engineRuntime: { key: "engine.runtime", fallback: "auto", schema: valibot.pipe(valibot.string(), valibot.minLength(1)), wants: "auto, editor, node or the path of a Node binary" },
  offlineOnly: { key: "network.offlineOnly", fallback: false, schema: valibot.boolean(), wants: "true or false" },
  allowYourNetwork: { key: "network.allowYourNetwork", fallback: false, schema: valibot.boolean(), wants: "true or false" },
  allowInternet: { key: "network.allowInternet", fallback: false, schema: valibot.boolean(), wants: "true or false" },
  endpoints: { key: "endpoints", fallback: [] as readonly unknown[], schema: valibot.array(valibot.unknown()), wants: "a list of objects with name, url and model" },
  chatEndpoint: { key: "chat.endpoint", fallback: "", schema: valibot.string(), wants: "the name of an endpoint" },
  modelsFolder: { key: "models.folder", fallback: "", schema: path, wants: "the path of a folder as text" },
  modelsSearchFolders: { key: "models.searchFolders", fallback: [] as readonly string[], schema: valibot.array(path), wants: "a list of paths" },
  modelsMirror: { key: "models.mirror", fallback: "", schema: valibot.string(), wants: "an address as text" },
  engineGpu: { key: "engine.gpu", fallback: "auto", schema: valibot.picklist(["auto", "off", "metal", "cuda", "vulkan"]), wants: "auto, off, metal, cuda or vulkan" },
  completionLoad: { key: "completion.load", fallback: {} as Readonly<Record<string, unknown>>, schema: valibot.record(valibot.string(), valibot.unknown()), wants: "an object of load options" },
  chatLoad: { key: "chat.load", fallback: {} as Readonly<Record<string, unknown>>, schema: valibot.record(valibot.string(), valibot.unknown()), wants: "an object of load options" },
} as const satisfies { readonly [Name in keyof Settings]: { readonly key: string; readonly fallback: Settings[Name]; readonly schema: valibot.GenericSchema<unknown>; readonly wants: string } };

/** Settings that name a path, what runs or where something may go: read from user values only, never from a workspace (design §4.3). */
export const USER_ONLY_SETTINGS: readonly (keyof Settings)[] = ["completionModel", "chatModel", "embeddingModel", "engineThreads", "engineContextSize", "engineRuntime", "offlineOnly", "allowYourNetwork", "allowInternet", "endpoints", "chatEndpoint", "modelsFolder", "modelsSearchFolders", "modelsMirror", "engineGpu", "completionLoad", "chatLoad"];

/** Checks raw values; one that does not fit is replaced by its default and reported. */
export function parseSettings(raw: (name: keyof Settings) => unknown): { settings: Settings; problems: SettingProblem[] } {
  const problems: SettingProblem[] = [];
  const read = <Name extends keyof Settings>(name: Name): Settings[Name] => {
    const { key, fallback, schema, wants } = SETTINGS[name];
    const value = raw(name);
    if (value === undefined) return fallback as Settings[Name];
    const parsed = valibot.safeParse(schema, value);
    if (parsed.success) return parsed.output as Settings[Name];
    problems.push({ key: `ghostlight.${key}`, message: `ghostlight.${key} must be ${wants}; the default is used` });
    return fallback as Settings[Name];
  };
  const settings: Settings = {
    completionEnabled: read("completionEnabled"),
    completionModel: read("completionModel"),
    completionPreset: read("completionPreset"),
    completionEngines: read("completionEngines"),
    chatModel: read("chatModel"),
    embeddingModel: read("embeddingModel"),
    engineThreads: read("engineThreads"),
    engineContextSize: read("engineContextSize"),
    engineRuntime: read("engineRuntime"),
    offlineOnly: read("offlineOnly"),
    allowYourNetwork: read("allowYourNetwork"),
    allowInternet: read("allowInternet"),
    endpoints: read("endpoints"),
    chatEndpoint: read("chatEndpoint"),
    modelsFolder: read("modelsFolder"),
    modelsSearchFolders: read("modelsSearchFolders"),
    modelsMirror: read("modelsMirror"),
    engineGpu: read("engineGpu"),
    completionLoad: read("completionLoad"),
    chatLoad: read("chatLoad"),
  };
  return { settings, problems };
}

/** Whether completion is on for a language. */
export function completionEnabledFor(settings: Settings, languageId: string): boolean {
  return settings.completionEnabled[languageId] ?? settings.completionEnabled["*"] ?? true;
}
