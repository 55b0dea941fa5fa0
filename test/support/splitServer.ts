/** A model in three parts on a server, and how it is got. */
import { ggufHeader } from "../../models/starter/train/gguf.js";
import type { DownloadSource } from "../../src/core/models/downloadState.js";
import { readLink } from "../../src/core/models/links.js";
import { whyPartsDoNotFit } from "../../src/services/models/partsFit.js";
import type { DownloadOptions } from "./downloads.js";
import { modelBytes, modelServer, type ModelServer } from "./modelServer.js";

/** A part that says of itself which one it is; behind its header is noise. */
export function splitPart(number: number, size: number, count = 3): Buffer {
  const header = ggufHeader({ "split.no": { type: "uint16", value: number - 1 }, "split.count": { type: "uint16", value: count } }, []);
  return Buffer.concat([header, modelBytes(size - header.length, number)]);
}

/** Names of the parts. */
export const partNames = [1, 2, 3].map((number) => `some-0000${String(number)}-of-00003.gguf`);

/** Serves parts by their names; of a part that is undefined there is no file. */
export async function splitServer(parts: readonly (Buffer | undefined)[]): Promise<ModelServer> {
  return modelServer((path) => parts[partNames.findIndex((name) => path.endsWith(`/${name}`))]);
}

/** What a link to the second part leads to, with this server as the hub's mirror. */
export function splitSource(server: ModelServer): DownloadSource {
  const link = readLink(`hf:o/n/${partNames[1] ?? ""}`, server.url);
  if ("refused" in link) throw new Error(link.refused);
  return link.source;
}

/** Headers are looked at as they are in the product, in this thread. */
export const looksAtHeaders: NonNullable<DownloadOptions["parts"]> = { whyPartsDoNotFit: async (files, count) => whyPartsDoNotFit(files, count) };
