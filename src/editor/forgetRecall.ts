import * as vscode from "vscode";
import type { Log } from "../core/util/log";

/** What the command forgets. */
export interface ForgetRecallParts {
  /** Deletes the index of the workspace's words and begins a new one. */
  readonly forgetIndex: () => Promise<void>;
  /** Deletes the acceptance counts. */
  readonly forgetAcceptances: () => void;
  readonly log: Log;
  readonly showLog: () => void;
}

const SHOW_LOG = "Show the Log";

/** Registers the command that deletes what recall keeps of this workspace. */
export function registerForgetRecall(parts: ForgetRecallParts): vscode.Disposable {
  return vscode.commands.registerCommand("ghostlight.forgetRecall", () => forget(parts));
}

async function forget(parts: ForgetRecallParts): Promise<void> {
  const problems: string[] = [];
  const attempt = async (what: string, action: () => Promise<void> | void): Promise<void> => {
    try {
      await action();
    } catch (error) {
      problems.push(what);
      parts.log.error(`${what} could not be deleted: ${String(error)}`);
    }
  };
  await attempt("the index of your code's words", parts.forgetIndex);
  await attempt("the acceptance counts", parts.forgetAcceptances);
  // Not waited for: the command has done its work, the message may stay as long as the person likes.
  void tell(problems, parts);
}

async function tell(problems: readonly string[], parts: ForgetRecallParts): Promise<void> {
  const choice = problems.length > 0
    ? await vscode.window.showErrorMessage(`Ghostlight could not delete ${problems.join(" and ")}.`, SHOW_LOG)
    : await vscode.window.showInformationMessage("Ghostlight has deleted the index of this workspace's words and its acceptance counts. The index is built anew from the files as they are now.", SHOW_LOG);
  if (choice === SHOW_LOG) parts.showLog();
}
