import * as vscode from "vscode";
import { candidateBackends, describeFindings } from "../../core/engine/backends";
import type { Settings } from "../../core/settings/settings";
import { neverAborted } from "../../core/util/abort";
import type { Log } from "../../core/util/log";
import { Backends } from "../../services/engine/backends";
import { driverKey } from "../../services/engine/driverKey";
import type { EngineSupervisor } from "../../services/engine/engineSupervisor";
import { probeBackend } from "../../services/engine/gpuProbe";
import { ownRuntime } from "../../services/engine/runtimes";
import { threadsFor } from "../../services/engine/threads";
import { cancellableProgress } from "../cancellableProgress";

/** The back ends of this machine, remembered in the editor's storage. Starts nothing by itself. */
export function createBackends({ context, version, log }: { readonly context: vscode.ExtensionContext; readonly version: string; readonly log: Log }): Backends {
  const inExtension = (...path: string[]): string => vscode.Uri.joinPath(context.extensionUri, ...path).fsPath;
  return new Backends({
    storePath: vscode.Uri.joinPath(context.globalStorageUri, "backends.json").fsPath,
    candidates: candidateBackends(process.platform, process.arch),
    key: () => driverKey(version),
    probe: (backend, signal) => probeBackend(backend, { runtime: ownRuntime(), entry: inExtension("dist", "probe.mjs"), sampleModel: inExtension("models", "starter", "ghostlight-starter.gguf"), log }, signal),
  });
}

/** Looks for what is not known yet, in the background, and has models loaded on it where something was found. Never rejects. */
export async function findBackends(backends: Backends, settings: () => Settings, apply: () => Promise<void>, log: Log): Promise<void> {
  if (settings().engineGpu === "off" || backends.complete) return;
  try {
    const findings = await backends.find(neverAborted);
    for (const words of describeFindings(findings)) log.info(words);
    if (backends.chosen(settings().engineGpu) !== "cpu") await apply();
  } catch (error) {
    log.warn(`looking for a GPU: ${String(error)}`);
  }
}

/** What the command acts on. */
export interface FindGpuParts {
  readonly backends: Backends;
  readonly settings: () => Settings;
  readonly apply: () => Promise<void>;
  readonly supervisor: EngineSupervisor;
  readonly log: Log;
}

/** Registers the command that forgets what is known of back ends and looks again, such as after a driver was mended. */
export function registerFindGpu({ backends, settings, apply, supervisor, log }: FindGpuParts): vscode.Disposable {
  return vscode.commands.registerCommand("ghostlight.findGpu", async () => {
    const findings = await cancellableProgress("Looking for a GPU, at most 20 seconds for each kind", (signal) => {
      return backends.findAgain(signal).catch(() => undefined);
    });
    if (findings === undefined) return;
    const words = describeFindings(findings);
    for (const sentence of words) log.info(sentence);
    supervisor.configure({ runtime: settings().engineRuntime, threads: threadsFor(settings().engineThreads), backend: backends.chosen(settings().engineGpu) });
    await apply();
    void vscode.window.showInformationMessage(`Ghostlight: ${words.length === 0 ? "this package holds no GPU back end for this machine; models are computed on the processor." : words.join(" ")}`, "OK");
  });
}
