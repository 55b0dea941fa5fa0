import type { ModelRole } from "../../protocol/engine";
import { bytesInWords } from "../util/bytes";
import type { CatalogModel, CatalogRole } from "./catalog";
import type { DownloadState } from "./downloadState";
import type { ModelFileFacts } from "./modelFile";
import type { Fit, Recommendation } from "./recommendation";

/** A model file that is on this machine. */
export interface PresentModel {
  /** Absolute. */
  readonly path: string;
  readonly name: string;
  /** Where it comes from, such as `downloaded` or the name of the program whose file it is. */
  readonly origin: string;
  readonly size: number;
  /** Whether it lies in Ghostlight's own folder: only such files are ever deleted. */
  readonly own: boolean;
  /** Whether its hash was compared with the catalog's; null where nobody states one. */
  readonly verified: boolean | null;
  readonly licence: string | null;
  readonly use: { readonly facts: ModelFileFacts } | { readonly reason: string };
  /** Bytes in memory while it is used, with the context that is set; null where the file cannot be used. Estimated. */
  readonly memory: number | null;
  /** Tokens a second, measured on this machine; null before. */
  readonly measured: { readonly prefill: number; readonly decode: number } | null;
}

/** A download as the list shows it. */
export interface ListedDownload {
  readonly id: string;
  /** Of the file. */
  readonly name: string;
  readonly state: DownloadState;
  /** Roles that it is to fill once it is whole. */
  readonly wantedFor: readonly ModelRole[];
}

/** Everything that the list is made of. */
export interface LibraryState {
  /** Paths of the models in use; empty for the starter, for the index, and where words alone decide. */
  readonly inUse: Readonly<Record<ModelRole, string>>;
  /** What does the work where the model in use could not be loaded; written as in `inUse`. */
  readonly standIns: Readonly<Record<ModelRole, string | undefined>>;
  readonly present: readonly PresentModel[];
  /** The same rows for each role that is wished for. */
  readonly recommendations: readonly Recommendation[];
  /** Downloads of this window that have not ended well, and what earlier ones left. `id` is the catalog's, or a link's own. */
  readonly downloads: readonly ListedDownload[];
  /** Ids of the catalog whose files are on this machine. */
  readonly installed: ReadonlySet<string>;
  readonly offlineOnly: boolean;
}

/** What can be done with a row: the view's menus go by it. */
export type RowKind = "role" | "present" | "presentOwn" | "unusable" | "catalog" | "downloading" | "paused" | "note";

/** One row of the list. */
export interface ModelRow {
  /** Stays the same while the row means the same. */
  readonly key: string;
  readonly kind: RowKind;
  readonly label: string;
  readonly description: string;
  /** Whole sentences, a line each. */
  readonly tooltip: string;
  /** Name of a codicon. */
  readonly icon: string;
  /** Path of a file that is here. */
  readonly path?: string;
  /** Id of the catalog. */
  readonly id?: string;
  readonly role?: ModelRole;
  /** What a file that is here can be used for. */
  readonly uses?: readonly ModelRole[];
}

/** Rows under one heading. */
export interface ModelGroup {
  readonly label: string;
  readonly rows: readonly ModelRow[];
}

const ROLE_WORDS: Readonly<Record<CatalogRole, string>> = { completion: "ghost text", chat: "answers", embedding: "search by meaning" };
const VERDICT_ICONS: Readonly<Record<Fit["verdict"], string>> = { green: "pass", yellow: "warning", red: "circle-slash" };
const VERDICT_WORDS: Readonly<Record<Fit["verdict"], string>> = { green: "fits this machine", yellow: "runs, with a cost", red: "too large for this machine" };

/** The list as a person reads it: what is in use, what is here, what can be got. Pure. */
export function modelGroups(state: LibraryState): ModelGroup[] {
  return [
    { label: "In use", rows: ROLES.map((role) => roleRow(state, role)) },
    { label: "On this machine", rows: state.present.length > 0 ? state.present.map((model) => presentRow(model, state)) : [note("none", "The starter, and no other model yet")] },
    { label: state.offlineOnly ? "Offline only: nothing can be got" : "Can be got", rows: catalogRows(state) },
  ].filter(({ rows }) => rows.length > 0);
}

const ROLES = ["completion", "chat", "embedding"] as const satisfies readonly ModelRole[];

interface RoleWords {
  readonly label: string;
  readonly icon: string;
  /** Before the name of what does the work. */
  readonly begin: string;
  /** What does the work without a model of the person's own. */
  readonly without: string;
}

const IN_USE: Readonly<Record<ModelRole, RoleWords>> = {
  completion: { label: "Ghost text", icon: "edit", begin: "Ghost text is written by", without: "the starter that came with Ghostlight" },
  chat: { label: "Answers", icon: "comment-discussion", begin: "Answers come from", without: "looked up in the index of your code" },
  embedding: { label: "Search by meaning", icon: "search", begin: "What a question may mean is found by", without: "words alone" },
};

function note(key: string, label: string): ModelRow {
  return { key, kind: "note", label, description: "", tooltip: label, icon: "info" };
}

function roleRow({ inUse, standIns, present }: LibraryState, role: ModelRole): ModelRow {
  const path = inUse[role];
  const standIn = standIns[role];
  const { label, icon, begin, without } = IN_USE[role];
  const nameOf = (one: string): string => (one === "" ? without : present.find((model) => model.path === one)?.name ?? fileName(one));
  const base = { key: `role:${role}`, kind: "role", role, label, ...(path === "" ? {} : { path }) } as const;
  if (standIn === undefined) return { ...base, description: nameOf(path), tooltip: `${begin}: ${nameOf(path)}.`, icon };
  return { ...base, description: `${nameOf(standIn)}, because ${nameOf(path)} cannot be used`, tooltip: `${begin}: ${nameOf(standIn)}.\nThe status item says why ${nameOf(path)} cannot be used.`, icon: "warning" };
}

function presentRow(model: PresentModel, { inUse, standIns }: LibraryState): ModelRow {
  const base = { key: `present:${model.path}`, label: model.name, path: model.path };
  const origin = [model.origin, bytesInWords(model.size)];
  if ("reason" in model.use) return { ...base, kind: "unusable", description: `${model.origin}, cannot be used`, tooltip: `${model.use.reason}\n${model.path}`, icon: "error" };
  const { facts } = model.use;
  const used = ROLES.filter((role) => (standIns[role] ?? inUse[role]) === model.path);
  const speed = model.measured === null ? [] : [`${speedWords(model.measured.decode)} tokens/s`];
  return {
    ...base,
    kind: model.own ? "presentOwn" : "present",
    uses: facts.roles,
    description: [...(used.length === 0 ? [] : [`in use for ${used.map((role) => ROLE_WORDS[role]).join(" and ")}`]), ...origin, ...speed].join(", "),
    tooltip: [
      `${model.name}: for ${facts.roles.map((role) => ROLE_WORDS[role]).join(" and ")}, ${String(facts.contextLength)} tokens of context.`,
      `${bytesInWords(model.size)} on the disk${model.memory === null ? "" : `, about ${bytesInWords(model.memory)} in memory while it is used`}.`,
      ...(model.measured === null ? [] : [`Measured here: reads ${speedWords(model.measured.prefill)} and writes ${speedWords(model.measured.decode)} tokens a second.`]),
      ...(model.licence === null ? [] : [`Licence: ${model.licence}.`]),
      model.verified === true ? "Its hash is the catalog's." : model.verified === false ? "Nobody vouches for this file: its hash was remembered when it came." : "It is used where it lies; nothing was copied.",
      model.path,
    ].join("\n"),
    icon: used.length > 0 ? "pass-filled" : "database",
  };
}

/** One row for each model that is not here, recommended ones first, then by how well they fit. */
function catalogRows(state: LibraryState): ModelRow[] {
  const { recommendations, installed } = state;
  const downloads = new Map(state.downloads.map((download) => [download.id, download]));
  const recommended = new Map<string, CatalogRole[]>();
  for (const { role, recommended: fit } of recommendations) if (fit) recommended.set(fit.model.id, [...(recommended.get(fit.model.id) ?? []), role]);
  const order: readonly Fit["verdict"][] = ["green", "yellow", "red"];
  const rank = (fit: Fit): number => (downloads.has(fit.model.id) ? -2 : recommended.has(fit.model.id) ? -1 : order.indexOf(fit.verdict));
  const fits = fitsById(recommendations);
  const links = state.downloads.filter(({ id }) => !fits.has(id)).map(linkRow);
  return [...links, ...[...fits.values()]
    .filter(({ model }) => !installed.has(model.id))
    .sort((left, right) => rank(left) - rank(right))
    .map((fit) => catalogRow(fit, recommended.get(fit.model.id) ?? [], downloads.get(fit.model.id)))];
}

/** A download of something that the catalog does not have. */
function linkRow({ id, name, state }: ListedDownload): ModelRow {
  const { kind, failed } = downloadKind(state);
  const description = state.state === "running" ? progressWords(state) : kind === "paused" ? "paused" : "did not arrive";
  return { key: `link:${id}`, kind: kind === "catalog" ? "paused" : kind, id, label: name, description, tooltip: failed ?? `${name}, from a link: nobody vouches for it.`, icon: kind === "downloading" ? "cloud-download" : failed === undefined ? "debug-pause" : "error" };
}

function downloadKind(download: DownloadState | undefined): { readonly kind: "catalog" | "downloading" | "paused"; readonly failed: string | undefined } {
  if (download === undefined) return { kind: "catalog", failed: undefined };
  if (download.state === "running") return { kind: "downloading", failed: undefined };
  const { outcome } = download;
  return { kind: outcome.outcome === "paused" ? "paused" : "catalog", failed: outcome.outcome === "failed" || outcome.outcome === "refused" ? outcome.because : undefined };
}

/** A model that serves two roles is judged by the one it serves worse. */
function fitsById(recommendations: readonly Recommendation[]): Map<string, Fit> {
  const order: readonly Fit["verdict"][] = ["green", "yellow", "red"];
  const fits = new Map<string, Fit>();
  for (const fit of recommendations.flatMap(({ fits: all }) => all)) {
    const known = fits.get(fit.model.id);
    if (!known || order.indexOf(fit.verdict) > order.indexOf(known.verdict)) fits.set(fit.model.id, fit);
  }
  return fits;
}

function catalogRow(fit: Fit, recommendedFor: readonly CatalogRole[], download: ListedDownload | undefined): ModelRow {
  const { model, verdict, reasons } = fit;
  const state = download?.state;
  const { kind, failed } = downloadKind(state);
  const description = kind === "downloading" && state?.state === "running" ? progressWords(state) : kind === "paused" ? "paused" : [
    ...(failed === undefined ? [] : ["did not arrive"]),
    ...(recommendedFor.length === 0 ? [VERDICT_WORDS[verdict]] : [`recommended for ${recommendedFor.map((role) => ROLE_WORDS[role]).join(" and ")}`]),
    bytesInWords(fit.diskBytes),
    ...(fit.tokensPerSecond === undefined ? [] : [`about ${speedWords(fit.tokensPerSecond)} tokens/s`]),
  ].join(", ");
  return {
    key: `catalog:${model.id}`, kind, id: model.id, label: `${model.name} ${model.quantization}`, description,
    tooltip: [
      `${model.name} ${model.quantization}: for ${model.roles.map((role) => ROLE_WORDS[role]).join(" and ")}.`,
      ...(failed === undefined ? [] : [failed]),
      ...wishWords(download?.wantedFor ?? []),
      ...reasons,
      `Licence: ${model.licence}${model.restricted ? ", which limits what it may be used for" : ""}. Context: ${String(model.contextLength)} tokens.`,
      `From ${model.repository}.`,
    ].join("\n"),
    icon: kind === "downloading" ? "cloud-download" : kind === "paused" ? "debug-pause" : failed !== undefined ? "error" : recommendedFor.length > 0 ? "star-full" : VERDICT_ICONS[verdict],
  };
}

function wishWords(wantedFor: ListedDownload["wantedFor"]): string[] {
  return wantedFor.length === 0 ? [] : [`Once it is whole it is used for ${wantedFor.map((role) => ROLE_WORDS[role]).join(" and ")}.`];
}

/** How far a download is: `42 % of 1.6 GB, 12 MB/s, 2 min left`. */
export function progressWords({ step, progress }: Extract<DownloadState, { state: "running" }>): string {
  const { bytes, total, bytesPerSecond, secondsLeft } = progress;
  const far = total === null ? bytesInWords(bytes) : `${String(Math.floor((100 * bytes) / Math.max(1, total)))} % of ${bytesInWords(total)}`;
  const steps: Readonly<Record<typeof step, string>> = { checking: "checking what is there", connecting: "connecting", receiving: "", retrying: "trying again", elsewhere: "in another window" };
  return [far, ...(bytesPerSecond === null ? [] : [`${bytesInWords(Math.round(bytesPerSecond))}/s`]), ...(secondsLeft === null ? [] : [timeWords(secondsLeft)]), ...(steps[step] === "" ? [] : [steps[step]])].join(", ");
}

function timeWords(seconds: number): string {
  if (seconds < 60) return `${String(Math.max(1, Math.round(seconds)))} s left`;
  return seconds < 3_600 ? `${String(Math.round(seconds / 60))} min left` : `${(seconds / 3_600).toFixed(1)} h left`;
}

/** A whole model in lines, to be copied: for a report, or to look it up. */
export function modelDetails(model: CatalogModel): string {
  return [
    `${model.name} ${model.quantization} (${model.id})`,
    `file: ${model.repository}/${model.file}`,
    `commit: ${model.revision ?? "not known: read from the server"}`,
    `size: ${model.size === null ? "not known: read from the server" : `${String(model.size)} bytes`}`,
    `SHA-256: ${model.sha256}, stated by ${model.hashSources.join("; ")}`,
    `licence: ${model.licence}`,
    `parameters: ${String(model.parameters)}${model.activeParameters === model.parameters ? "" : `, ${String(model.activeParameters)} at a time`}`,
  ].join("\n");
}

function speedWords(tokensPerSecond: number): string {
  return tokensPerSecond < 10 ? tokensPerSecond.toFixed(1) : tokensPerSecond.toFixed(0);
}

function fileName(path: string): string {
  return path.split(/[\\/]/).at(-1) ?? path;
}
