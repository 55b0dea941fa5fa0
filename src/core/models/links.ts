import { readDestination } from "../outgoing/origin";
import { hashIsConfirmed, type CatalogModel } from "./catalog";
import type { DownloadSource } from "./downloadState";
import { shardNames, shardOf } from "./shards";
import { sourceInParts, withPart } from "./sourceParts";

/** Where models come from unless a person set a mirror. */
export const HUB = "https://huggingface.co";

/** What a person pasted, or why it cannot be used, as a sentence. */
export type LinkResult = { readonly source: DownloadSource } | { readonly refused: string };

/** A file in a repository of the hub. */
interface HubFile {
  readonly repository: string;
  /** Branch, tag or commit, as the address has it. */
  readonly revision: string;
  /** Path in the repository. */
  readonly file: string;
}

/**
 * Reads what a person pastes: a page or a download link of a GGUF on the hub, `hf:owner/name/file`, or any https link to
 * a .gguf. Files of the hub are got under `base`, the hub itself or a mirror of it. A link to any part of a split model
 * means all of them. A link has no hash: what comes of it is unverified, unless it is a file of the catalog (`rowOfLink`).
 */
export function readLink(text: string, base: string = HUB): LinkResult {
  const pasted = text.trim().replace(/^<(.*)>$/, "$1");
  if (pasted === "") return refused("Paste a link to a .gguf file.");
  const short = /^hf:(?!\/\/)(.*)$/i.exec(pasted);
  if (short) return ofHub(readShort(short[1] ?? ""), base);
  // A name such as `hf.co/owner/name` is how addresses are often passed on.
  const address = /^(www\.)?(huggingface\.co|hf\.co)\//i.test(pasted) ? `https://${pasted}` : pasted;
  const destination = readDestination(address);
  if ("refused" in destination) return destination;
  const url = new URL(destination.href);
  const inside = pathOnHub(url, base);
  return inside === undefined ? ofAnyServer(url) : ofHub(readHubPath(inside, url.searchParams), base);
}

/** The catalog's row for a file of the hub, which has a hash; undefined where there is none. */
export function rowOfLink({ repository, url }: DownloadSource, models: readonly CatalogModel[]): CatalogModel | undefined {
  if (repository === null) return undefined;
  return models.find((model) => model.repository.toLowerCase() === repository.toLowerCase() && new URL(url).pathname.endsWith(`/${encodePath(model.file)}`));
}

/** Where a row of the catalog comes from: a pinned one from its commit, another one from the branch until the server told the commit (`withFacts`). */
export function sourceOfRow(model: CatalogModel, base: string = HUB): DownloadSource {
  const { id, repository, revision, file, sha256, size } = model;
  const at = revision ?? MAIN;
  return { id, url: hubAddress({ repository, revision: at, file }, base), fileName: safeFileName(file), sha256, hashConfirmed: hashIsConfirmed(model), size, repository, revision: at };
}

/** Whether the server is to be asked before a download: for commit and size, so that they can be shown, or for the hash that it states. */
export function needsFacts({ repository, revision, size, sha256, hashConfirmed }: DownloadSource): boolean {
  return size === null || (repository !== null && !isCommit(revision)) || (sha256 !== null && !hashConfirmed);
}

/**
 * A source at the commit and with the size that the server told, of a model in parts for the part of that number, from 0
 * on; whatever is known already stays. What a server states of a hash is kept where no catalog does.
 */
export function withFacts(source: DownloadSource, facts: { readonly commit: string | null; readonly size: number | null; readonly sha256?: string | null }, part = 0): DownloadSource {
  const stated = source.sha256 === null && typeof facts.sha256 === "string" ? { stated: facts.sha256 } : {};
  const known = source.parts ? withPart(source, part, { size: source.parts[part]?.size ?? facts.size, ...stated }) : { ...source, size: source.size ?? facts.size, ...stated };
  const { repository, revision } = source;
  const { commit } = facts;
  if (repository === null || revision === null || commit === null || isCommit(revision)) return known;
  const pinned = (url: string): string => url.replace(`/resolve/${encodeURIComponent(revision)}/`, `/resolve/${commit}/`);
  // All parts are those of one commit.
  const parts = known.parts?.map((one) => ({ ...one, url: pinned(one.url) }));
  return { ...known, revision: commit, url: pinned(known.url), ...(parts ? { parts } : {}) };
}

/** Whether a base address for a mirror can be used: a sentence where not. Such as `https://models.example.com/hf`. */
export function whyBaseIsRefused(base: string): string | undefined {
  const destination = readDestination(base);
  if ("refused" in destination) return destination.refused;
  const { search, hash } = new URL(base);
  return search === "" && hash === "" ? undefined : "The address of a mirror ends before any ? or #.";
}

/** A name for a file on any system: of plain letters, digits, points, dashes and underlines, at most 120 long, ending in .gguf. A part of a split model keeps its numbers. */
export function safeFileName(path: string): string {
  const last = path.split("/").at(-1) ?? "";
  const numbers = shardOf(last) ? last.slice(-SHARD_ENDING, -".gguf".length) : "";
  const name = last.replace(/\.gguf$/i, "").slice(0, numbers === "" ? undefined : -numbers.length);
  const plain = name.normalize("NFKD").replace(/\p{M}/gu, "").replace(/[^\w.+-]+/g, "_").replace(/^[.\-_+]+|[.\-_+]+$/g, "").slice(0, 115 - numbers.length);
  // Names that Windows keeps for devices, whatever their ending.
  const reserved = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i.test(plain);
  return `${plain === "" || reserved ? `model_${plain}` : plain}${numbers}.gguf`;
}

const MAIN = "main";
const SHARD_ENDING = "-00001-of-00002.gguf".length;
const NAME = /^[A-Za-z0-9][\w.-]{0,95}$/;

function readShort(text: string): HubFile | string {
  const [owner = "", rest = "", ...path] = text.split("/");
  const [name = "", revision = MAIN] = rest.split("@");
  return checked({ repository: `${owner}/${name}`, revision, file: path.join("/") });
}

/** The path below the hub, whose own pages and whose mirror's addresses mean the same files; undefined for another server. */
function pathOnHub(url: URL, base: string): string | undefined {
  if (/^(www\.)?(huggingface\.co|hf\.co)$/.test(url.hostname)) return url.pathname.slice(1);
  if (!URL.canParse(base)) return undefined;
  const mirror = new URL(base);
  const prefix = `${mirror.pathname.replace(/\/+$/, "")}/`;
  return url.origin === mirror.origin && url.pathname.startsWith(prefix) && /^[^/]+\/[^/]+\/(resolve|blob|raw|tree)\//.test(url.pathname.slice(prefix.length)) ? url.pathname.slice(prefix.length) : undefined;
}

function readHubPath(path: string, query: URLSearchParams): HubFile | string {
  const parts = path.split("/").filter((part) => part !== "");
  const [owner = "", name = "", kind, revision = "", ...file] = parts;
  if (["datasets", "spaces", "collections", "docs", "blog", "papers", "models"].includes(owner)) return "This page of the hub is not a model's: paste the link of one .gguf file.";
  if (name === "") return "This is no page of a model: open the model, then its files, and copy the link of one .gguf file.";
  if (kind === undefined || kind === "tree") {
    const shown = query.get("show_file_info");
    if (shown !== null) return checked({ repository: `${owner}/${name}`, revision: kind === "tree" && revision !== "" ? decoded(revision) : MAIN, file: shown });
    return name.includes(":") ? "A name with a colon does not say which file it means: open the model's files and copy the link of one .gguf file." : "This is the page of a whole model: open its files and copy the link of one .gguf file.";
  }
  if (kind !== "resolve" && kind !== "blob") return "This page is no file: open the model's files and copy the link of one .gguf file.";
  return checked({ repository: `${owner}/${name}`, revision: decoded(revision), file: file.map(decoded).join("/") });
}

/** The file as it can be asked for, or a sentence. */
function checked(hub: HubFile): HubFile | string {
  const { repository, revision, file } = hub;
  if (!repository.split("/").every((part) => NAME.test(part))) return "The owner or the name of the model cannot be read: it must be owner/name.";
  if (!/^[A-Za-z0-9][\w./-]{0,199}$/.test(revision) || revision.includes("..")) return "The branch or commit in the link cannot be read.";
  if (file === "") return "The link names no file: it must end with one .gguf file.";
  if (file.split("/").some((part) => part === "" || part === "." || part === "..") || /[\u0000-\u001f\u007f\\?#]/.test(file)) return "The file in the link cannot be read.";
  return whyFileIsRefused(file) ?? hub;
}

function whyFileIsRefused(file: string): string | undefined {
  if (!/\.gguf$/i.test(file)) return "Only .gguf files can be used; other formats of a model hold programs, or need another engine.";
  if (/-\d{5}-of-\d{5}\.gguf$/i.test(file) && !shardOf(file)) return "The numbers of this part of a split model cannot be right: copy the link of one of its parts again.";
  return /(^|\/)mmproj[^/]*$/i.test(file) ? "This file is the part of a model that sees pictures, and no model by itself." : undefined;
}

function ofHub(file: HubFile | string, base: string): LinkResult {
  if (typeof file === "string") return refused(file);
  const why = whyBaseIsRefused(base);
  if (why !== undefined) return refused(`The address of your mirror cannot be used. ${why}`);
  const { repository, revision } = file;
  const names = shardNames(file.file);
  const addresses = names.map((name) => hubAddress({ ...file, file: name }, base));
  return { source: linkSource(`${repository}/${names[0] ?? file.file}`, addresses, { repository, revision }) };
}

function ofAnyServer(url: URL): LinkResult {
  const path = decoded(url.pathname);
  const why = whyFileIsRefused(path);
  if (why !== undefined) return refused(url.pathname === "/" ? "The link names no file: it must end with one .gguf file." : why);
  const names = shardNames(url.pathname);
  if (names.length !== shardNames(path).length) return refused("The file in the link cannot be read.");
  const addresses = names.map((name) => Object.assign(new URL(url), { pathname: name }).href);
  return { source: linkSource(`${url.host}${decoded(names[0] ?? url.pathname)}`, addresses, { repository: null, revision: null }) };
}

/** `path` and the first address are the first part's, whichever part was pasted: all lead to one download. */
function linkSource(path: string, addresses: readonly string[], from: Pick<DownloadSource, "repository" | "revision">): DownloadSource {
  const source = { id: idOf(path), url: addresses[0] ?? "", fileName: safeFileName(path), sha256: null, hashConfirmed: false, size: null, ...from };
  return sourceInParts(source, addresses);
}

function hubAddress({ repository, revision, file }: HubFile, base: string): string {
  return `${base.replace(/\/+$/, "")}/${repository}/resolve/${encodeURIComponent(revision)}/${encodePath(file)}`;
}

function encodePath(path: string): string {
  return path.split("/").map(encodeURIComponent).join("/");
}

function isCommit(revision: string | null): boolean {
  return revision !== null && /^[0-9a-f]{40}$/.test(revision);
}

/** Safe as a folder's name. A long one is cut and told from others by a number made of all of it. */
function idOf(text: string): string {
  const plain = text.toLowerCase().replace(/\.gguf$/, "").replace(/[^a-z0-9._]+/g, "-").replace(/^[-._]+|[-._]+$/g, "");
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return `link-${plain.slice(0, 90)}-${(hash >>> 0).toString(16).padStart(8, "0")}`;
}

/** A text that was percent-encoded; as it is where the encoding is broken. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function refused(because: string): LinkResult {
  return { refused: because };
}
