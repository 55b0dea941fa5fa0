import type { Disclosure, HostClass } from "./disclosure";
import { costInWords } from "./endpoints";
import { bytesInWords } from "../util/bytes";
import { fileClassesOf } from "./grant";
import type { OutgoingFile, Purpose } from "./request";

/** What a purpose is called where a person reads it. */
export const PURPOSE_WORDS: Readonly<Record<Purpose, string>> = {
  completion: "a completion",
  chat: "an answer in the panel",
  download: "a download",
  list: "the list of models",
};

/** Where a host lies, as a person would say it. */
export const HOST_CLASS_WORDS: Readonly<Record<HostClass, string>> = { yourNetwork: "your network", internet: "the internet" };

/** One line that says what would happen: purpose, model, size, price, where. */
export function disclosureSummary(disclosure: Disclosure): string {
  const { purpose, model, bytes, estimatedCost, hostClass } = disclosure;
  const files = new Set(disclosure.files.map(({ path }) => path)).size;
  const masked = disclosure.masked.reduce((sum, { count }) => sum + count, 0);
  return [
    `For ${PURPOSE_WORDS[purpose]}`,
    ...(model === null ? [] : [`model ${model}`]),
    ...(files === 0 ? [] : [files === 1 ? "1 file" : `${String(files)} files`]),
    ...(masked === 0 ? [] : [`${String(masked)} masked`]),
    bytesInWords(bytes),
    ...(estimatedCost === null ? [] : [`about ${costInWords(estimatedCost)}`]),
    `to ${HOST_CLASS_WORDS[hostClass]}`,
  ].join(" · ");
}

/**
 * What would leave as a document: first the texts, to be read, then every byte as it would be sent. A body of JSON is one
 * long line that nobody reads.
 */
export function exactDocument(disclosure: Disclosure): string {
  const { texts, exact, origin } = disclosure;
  const heading = (words: string): string => `════ ${words}`;
  return [
    heading(`Would be sent to ${origin}`),
    disclosureSummary(disclosure),
    ...disclosure.files.map((file) => `${file.path}: ${fileWords(file)}`),
    ...disclosure.masked.map(({ kind, count }) => `${kind}: ${String(count)} masked`),
    "",
    ...texts.flatMap((text, index) => [heading(`Text ${String(index + 1)} of ${String(texts.length)}`), text, ""]),
    heading("The whole request, byte for byte"),
    exact,
  ].join("\n");
}

/** What a file's line says behind its path. */
export function fileWords({ startLine, endLine, tokens }: OutgoingFile): string {
  return `lines ${String(startLine)}-${String(endLine)}, about ${String(tokens)} tokens`;
}

/** What a standing grant would cover, so that nobody agrees to more than they read. */
export function grantWords(disclosure: Disclosure): string {
  const kinds = fileClassesOf(disclosure).map((kind) => (kind === "" ? "without an ending" : kind));
  const files = kinds.length === 0 ? "without files" : `with files ${kinds.join(", ")}`;
  return `Only for ${PURPOSE_WORDS[disclosure.purpose]}, only to ${disclosure.origin}, only ${files}.`;
}
