import type { DownloadTrouble } from "./downloadState";

/** What a sentence about a failed download may name. */
export interface DownloadSubject {
  /** Name of the file. */
  readonly file: string;
  /** Host that was asked; of a file that a server sent on, the first one. */
  readonly host: string;
  /** What was found, as a part of a sentence or as a sentence of ours or of the server's, cleaned; empty for nothing. */
  readonly found: string;
}

/** A sentence or two for the person: what happened, what became of the part, what to do next. */
export function downloadWords(trouble: DownloadTrouble, subject: DownloadSubject): string {
  return SENTENCES[trouble](subject);
}

/** Troubles after which the same download may succeed without anything being changed. */
export function retryMayHelp(trouble: DownloadTrouble): boolean {
  return ["notAsStated", "changing", "stalled", "cut", "unreachable", "rateLimited", "serverError", "vanished", "badAnswer", "notAModel"].includes(trouble);
}

const KEPT = "What has come is kept; resume to get the rest.";

const SENTENCES: Readonly<Record<DownloadTrouble, (subject: DownloadSubject) => string>> = {
  wrongHash: ({ file, host }) => `${file} from ${host} is not the file that the catalog means: its SHA-256 is another one. It was deleted. Get another model, or try a mirror you trust.`,
  notAsStated: ({ file, host }) => `${file} did not arrive as ${host} itself describes it: its SHA-256 is another one. It was deleted. Get it again, or from somewhere else.`,
  notAPart: ({ file, host, found }) => `${file} from ${host} is no part of a model that can be used: ${found}. It was deleted. Get another model, or get it from somewhere else.`,
  otherHash: ({ file, host }) => `${host} itself says that its ${file} is not the file that the catalog means: it states another SHA-256. Nothing was fetched. Get another model, or try a mirror you trust.`,
  wrongSize: ({ file, host, found }) => `${host} does not have the ${file} that was asked for: ${found}.`,
  extraBytes: ({ file, host }) => `${host} sent more than ${file} is long, so nothing of it can be believed. It was deleted.`,
  lengthUnknown: ({ host, found }) => `${host} cannot be used for this: ${found}, so nobody could tell whether it came whole.`,
  notAModel: ({ file, host, found }) => `What ${host} sent for ${file} is no GGUF model: ${found}. On a public network you may have to sign in with a browser first; otherwise check the link.`,
  badAnswer: ({ host, found }) => `${host} gave no sound answer: ${found}. Try again later, or get the file from somewhere else.`,
  compressed: ({ host }) => `${host} sends the file compressed, although that was not asked for, so it cannot be checked. Get it from somewhere else.`,
  changing: ({ file, host }) => `${file} changed on ${host} again and again while it was being fetched. Try again later.`,
  stalled: ({ host }) => `${host} sent next to nothing for a minute. ${KEPT}`,
  cut: ({ host }) => `The connection to ${host} was cut. ${KEPT}`,
  unreachable: ({ host, found }) => `${host} cannot be reached${found === "" ? "" : ` (${found})`}. Check the network. ${KEPT}`,
  tls: ({ host, found }) => `The secure connection to ${host} was not accepted: ${found}. Let this computer trust the certificate, or check the address.`,
  address: ({ found }) => `The address leads elsewhere than it says, so it was not asked. ${found}`.trim(),
  redirect: ({ host, found }) => `${host} sent the download on to an address that is not followed. ${found}`.trim(),
  tooLarge: ({ host }) => `${host} sends more than a model can have.`,
  unauthorized: ({ host, found }) => `${host} wants a token, and has none from you that it accepts (401). Store a token for ${host} and try again.${said(found)}`,
  forbidden: ({ file, host, found }) => `${host} does not give you ${file} (403). Its licence may have to be accepted on its page first, with the account whose token is stored.${said(found)}`,
  notFound: ({ file, host, found }) => `${host} has no file ${file} (404). Check the link.${said(found)}`,
  rateLimited: ({ host, found }) => `${host} asks to be left alone for a while${found === "" ? "" : ` (${found})`}. ${KEPT}`,
  serverError: ({ host, found }) => `${host} failed on its own side (${found}). ${KEPT}`,
  status: ({ host, found }) => `${host} did not give the file (${found}).`,
  noSpace: ({ file, found }) => `There is not enough room for ${file}: ${found}. Delete something, or choose another folder for models.`,
  diskFull: ({ file }) => `The disk ran full while ${file} was being written. What has come is kept; make room, then resume.`,
  disk: ({ file, found }) => `${file} cannot be written: ${found}. Check the folder for models.`,
  vanished: ({ file }) => `The part of ${file} that had come was removed or changed by somebody else. Get it again.`,
};

function said(found: string): string {
  return found === "" ? "" : ` It said: “${found}”`;
}
