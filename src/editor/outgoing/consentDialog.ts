import * as vscode from "vscode";
import type { Consent, ConsentAsker, Disclosure } from "../../core/outgoing/disclosure";
import { disclosureSummary, exactDocument, fileWords, grantWords } from "../../core/outgoing/disclosureWords";
import { editableDocument, readEditedDocument } from "../../core/outgoing/editableTexts";
import { abortError } from "../../core/util/abort";
import type { OutgoingDocuments } from "./outgoingDocuments";

type Choice = Consent["choice"] | "edit" | "show";

interface ConsentItem extends vscode.QuickPickItem {
  readonly choice?: Choice;
}

/**
 * Asks in the editor's own list, never in a web page: what runs there could press its own buttons. Leaving the list keeps
 * the request local. The item that is chosen at first is the one that only shows what would leave, so that an Enter meant
 * for something else sends nothing.
 */
export function createConsentDialog(documents: OutgoingDocuments): ConsentAsker {
  return {
    ask: async (disclosure, signal) => {
      for (;;) {
        const choice = await choose(disclosure, documents, signal);
        if (choice !== "edit") return { choice };
        const texts = await editTexts(disclosure, documents, signal);
        if (texts !== undefined) return { choice: "edited", texts };
      }
    },
  };
}

async function choose(disclosure: Disclosure, documents: OutgoingDocuments, signal: AbortSignal): Promise<Exclude<Choice, "show" | "edited">> {
  const list = vscode.window.createQuickPick<ConsentItem>();
  list.title = `Send to ${disclosure.endpoint}, ${disclosure.origin}?`;
  list.placeholder = disclosureSummary(disclosure);
  list.ignoreFocusOut = true;
  list.matchOnDescription = true;
  list.items = [...choices(disclosure), ...contents(disclosure)];
  list.activeItems = list.items.slice(0, 1);
  try {
    return await new Promise((resolve, reject) => {
      const abort = (): void => { reject(abortError()); };
      if (signal.aborted) return abort();
      signal.addEventListener("abort", abort, { once: true });
      list.onDidAccept(() => {
        const choice = list.selectedItems[0]?.choice ?? "show";
        if (choice === "show") void documents.show(`What would leave to ${disclosure.endpoint}`, exactDocument(disclosure));
        else if (choice !== "edited") resolve(choice);
      });
      list.onDidHide(() => { resolve("keepLocal"); });
      list.show();
    });
  } finally {
    list.dispose();
  }
}

function choices(disclosure: Disclosure): ConsentItem[] {
  const covers = grantWords(disclosure);
  return [
    { label: "$(eye) Show exactly what would leave", detail: "Every byte, as it would be sent. Your key is not shown.", choice: "show", alwaysShow: true },
    { label: "$(check) Send once", detail: "This request and no other.", choice: "once", alwaysShow: true },
    ...(disclosure.conversation === null ? [] : [{ label: "$(comment-discussion) Send, and do not ask again in this conversation", detail: `${covers} Until the window closes.`, choice: "conversation" as const, alwaysShow: true }]),
    ...(vscode.workspace.isTrusted ? [{ label: "$(folder) Send, and do not ask again in this workspace", detail: `${covers} Can be taken back with "Show What May Be Sent".`, choice: "workspace" as const, alwaysShow: true }] : []),
    ...(disclosure.texts.length === 0 ? [] : [{ label: "$(edit) Edit what is sent", detail: "You are asked again when you have finished.", choice: "edit" as const, alwaysShow: true }]),
    { label: "$(home) Keep local", detail: "Nothing is sent.", choice: "keepLocal", alwaysShow: true },
  ];
}

function contents(disclosure: Disclosure): ConsentItem[] {
  const separator: ConsentItem = { label: "What would leave", kind: vscode.QuickPickItemKind.Separator };
  const files = disclosure.files.map((file): ConsentItem => ({ label: `$(file) ${file.path}`, description: fileWords(file), choice: "show" }));
  const masked = disclosure.masked.map(({ kind, count }): ConsentItem => ({ label: `$(lock) ${kind}`, description: `${String(count)} masked: a placeholder leaves instead`, choice: "show" }));
  return [separator, ...(files.length === 0 ? [{ label: "$(file) no file of the workspace", choice: "show" as const }] : files), ...masked];
}

/** Lets the person change the texts in an editor. Undefined where they closed it without saving: then they are asked again. */
async function editTexts({ endpoint, texts }: Disclosure, documents: OutgoingDocuments, signal: AbortSignal): Promise<readonly string[] | undefined> {
  const uri = await documents.edit(`Edit what is sent to ${endpoint}`, editableDocument(texts));
  try {
    for (;;) {
      if ((await saved(uri, documents, signal)) === "closed") return undefined;
      const read = readEditedDocument(documents.textOf(uri), texts);
      if ("texts" in read) return read.texts;
      void vscode.window.showWarningMessage(`Ghostlight: ${read.problem}`, "OK");
    }
  } finally {
    await documents.close(uri);
  }
}

/** Waits until the person saves, or says so in the message that goes with it, or closes the document. */
async function saved(uri: vscode.Uri, documents: OutgoingDocuments, signal: AbortSignal): Promise<"saved" | "closed"> {
  const subscriptions: vscode.Disposable[] = [];
  try {
    return await new Promise((resolve, reject) => {
      const abort = (): void => { reject(abortError()); };
      if (signal.aborted) return abort();
      signal.addEventListener("abort", abort, { once: true });
      subscriptions.push(
        documents.onDidSave((changed) => { if (changed.toString() === uri.toString()) resolve("saved"); }),
        vscode.window.tabGroups.onDidChangeTabs(({ closed }) => { if (closed.some(({ input }) => input instanceof vscode.TabInputText && input.uri.toString() === uri.toString())) resolve("closed"); }),
      );
      void vscode.window.showInformationMessage("Ghostlight: change the texts as you like, then save them to review what would leave.", "Review").then(async (choice) => {
        if (choice === undefined) return;
        const document = await vscode.workspace.openTextDocument(uri);
        if (document.isDirty) await document.save();
        resolve("saved");
      });
    });
  } finally {
    for (const subscription of subscriptions) subscription.dispose();
  }
}
