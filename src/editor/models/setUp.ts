import * as vscode from "vscode";
import { modelDetails, type PresentModel } from "../../core/models/modelList";
import type { Fit, Recommendation } from "../../core/models/recommendation";
import { bytesInWords } from "../../core/util/bytes";
import type { WritingRole } from "../../protocol/engine";
import { cancellableProgress } from "../cancellableProgress";

/** A way to fill a role: a model to get, one that is here, or none. */
export type SetUpChoice =
  | { readonly choice: "get"; readonly fit: Fit }
  | { readonly choice: "use"; readonly model: PresentModel }
  | { readonly choice: "none" };

/** What setting up needs of the library. */
export interface SetUpParts {
  /** Judges the catalog by this machine; measures it where that has not been done. */
  readonly recommendations: (signal: AbortSignal) => Promise<readonly Recommendation[]>;
  readonly present: () => readonly PresentModel[];
  /** Gets a model and uses it for these roles once it is whole, in this session or a later one. */
  readonly get: (id: string, roles: readonly WritingRole[]) => Promise<unknown>;
  /** Uses a file; an empty path stands for the starter and for the index. */
  readonly use: (role: WritingRole, path: string) => Promise<void>;
}

const TITLES = { completion: "Set Up (1 of 3): who writes ghost text?", chat: "Set Up (2 of 3): who writes answers in the panel?" } as const;
const NONE = {
  completion: { label: "$(home) Keep the starter", detail: "Nothing is downloaded. Ghost text comes from your own code, scored by the small model that came with Ghostlight." },
  chat: { label: "$(home) No model: look answers up in the index of your code", detail: "Nothing is downloaded. Answers come at once and cite files and lines; nothing is written in words of a model's own." },
} as const;

interface ChoiceItem extends vscode.QuickPickItem {
  readonly choice?: SetUpChoice;
}

/** Leads from nothing to a model in use in three steps. Escape at any step changes nothing. */
export async function setUp(parts: SetUpParts): Promise<void> {
  const recommendations = await cancellableProgress("Looking at this machine", (signal) => {
    return parts.recommendations(signal).catch(() => undefined);
  });
  if (recommendations === undefined) return;
  const completion = await chooseFor("completion", recommendations, parts.present());
  if (completion === undefined) return;
  const chat = await chooseFor("chat", recommendations, parts.present());
  if (chat === undefined || !(await confirm(completion, chat))) return;
  await fill(parts, { completion, chat });
}

async function chooseFor(role: WritingRole, recommendations: readonly Recommendation[], present: readonly PresentModel[]): Promise<SetUpChoice | undefined> {
  const recommendation = recommendations.find((one) => one.role === role);
  const here = present.filter(({ use }) => "facts" in use && use.facts.roles.includes(role));
  const none: ChoiceItem = { ...NONE[role], choice: { choice: "none" } };
  const best = recommendation?.recommended;
  const others = (recommendation?.fits ?? []).filter((fit) => fit !== best);
  const items: ChoiceItem[] = [
    ...(best === undefined ? [] : [heading("Recommended for this machine"), fitItem(best, "star-full", recommendation?.why)]),
    ...(here.length === 0 ? [] : [heading("On this machine already"), ...here.map(presentItem)]),
    heading("Without a download"),
    none,
    ...(others.length === 0 ? [] : [heading("Others"), ...others.map((fit) => fitItem(fit, { green: "pass", yellow: "warning", red: "circle-slash" }[fit.verdict]))]),
  ];
  const chosen = await vscode.window.showQuickPick(items, { title: TITLES[role], placeHolder: recommendation?.why ?? "", ignoreFocusOut: true, matchOnDetail: true });
  return chosen?.choice;
}

function heading(label: string): ChoiceItem {
  return { label, kind: vscode.QuickPickItemKind.Separator };
}

function fitItem(fit: Fit, icon: string, why?: string): ChoiceItem {
  const { model, reasons, diskBytes } = fit;
  return { label: `$(${icon}) ${model.name} ${model.quantization}`, description: `${bytesInWords(diskBytes)}, ${model.licence}`, detail: [...(why === undefined ? [] : [why]), ...reasons].join(" "), choice: { choice: "get", fit } };
}

function presentItem(model: PresentModel): ChoiceItem {
  return { label: `$(database) ${model.name}`, description: `${model.origin}, ${bytesInWords(model.size)}`, detail: model.path, choice: { choice: "use", model } };
}

/** The last look before anything is fetched: what, how much, under which licence. Nothing to fetch needs no look. */
async function confirm(completion: SetUpChoice, chat: SetUpChoice): Promise<boolean> {
  const wanted = [...new Map([completion, chat].flatMap((choice) => (choice.choice === "get" ? [[choice.fit.model.id, choice.fit] as const] : []))).values()];
  if (wanted.length === 0) return true;
  const bytes = wanted.reduce((sum, fit) => sum + fit.diskBytes, 0);
  const restricted = wanted.filter(({ model }) => model.restricted);
  const terms = restricted.map(({ model }) => `The licence of ${model.name} (${model.licence}) limits what it may be used for; read it on the page of ${model.repository}.`);
  const yes: vscode.QuickPickItem = { label: `$(cloud-download) ${restricted.length > 0 ? "Accept and get" : "Get"} ${wanted.map(({ model }) => model.name).join(" and ")}, ${bytesInWords(bytes)}`, detail: [...terms, "Their hashes are checked before they are used. You can go on working meanwhile."].join(" ") };
  const no: vscode.QuickPickItem = { label: "$(close) Change nothing" };
  const details = wanted.map(({ model }): vscode.QuickPickItem => ({ label: `$(file) ${model.file.split("/").at(-1) ?? model.file}`, description: model.repository, detail: modelDetails(model).split("\n").slice(2).join(" · ") }));
  const chosen = await vscode.window.showQuickPick([yes, no, { label: "What would be fetched", kind: vscode.QuickPickItemKind.Separator }, ...details], { title: "Set Up (3 of 3): get and use", ignoreFocusOut: true });
  return chosen === yes;
}

/** What is here is used at once; a model that is fetched for both roles is fetched once. */
async function fill({ get, use }: SetUpParts, choices: Readonly<Record<WritingRole, SetUpChoice>>): Promise<void> {
  const wanted = new Map<string, WritingRole[]>();
  for (const role of ["completion", "chat"] as const) {
    const choice = choices[role];
    if (choice.choice === "get") wanted.set(choice.fit.model.id, [...(wanted.get(choice.fit.model.id) ?? []), role]);
    else await use(role, choice.choice === "use" ? choice.model.path : "");
  }
  await Promise.all([...wanted].map(([id, roles]) => get(id, roles)));
}
