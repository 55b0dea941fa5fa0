import { readFile, stat } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import * as valibot from "valibot";
import type { FolderWalk } from "./folderWalk";

const MODEL_LAYER = "application/vnd.ollama.image.model";
const MOST_MANIFEST_BYTES = 1 << 20;
const USUAL_HOST = "registry.ollama.ai";
const USUAL_NAMESPACE = "library";

const manifest = valibot.object({ layers: valibot.array(valibot.object({ mediaType: valibot.string(), digest: valibot.string() })) });

/** A model that Ollama lists, with the file of its weights, or with what is wrong with its manifest. */
export type OllamaEntry = { readonly name: string; readonly path: string } | { readonly name: string; readonly path: string; readonly reason: string };

/** Every model below Ollama's folder: its manifests name the blob that holds the weights, which is a GGUF file without the ending. */
export async function* ollamaModels(folder: string, walk: FolderWalk, signal: AbortSignal): AsyncGenerator<OllamaEntry> {
  const manifests = join(folder, "manifests");
  for await (const path of walk.files(manifests, signal)) {
    const name = nameOf(relative(manifests, path).split(sep));
    // Hidden files are the system's own.
    if (name === undefined) continue;
    const digest = await digestOf(path);
    if ("reason" in digest) yield { name, path, reason: digest.reason };
    else yield { name, path: await blobPath(folder, digest.hash) };
  }
}

/** `host/namespace/model/tag` as Ollama writes it on the command line. */
function nameOf(parts: readonly string[]): string | undefined {
  const [host, namespace, model, tag] = parts;
  if (parts.length !== 4 || tag === undefined || tag.startsWith(".")) return undefined;
  const owner = [...(host === USUAL_HOST ? [] : [host]), ...(host === USUAL_HOST && namespace === USUAL_NAMESPACE ? [] : [namespace])];
  return `${[...owner, model].join("/")}:${tag}`;
}

async function digestOf(path: string): Promise<{ readonly hash: string } | { readonly reason: string }> {
  const parsed = valibot.safeParse(manifest, await readSmallJson(path));
  if (!parsed.success) return { reason: "Ollama's manifest of it cannot be read" };
  const layers = parsed.output.layers.filter((layer) => layer.mediaType === MODEL_LAYER);
  const [first, ...more] = layers;
  if (first === undefined) return { reason: "Ollama's manifest of it names no model file: it may run in the cloud or be of another format" };
  if (more.length > 0) return { reason: "Ollama keeps it in several files" };
  // The digest becomes part of a path: nothing but a hash may get through.
  const hash = /^sha256:([0-9a-f]{64})$/.exec(first.digest)?.[1];
  return hash === undefined ? { reason: "Ollama's manifest of it names no file by its hash" } : { hash };
}

async function readSmallJson(path: string): Promise<unknown> {
  try {
    const facts = await stat(path);
    if (!facts.isFile() || facts.size > MOST_MANIFEST_BYTES) return undefined;
    return JSON.parse(await readFile(path, "utf8"));
  } catch {
    return undefined;
  }
}

/** Old versions wrote the colon of the digest into the file's name. */
async function blobPath(folder: string, hash: string): Promise<string> {
  const old = join(folder, "blobs", `sha256:${hash}`);
  return (await stat(old).catch(() => undefined)) ? old : join(folder, "blobs", `sha256-${hash}`);
}
