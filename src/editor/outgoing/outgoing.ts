import path from "node:path";
import * as vscode from "vscode";
import type { GatePorts } from "../../core/outgoing/gatekeeper";
import type { GrantStore } from "../../core/outgoing/grant";
import type { Settings } from "../../core/settings/settings";
import { DisposableStore } from "../../core/util/dispose";
import type { Log } from "../../core/util/log";
import { createWait } from "../../core/util/wait";
import { createEndpointClient, type EndpointClient } from "../../services/network/endpointClient";
import { createNetwork, type Network } from "../../services/network/network";
import { createEnvironmentValues } from "../../services/outgoing/environmentValues";
import { forbiddenTarget } from "../../services/outgoing/linkedFiles";
import { createPolicyFiles, machinePolicyFiles, type PolicyFiles } from "../../services/outgoing/policyFiles";
import { createRedactor } from "../../services/outgoing/redactor";
import { createSecretRules } from "../../services/outgoing/secretRules";
import { createConsentDialog } from "./consentDialog";
import { createEndpointKeys, type EndpointKeys } from "./endpointKeys";
import { createGrantStore } from "./grants";
import { OutgoingDocuments } from "./outgoingDocuments";

/** What the way out is made of. */
export interface OutgoingParts {
  readonly context: vscode.ExtensionContext;
  readonly settings: () => Settings;
  /** Why a file may not stand in a prompt: the same exclusions as everywhere. */
  readonly excludedBecause: (file: { readonly path: string; readonly file?: string }) => Promise<string | undefined>;
  readonly log: Log;
}

/** The way out of this machine, with the editor's part of it: consent, keys, standing grants, the policies of the open folders. */
export interface Outgoing extends vscode.Disposable {
  readonly network: Network;
  readonly client: EndpointClient;
  readonly keys: EndpointKeys;
  readonly grants: GrantStore;
  readonly policies: PolicyFiles;
  /** Path of the ledger; shared by all windows. */
  readonly ledgerFile: string;
}

/** Puts the gate together. Reads and sends nothing by itself. */
export function createOutgoing({ context, settings, excludedBecause, log }: OutgoingParts): Outgoing {
  const owned = new DisposableStore();
  const documents = owned.add(new OutgoingDocuments());
  const keys = createEndpointKeys(context.secrets);
  const grants = createGrantStore(context.workspaceState);
  const policies = createPolicyFiles({ folders: folderPaths, machineFiles: machinePolicyFiles(process.platform, process.env) });
  const ledgerFile = path.join(context.globalStorageUri.fsPath, "ledger.jsonl");
  const ports: GatePorts = {
    switches: () => ({ offlineOnly: settings().offlineOnly, allowed: { yourNetwork: settings().allowYourNetwork, internet: settings().allowInternet }, trusted: vscode.workspace.isTrusted }),
    policy: () => policies.read(),
    excludedBecause: async ({ path: relative, file }) => (await excludedBecause({ path: relative, ...(file === null ? {} : { file }) }))
      ?? (file === null ? undefined : forbiddenTarget(file, folderPaths(), await policies.read())),
    redactor: createRedactor({ secrets: createSecretRules(), environment: createEnvironmentValues({ folders: folderPaths }) }),
    keys,
  };
  const network = owned.add(createNetwork(ports, { consent: createConsentDialog(documents), grants, ledgerFile, log, now: Date.now }));
  const wait = createWait({ setTimeout, clearTimeout: (timer) => { clearTimeout(timer as ReturnType<typeof setTimeout>); } });
  const client = createEndpointClient({ gate: network.gate, transport: network.transport, wait, clock: () => performance.now(), log, keys });
  return { network, client, keys, grants, policies, ledgerFile, dispose: () => { owned.dispose(); } };
}

/** Absolute paths of the workspace's folders on disk. */
function folderPaths(): string[] {
  return (vscode.workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === "file").map(({ uri }) => uri.fsPath);
}
