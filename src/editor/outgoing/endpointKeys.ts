import type * as vscode from "vscode";
import type { KeyStore } from "../../core/outgoing/gatekeeper";

/** Keys that the person entered, in the editor's secret store and nowhere else. */
export interface EndpointKeys extends KeyStore {
  set(origin: string, key: string): Promise<void>;
  delete(origin: string): Promise<void>;
}

/** Each key lies under the scheme, host and port it was entered for: another address finds none. */
export function createEndpointKeys(secrets: vscode.SecretStorage): EndpointKeys {
  const place = (origin: string): string => `ghostlight.endpointKey:${origin}`;
  return {
    get: async (origin) => secrets.get(place(origin)),
    set: async (origin, key) => { await secrets.store(place(origin), key); },
    delete: async (origin) => { await secrets.delete(place(origin)); },
  };
}
