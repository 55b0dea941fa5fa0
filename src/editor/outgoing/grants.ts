import * as valibot from "valibot";
import * as vscode from "vscode";
import { PURPOSE_WORDS } from "../../core/outgoing/disclosureWords";
import type { Grant, GrantStore } from "../../core/outgoing/grant";

const KEY = "ghostlight.grants";

const grant = valibot.object({
  id: valibot.string(),
  time: valibot.number(),
  endpoint: valibot.string(),
  origin: valibot.string(),
  purpose: valibot.picklist(["completion", "chat", "download", "list"]),
  fileClasses: valibot.array(valibot.string()),
  conversation: valibot.nullable(valibot.string()),
});

/**
 * Standing consents: those of the workspace in the workspace's own state, which no file of a repository can write;
 * those of a conversation in memory. What cannot be read there counts as not granted.
 */
export function createGrantStore(state: vscode.Memento): GrantStore {
  const conversations = new Map<string, Grant>();
  const ofWorkspace = (): Grant[] => {
    const kept = state.get<unknown>(KEY);
    return (Array.isArray(kept) ? kept : []).flatMap((item): Grant[] => {
      const parsed = valibot.safeParse(grant, item);
      return parsed.success ? [parsed.output] : [];
    });
  };
  return {
    list: () => [...ofWorkspace(), ...conversations.values()],
    add: async (added) => {
      if (added.conversation === null) await state.update(KEY, [...ofWorkspace(), added]);
      else conversations.set(added.id, added);
    },
    revoke: async (id) => {
      conversations.delete(id);
      await state.update(KEY, ofWorkspace().filter((kept) => kept.id !== id));
    },
  };
}

/** Registers the command that lists what may be sent without being asked, and takes it back. */
export function registerGrants(grants: GrantStore): vscode.Disposable {
  return vscode.commands.registerCommand("ghostlight.showGrants", () => showGrants(grants));
}

async function showGrants(grants: GrantStore): Promise<void> {
  const items = grants.list().map((one) => ({ label: `$(trash) ${one.endpoint}, ${one.origin}`, description: `for ${PURPOSE_WORDS[one.purpose]}, ${one.conversation === null ? "this workspace" : "this conversation"}`, detail: `Files: ${one.fileClasses.join(", ") || "none"}. Since ${new Date(one.time).toLocaleString()}.`, id: one.id }));
  if (items.length === 0) {
    void vscode.window.showInformationMessage("Ghostlight: nothing may be sent without asking you first.", "OK");
    return;
  }
  const chosen = await vscode.window.showQuickPick(items, { title: "What may be sent without asking", placeHolder: "Choose what you take back", canPickMany: true });
  for (const { id } of chosen ?? []) await grants.revoke(id);
}
