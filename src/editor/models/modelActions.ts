import * as vscode from "vscode";
import { modelDetails, modelGroups, type ModelRow } from "../../core/models/modelList";
import { bytesInWords } from "../../core/util/bytes";
import type { DownloadOutcome } from "../../core/models/downloadState";
import type { Log } from "../../core/util/log";
import type { ModelRole } from "../../protocol/engine";
import type { ModelLibrary } from "../../services/models/modelLibrary";
import { cancellableProgress } from "../cancellableProgress";
import { setUp } from "./setUp";

/** What the commands of the Models view act on. */
export interface ModelActionsParts {
  readonly library: ModelLibrary;
  /** Uses a file for a role; an empty path stands for what comes with Ghostlight. */
  readonly use: (role: ModelRole, path: string) => Promise<void>;
  /** Measures a file's speed on this machine and remembers it; rejects where it cannot be loaded. */
  readonly measure?: (path: string, signal: AbortSignal) => Promise<{ readonly prefill: number; readonly decode: number } | undefined>;
  readonly log: Log;
}

/** Registers every command of the view; each works from the palette too, where it asks which model is meant. */
export function registerModelActions(given: ModelActionsParts): vscode.Disposable {
  const { library } = given;
  const parts: ModelActionsParts = { ...given, use: (role, path) => {
    library.forgetWishes(role);
    return given.use(role, path);
  } };
  const on = (kinds: readonly ModelRow["kind"][], act: (row: ModelRow) => unknown, uses?: readonly ModelRole[]) => async (row?: ModelRow): Promise<void> => {
    const chosen = row ?? (await chooseRow(parts, kinds, uses));
    if (chosen !== undefined) await act(chosen);
  };
  const useFor = (role: ModelRole) => on(["present", "presentOwn"], (row) => parts.use(role, row.path ?? ""), [role]);
  const { registerCommand } = vscode.commands;
  return vscode.Disposable.from(
    vscode.commands.registerCommand("ghostlight.setUp", () => setUp({
      recommendations: (signal) => library.look(signal),
      present: () => library.state().present,
      get: async (id, roles) => {
        for (const role of roles) library.forgetWishes(role);
        return tellOutcome(await library.get(id, roles), id);
      },
      use: parts.use,
    })),
    vscode.commands.registerCommand("ghostlight.refreshModels", () => vscode.window.withProgress({ location: { viewId: "ghostlight.models" } }, () => library.look(new AbortController().signal))),
    registerCommand("ghostlight.getLink", () => getLink(parts)),
    registerCommand("ghostlight.getModel", on(["catalog"], (row) => (row.id === undefined ? undefined : acceptAndGet(parts, row.id)))),
    registerCommand("ghostlight.resumeModel", on(["paused"], (row) => (row.id === undefined ? undefined : void getModel(parts, row.id)))),
    registerCommand("ghostlight.pauseModel", on(["downloading"], (row) => { if (row.id !== undefined) library.pause(row.id); })),
    registerCommand("ghostlight.cancelModel", on(["downloading", "paused"], (row) => (row.id === undefined ? undefined : library.cancel(row.id)))),
    registerCommand("ghostlight.useForCompletion", useFor("completion")),
    registerCommand("ghostlight.useForChat", useFor("chat")),
    registerCommand("ghostlight.useForEmbedding", useFor("embedding")),
    registerCommand("ghostlight.stopUsingModel", on(["role"], (row) => (row.role === undefined ? undefined : parts.use(row.role, "")))),
    registerCommand("ghostlight.measureModel", on(["present", "presentOwn"], (row) => measure(parts, row), ["completion", "chat"])),
    registerCommand("ghostlight.deleteModel", on(["presentOwn"], (row) => deleteModel(parts, row))),
    registerCommand("ghostlight.showModelFile", on(["present", "presentOwn", "unusable"], (row) => (row.path === undefined ? undefined : vscode.commands.executeCommand("revealFileInOS", vscode.Uri.file(row.path))))),
    registerCommand("ghostlight.copyModelDetails", on(["catalog", "downloading", "paused", "present", "presentOwn", "unusable"], (row) => vscode.env.clipboard.writeText(detailsOf(parts, row)))),
  );
}

/** Asks for a row of these kinds, and of a file with one of these uses where any are named. */
async function chooseRow({ library }: ModelActionsParts, kinds: readonly ModelRow["kind"][], uses: readonly ModelRole[] | undefined): Promise<ModelRow | undefined> {
  const rows = modelGroups(library.state()).flatMap((group) => group.rows).filter((row) => kinds.includes(row.kind) && (uses === undefined || uses.some((use) => row.uses?.includes(use))));
  if (rows.length === 0) {
    void vscode.window.showInformationMessage("Ghostlight: there is no model that this could be done with now.", "Show Models").then((choice) => (choice === undefined ? undefined : vscode.commands.executeCommand("ghostlight.models.focus")));
    return undefined;
  }
  const chosen = await vscode.window.showQuickPick(rows.map((row) => ({ label: `$(${row.icon}) ${row.label}`, description: row.description, row })), { title: "Which model?", matchOnDescription: true });
  return chosen?.row;
}

/** A licence that limits use is read and accepted before a byte is fetched. */
async function acceptAndGet(parts: ModelActionsParts, id: string): Promise<void> {
  const model = parts.library.model(id);
  if (model === undefined) return;
  if (model.restricted) {
    const accept = `Accept ${model.licence} and Get`;
    const choice = await vscode.window.showWarningMessage(`The licence of ${model.name} limits what it may be used for.`, { modal: true, detail: `It is ${model.licence}; its text stands on the page of ${model.repository}. Read it first.` }, accept);
    if (choice !== accept) return;
  }
  getModel(parts, id);
}

/** Gets a model or the rest of it, and says what came of it. Not waited for: the command has done its work, and the row shows how far it is. */
function getModel(parts: ModelActionsParts, id: string): void {
  void parts.library.get(id).then((outcome) => { offerUse(parts, tellOutcome(outcome, id)); });
}

/** What has come, or a message about what did not. */
function tellOutcome(outcome: DownloadOutcome | undefined, id: string): DoneDownload | undefined {
  if (outcome?.outcome === "done") return outcome;
  if (outcome?.outcome !== "failed" && outcome?.outcome !== "refused") return undefined;
  const again = outcome.outcome === "failed" && outcome.retry ? ["Resume"] : [];
  void vscode.window.showErrorMessage(`Ghostlight: ${outcome.because}`, ...again, "Show Models").then((choice) => {
    if (choice === "Resume") void vscode.commands.executeCommand("ghostlight.resumeModel", { key: "", kind: "paused", label: "", description: "", tooltip: "", icon: "", id } satisfies ModelRow);
    else if (choice !== undefined) void vscode.commands.executeCommand("ghostlight.models.focus");
  });
  return undefined;
}

/** Any GGUF file behind a link. Where the catalog does not know it, its hash is computed and remembered, and the person is told that nobody vouches for it. */
async function getLink(parts: ModelActionsParts): Promise<void> {
  const text = await vscode.window.showInputBox({ title: "Get a model from a link", prompt: "A GGUF file on Hugging Face (its page, or owner/name/file.gguf), or any https link to one", ignoreFocusOut: true });
  if (text === undefined || text.trim() === "") return;
  const got = await parts.library.getLink(text);
  if ("because" in got) return void vscode.window.showWarningMessage(`Ghostlight: ${got.because}`, "OK");
  offerUse(parts, tellOutcome(got.outcome, got.id));
}

/** A file has come: what it can be used for is one click away, unless it is in use already. */
function offerUse(parts: ModelActionsParts, done: DoneDownload | undefined): void {
  const { present, inUse } = parts.library.state();
  const model = present.find((one) => one.path === done?.file);
  if (done === undefined || model === undefined || Object.values(inUse).includes(model.path)) return;
  if ("reason" in model.use) return void vscode.window.showWarningMessage(`Ghostlight: ${model.name} is here, but it cannot be used. ${model.use.reason}`, "OK");
  const uses = new Map(model.use.facts.roles.map((role) => [USE_WORDS[role], role] as const));
  const words = done.verified ? "Its hash is the catalog's." : `Nobody vouches for it; its SHA-256 is ${done.sha256.slice(0, 16)}…`;
  void vscode.window.showInformationMessage(`Ghostlight: ${model.name} is here. ${words}`, ...uses.keys()).then((choice) => {
    const role = choice === undefined ? undefined : uses.get(choice);
    if (role !== undefined) void parts.use(role, model.path);
  });
}

type DoneDownload = Extract<DownloadOutcome, { outcome: "done" }>;

const USE_WORDS = { completion: "Use for Ghost Text", chat: "Use for Answers", embedding: "Use for Search by Meaning" } as const satisfies Readonly<Record<ModelRole, string>>;

async function measure(parts: ModelActionsParts, row: ModelRow): Promise<void> {
  const { path } = row;
  const run = parts.measure;
  if (path === undefined || run === undefined) return;
  const speed = await cancellableProgress(`Measuring ${row.label}, at most 20 seconds`, (signal) => {
    return run(path, signal);
  }).then((measured) => measured, (error: unknown) => {
    parts.log.warn(`measuring failed: ${error instanceof Error ? error.message : String(error)}`);
    void vscode.window.showWarningMessage(`Ghostlight: ${row.label} could not be measured. ${error instanceof Error ? error.message : ""}`, "OK");
    return undefined;
  });
  if (speed !== undefined) void vscode.window.showInformationMessage(`Ghostlight: ${row.label} reads ${speed.prefill.toFixed(0)} and writes ${speed.decode.toFixed(1)} tokens a second on this machine.`, "OK");
}

async function deleteModel({ library, use }: ModelActionsParts, row: ModelRow): Promise<void> {
  const { path } = row;
  const model = library.state().present.find((one) => one.path === path);
  if (path === undefined || model === undefined) return;
  const choice = await vscode.window.showWarningMessage(`Delete ${model.name}?`, { modal: true, detail: `${bytesInWords(model.size)} are freed. To use it again it has to be fetched again.` }, "Delete");
  if (choice !== "Delete") return;
  const { inUse } = library.state();
  for (const [role, used] of Object.entries(inUse) as [ModelRole, string][]) if (used === path) await use(role, "");
  const trouble = await library.remove(path);
  if (trouble !== undefined) void vscode.window.showErrorMessage(`Ghostlight: ${trouble}`, "OK");
}

function detailsOf({ library }: ModelActionsParts, row: ModelRow): string {
  const model = row.id === undefined ? undefined : library.model(row.id);
  return model === undefined ? `${row.label}\n${row.tooltip}` : modelDetails(model);
}
