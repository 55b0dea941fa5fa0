import path from "node:path";

/** Programs whose model files can be used where they lie. `folder` is one that the person named. */
export type ModelProgram = "Ollama" | "LM Studio" | "llama.cpp" | "Hugging Face" | "Jan" | "folder";

/** A folder to look in. Ollama's has manifests and blobs without file endings; in all others files end in `.gguf`. */
export interface ModelPlace {
  readonly program: ModelProgram;
  readonly folder: string;
}

/** What decides where programs keep their files. */
export interface PlaceEnvironment {
  readonly platform: NodeJS.Platform;
  readonly home: string;
  readonly variables: Readonly<Record<string, string | undefined>>;
}

/** Where each program keeps its files, by its variables and by what its documentation says for the system; then the person's own folders. */
export function modelPlaces(environment: PlaceEnvironment, ownFolders: readonly string[]): readonly ModelPlace[] {
  const places: ModelPlace[] = [
    ...ollama(environment).map((folder) => ({ program: "Ollama" as const, folder })),
    ...lmStudio(environment).map((folder) => ({ program: "LM Studio" as const, folder })),
    { program: "llama.cpp", folder: llamaCache(environment) },
    { program: "Hugging Face", folder: huggingFace(environment) },
    ...jan(environment).map((folder) => ({ program: "Jan" as const, folder })),
    ...ownFolders.map((folder) => ({ program: "folder" as const, folder })),
  ];
  return places.filter(({ folder }, index) => join(environment).isAbsolute(folder) && places.findIndex((other) => other.folder === folder) === index);
}

/** Paths as the system in question writes them, so that every system's rules can be tested on any. */
function join(environment: PlaceEnvironment): path.PlatformPath {
  return environment.platform === "win32" ? path.win32 : path.posix;
}

/** A variable that is set to something. */
function variable(environment: PlaceEnvironment, name: string): string | undefined {
  return environment.variables[name] || undefined;
}

function below(environment: PlaceEnvironment, ...parts: string[]): string {
  return join(environment).join(environment.home, ...parts);
}

/** The service that its installer for Linux sets up has a home of its own. */
function ollama(environment: PlaceEnvironment): string[] {
  const named = variable(environment, "OLLAMA_MODELS");
  if (named !== undefined) return [named];
  const own = below(environment, ".ollama", "models");
  return environment.platform === "linux" ? [own, "/usr/share/ollama/.ollama/models"] : [own];
}

function lmStudio(environment: PlaceEnvironment): string[] {
  return [below(environment, ".lmstudio", "models"), below(environment, ".cache", "lm-studio", "models")];
}

function llamaCache(environment: PlaceEnvironment): string {
  const named = variable(environment, "LLAMA_CACHE");
  if (named !== undefined) return named;
  if (environment.platform === "darwin") return below(environment, "Library", "Caches", "llama.cpp");
  if (environment.platform === "win32") return join(environment).join(variable(environment, "LOCALAPPDATA") ?? below(environment, "AppData", "Local"), "llama.cpp");
  return join(environment).join(variable(environment, "XDG_CACHE_HOME") ?? below(environment, ".cache"), "llama.cpp");
}

function huggingFace(environment: PlaceEnvironment): string {
  const hub = variable(environment, "HF_HUB_CACHE") ?? variable(environment, "HUGGINGFACE_HUB_CACHE");
  if (hub !== undefined) return hub;
  const home = variable(environment, "HF_HOME") ?? join(environment).join(variable(environment, "XDG_CACHE_HOME") ?? below(environment, ".cache"), "huggingface");
  return join(environment).join(home, "hub");
}

/** Its data folder has moved, and the engine's name has come into the path, between versions. */
function jan(environment: PlaceEnvironment): string[] {
  return janData(environment).flatMap((folder) => [join(environment).join(folder, "models"), join(environment).join(folder, "llamacpp", "models")]);
}

function janData(environment: PlaceEnvironment): string[] {
  if (environment.platform === "darwin") return [below(environment, "Library", "Application Support", "Jan", "data"), below(environment, "jan")];
  if (environment.platform === "win32") return [join(environment).join(variable(environment, "APPDATA") ?? below(environment, "AppData", "Roaming"), "Jan", "data"), below(environment, "jan")];
  const share = variable(environment, "XDG_DATA_HOME") ?? below(environment, ".local", "share");
  const config = variable(environment, "XDG_CONFIG_HOME") ?? below(environment, ".config");
  return [join(environment).join(share, "Jan", "data"), join(environment).join(config, "Jan", "data"), below(environment, "jan")];
}
