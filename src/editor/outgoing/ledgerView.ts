import * as vscode from "vscode";
import { PURPOSE_WORDS } from "../../core/outgoing/disclosureWords";
import { bytesInWords } from "../../core/util/bytes";
import { searchRequests, type LedgerRequest } from "../../core/outgoing/ledgerSummary";
import type { Ledger } from "../../services/network/ledger";

/** The view's id in package.json. */
const LEDGER_VIEW_ID = "ghostlight.ledger";

/** What the view and its commands act on. */
export interface LedgerViewParts {
  readonly ledger: Ledger;
  /** Path of the ledger. */
  readonly file: string;
}

/** A day, a request of it, or a line about a request. */
type Row =
  | { readonly kind: "day"; readonly day: string; readonly requests: readonly LedgerRequest[] }
  | { readonly kind: "request"; readonly request: LedgerRequest }
  | { readonly kind: "line"; readonly label: string; readonly detail: string };

/** Registers the view of what left, by day, and the commands to search, check, export and show the file. */
export function registerLedgerView(parts: LedgerViewParts): vscode.Disposable {
  const rows = new LedgerRows(parts.ledger);
  const view = vscode.window.createTreeView(LEDGER_VIEW_ID, { treeDataProvider: rows, showCollapseAll: true });
  return vscode.Disposable.from(
    view,
    rows,
    vscode.commands.registerCommand("ghostlight.showLedger", () => vscode.commands.executeCommand(`${LEDGER_VIEW_ID}.focus`)),
    vscode.commands.registerCommand("ghostlight.searchLedger", () => search(parts.ledger, view)),
    vscode.commands.registerCommand("ghostlight.verifyLedger", () => verify(parts)),
    vscode.commands.registerCommand("ghostlight.exportLedger", () => exportLedger(parts)),
    vscode.commands.registerCommand("ghostlight.revealLedger", () => revealLedger(parts)),
  );
}

class LedgerRows implements vscode.TreeDataProvider<Row>, vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<undefined>();
  readonly #subscription: vscode.Disposable;
  readonly onDidChangeTreeData = this.#changed.event;

  constructor(private readonly ledger: Ledger) {
    this.#subscription = ledger.onChange(() => { this.#changed.fire(undefined); });
  }

  async getChildren(row?: Row): Promise<Row[]> {
    if (row === undefined) return days(await this.ledger.requests());
    if (row.kind === "day") return row.requests.map((request) => ({ kind: "request", request }));
    return row.kind === "request" ? linesAbout(row.request) : [];
  }

  /** Rows are made anew each time: a request is found again by its id, below its day. */
  async getParent(row: Row): Promise<Row | undefined> {
    if (row.kind !== "request") return undefined;
    return days(await this.ledger.requests()).find((day) => day.kind === "day" && day.requests.some(({ id }) => id === row.request.id));
  }

  getTreeItem(row: Row): vscode.TreeItem {
    if (row.kind === "day") return dayItem(row);
    return row.kind === "request" ? requestItem(row.request) : lineItem(row);
  }

  dispose(): void {
    this.#subscription.dispose();
    this.#changed.dispose();
  }
}

/** Newest first. */
function days(requests: readonly LedgerRequest[]): Row[] {
  const byDay = new Map<string, LedgerRequest[]>();
  for (const request of [...requests].reverse()) {
    const day = new Date(request.time).toLocaleDateString(undefined, { dateStyle: "medium" });
    byDay.set(day, [...(byDay.get(day) ?? []), request]);
  }
  return [...byDay].map(([day, ofDay]) => ({ kind: "day", day, requests: ofDay }));
}

const ICONS: Readonly<Record<LedgerRequest["state"], string>> = { sending: "cloud-upload", done: "check", failed: "error", refused: "circle-slash", unknown: "question" };

/** What a state means, for the tooltip and for screen readers. */
const STATE_WORDS: Readonly<Record<LedgerRequest["state"], string>> = {
  sending: "is being sent",
  done: "was sent and answered",
  failed: "was sent or begun, and failed",
  refused: "was refused: nothing was sent",
  unknown: "was about to be sent, and nothing says how it ended: take it as sent",
};

function dayItem({ day, requests }: Extract<Row, { kind: "day" }>): vscode.TreeItem {
  const item = new vscode.TreeItem(day, vscode.TreeItemCollapsibleState.Expanded);
  item.id = day;
  item.description = `${bytesInWords(requests.reduce((sum, { bytesOut }) => sum + bytesOut, 0))} in ${String(requests.length)} ${requests.length === 1 ? "request" : "requests"}`;
  item.iconPath = new vscode.ThemeIcon("calendar");
  return item;
}

function requestItem(request: LedgerRequest): vscode.TreeItem {
  const item = new vscode.TreeItem(request.origin.replace(/^https?:\/\//, ""), vscode.TreeItemCollapsibleState.Collapsed);
  item.id = request.id;
  const time = new Date(request.time).toLocaleTimeString(undefined, { timeStyle: "short" });
  item.description = request.state === "refused" ? `refused, ${time}` : `${bytesInWords(request.bytesOut)}, ${request.state}, ${time}`;
  item.iconPath = new vscode.ThemeIcon(ICONS[request.state]);
  item.tooltip = `${new Date(request.time).toLocaleString()}, ${request.origin}. This request ${STATE_WORDS[request.state]}.${request.reason === null ? "" : `\n${request.reason}`}`;
  item.accessibilityInformation = { label: `${request.origin}, ${String(item.description)}. It ${STATE_WORDS[request.state]}.` };
  return item;
}

function linesAbout(request: LedgerRequest): Row[] {
  const line = (label: string, detail: string): Row => ({ kind: "line", label, detail });
  return [
    line("to", request.origin),
    line("for", PURPOSE_WORDS[request.purpose]),
    line("sent", bytesInWords(request.bytesOut)),
    ...(request.state === "refused" ? [] : [line("received", bytesInWords(request.bytesIn))]),
    ...(request.status === null ? [] : [line("status", String(request.status))]),
    ...(request.durationMs === null ? [] : [line("took", `${(request.durationMs / 1_000).toFixed(1)} s`)]),
    ...(request.reason === null ? [] : [line("because", request.reason)]),
    ...request.files.map(({ path, startLine, endLine }) => line(path, `lines ${String(startLine)}-${String(endLine)}`)),
  ];
}

function lineItem({ label, detail }: Extract<Row, { kind: "line" }>): vscode.TreeItem {
  const item = new vscode.TreeItem(label);
  item.description = detail;
  item.tooltip = `${label}: ${detail}`;
  return item;
}

interface FoundItem extends vscode.QuickPickItem {
  readonly request: LedgerRequest;
}

async function search(ledger: Ledger, view: vscode.TreeView<Row>): Promise<void> {
  const requests = [...(await ledger.requests())].reverse();
  const list = vscode.window.createQuickPick<FoundItem>();
  list.title = "Search the ledger";
  list.placeholder = "Words of a host, a file, a purpose, a state or a reason";
  const show = (): void => {
    list.items = searchRequests(requests, list.value).map((request) => ({
      label: `$(${ICONS[request.state]}) ${request.origin}`,
      description: `${new Date(request.time).toLocaleString()}, ${bytesInWords(request.bytesOut)} out, ${request.state}`,
      detail: [PURPOSE_WORDS[request.purpose], ...request.files.map(({ path }) => path)].join(" · "),
      alwaysShow: true,
      request,
    }));
  };
  list.onDidChangeValue(show);
  list.onDidAccept(() => {
    const [chosen] = list.selectedItems;
    list.hide();
    if (chosen) void view.reveal({ kind: "request", request: chosen.request }, { select: true, focus: true, expand: true });
  });
  list.onDidHide(() => { list.dispose(); });
  show();
  list.show();
}

async function verify({ ledger, file }: LedgerViewParts): Promise<void> {
  const found = await ledger.verify();
  if (found.ok) {
    const sealed = found.sealed === 0 ? "" : ` ${String(found.sealed)} of them close what a crash left behind.`;
    void vscode.window.showInformationMessage(`Ghostlight: the ledger is whole. ${String(found.lines)} lines, each bound to the one before.${sealed}`, "OK");
    return;
  }
  const choice = await vscode.window.showErrorMessage(`Ghostlight: the ledger was changed at line ${String(found.brokenAt)}: ${found.why}. What stands before that line is whole.`, "Show the File");
  if (choice !== undefined) await vscode.window.showTextDocument(vscode.Uri.file(file));
}

async function exportLedger({ ledger, file }: LedgerViewParts): Promise<void> {
  if ((await ledger.read()).length === 0) {
    void vscode.window.showInformationMessage("Ghostlight: there is nothing to export. Nothing has left this machine.", "OK");
    return;
  }
  const target = await vscode.window.showSaveDialog({ title: "Export the Ledger", saveLabel: "Export", defaultUri: vscode.Uri.joinPath(vscode.workspace.workspaceFolders?.[0]?.uri ?? vscode.Uri.file(file), "..", "ghostlight-ledger.jsonl"), filters: { "JSON lines": ["jsonl"] } });
  if (target === undefined) return;
  // The lines as they are: whoever reads them can check the chain.
  await vscode.workspace.fs.copy(vscode.Uri.file(file), target, { overwrite: true });
  void vscode.window.showInformationMessage(`Ghostlight: the ledger was written to ${target.fsPath}.`, "OK");
}

async function revealLedger({ ledger, file }: LedgerViewParts): Promise<void> {
  if ((await ledger.read()).length > 0) await vscode.window.showTextDocument(vscode.Uri.file(file));
  else void vscode.window.showInformationMessage("Ghostlight: there is no ledger yet. Nothing has left this machine.", "OK");
}
