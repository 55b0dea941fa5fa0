import * as vscode from "vscode";

/** Shows that something is under way, with a button that fires the signal. Resolves and rejects as `run` does. */
export function cancellableProgress<T>(title: string, run: (signal: AbortSignal, progress: vscode.Progress<{ message?: string; increment?: number }>) => Promise<T>): Thenable<T> {
  return vscode.window.withProgress({ location: vscode.ProgressLocation.Notification, title, cancellable: true }, (progress, token) => {
    const stop = new AbortController();
    token.onCancellationRequested(() => { stop.abort(); });
    return run(stop.signal, progress);
  });
}
