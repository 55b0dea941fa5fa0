import assert from "node:assert/strict";
import { modelPlaces, type ModelProgram } from "../../../../src/services/models/modelPlaces";

const HOMES = { linux: "/home/ada", darwin: "/Users/ada", win32: "C:\\Users\\ada" } as const;
type System = keyof typeof HOMES;

function folders(platform: System, program: ModelProgram, variables: Record<string, string> = {}, own: readonly string[] = []): string[] {
  return modelPlaces({ platform, home: HOMES[platform], variables }, own).filter((place) => place.program === program).map((place) => place.folder);
}

describe("services/models/modelPlaces", () => {
  const usual: readonly (readonly [System, ModelProgram, readonly string[]])[] = [
    ["linux", "Ollama", ["/home/ada/.ollama/models", "/usr/share/ollama/.ollama/models"]],
    ["darwin", "Ollama", ["/Users/ada/.ollama/models"]],
    ["win32", "Ollama", ["C:\\Users\\ada\\.ollama\\models"]],
    ["linux", "LM Studio", ["/home/ada/.lmstudio/models", "/home/ada/.cache/lm-studio/models"]],
    ["linux", "llama.cpp", ["/home/ada/.cache/llama.cpp"]],
    ["darwin", "llama.cpp", ["/Users/ada/Library/Caches/llama.cpp"]],
    ["win32", "llama.cpp", ["C:\\Users\\ada\\AppData\\Local\\llama.cpp"]],
    ["linux", "Hugging Face", ["/home/ada/.cache/huggingface/hub"]],
    ["win32", "Hugging Face", ["C:\\Users\\ada\\.cache\\huggingface\\hub"]],
  ];
  for (const [platform, program, expected] of usual) {
    it(`${platform}: ${program}`, () => { assert.deepEqual(folders(platform, program), expected); });
  }
  it("Jan on each system", () => {
    assert.ok(folders("linux", "Jan").includes("/home/ada/.local/share/Jan/data/llamacpp/models"));
    assert.ok(folders("darwin", "Jan").includes("/Users/ada/Library/Application Support/Jan/data/llamacpp/models"));
    assert.ok(folders("win32", "Jan").includes("C:\\Users\\ada\\AppData\\Roaming\\Jan\\data\\llamacpp\\models"));
  });

  it("variables win over the usual places", () => {
    assert.deepEqual(folders("linux", "Ollama", { OLLAMA_MODELS: "/data/ollama" }), ["/data/ollama"]);
    assert.deepEqual(folders("linux", "llama.cpp", { LLAMA_CACHE: "/data/llama", XDG_CACHE_HOME: "/cache" }), ["/data/llama"]);
    assert.deepEqual(folders("linux", "llama.cpp", { XDG_CACHE_HOME: "/cache" }), ["/cache/llama.cpp"]);
    assert.deepEqual(folders("linux", "Hugging Face", { HF_HOME: "/data/hf", XDG_CACHE_HOME: "/cache" }), ["/data/hf/hub"]);
    assert.deepEqual(folders("linux", "Hugging Face", { HF_HUB_CACHE: "/hub", HF_HOME: "/data/hf" }), ["/hub"]);
    assert.deepEqual(folders("linux", "Hugging Face", { XDG_CACHE_HOME: "/cache" }), ["/cache/huggingface/hub"]);
    assert.deepEqual(folders("win32", "llama.cpp", { LOCALAPPDATA: "D:\\local" }), ["D:\\local\\llama.cpp"]);
  });
  it("an empty variable is none, and a path that is not whole is no place", () => {
    assert.deepEqual(folders("darwin", "Ollama", { OLLAMA_MODELS: "" }), ["/Users/ada/.ollama/models"]);
    assert.deepEqual(folders("linux", "Ollama", { OLLAMA_MODELS: "models" }), []);
  });
  it("a person's own folders come last, and no folder twice", () => {
    assert.deepEqual(folders("linux", "folder", {}, ["/data/models", "/data/models", "/home/ada/.ollama/models"]), ["/data/models"]);
  });
});
