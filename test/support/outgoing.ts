import { mkdtempSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import type { Consent, ConsentAsker, Disclosure } from "../../src/core/outgoing/disclosure.js";
import type { EffectivePolicy, GatePorts, NetworkSwitches, RedactedTexts, Redactor } from "../../src/core/outgoing/gatekeeper.js";
import type { Grant, GrantStore } from "../../src/core/outgoing/grant.js";
import type { OutgoingFile, OutgoingRequest } from "../../src/core/outgoing/request.js";
import { silentLog } from "../../src/core/util/log.js";
import { createNetwork, type Network, type NetworkParts } from "../../src/services/network/network.js";
import { removeFolder } from "./removeFolder.js";

/** Switches of a person who allowed everything, in a trusted workspace. */
export const everythingOn: NetworkSwitches = { offlineOnly: false, allowed: { yourNetwork: true, internet: true }, trusted: true };

/** A policy without a rule. */
export const openPolicy: EffectivePolicy = { offlineOnly: null, neverCloud: () => undefined, neverIndex: () => undefined, redact: [], hostForbidden: () => undefined, problems: [] };

/** Masks the words `SECRET1`, `SECRET2`… by number; idempotent, as the real one. */
export const wordRedactor: Redactor = {
  async redact(texts): Promise<RedactedTexts> {
    const count = texts.reduce((sum, text) => sum + (text.match(/SECRET\d+/g)?.length ?? 0), 0);
    const restore = (text: string): string => text.replace(/\[masked (\d+)\]/g, "SECRET$1");
    return {
      texts: texts.map((text) => text.replace(/SECRET(\d+)/g, "[masked $1]")),
      masked: count === 0 ? [] : [{ kind: "word", count }],
      restorer: { restore, stream: () => ({ push: restore, end: () => "" }) },
    };
  },
};

/** Standing consents in memory. */
export function memoryGrants(initial: readonly Grant[] = []): GrantStore {
  const grants = [...initial];
  return {
    list: () => grants,
    async add(grant) { grants.push(grant); },
    async revoke(id) { grants.splice(grants.findIndex((grant) => grant.id === id), 1); },
  };
}

/** A person who gives these answers in turn, the last one again and again, and remembers what was shown. */
export function person(...answers: readonly (Consent | ((disclosure: Disclosure) => Consent | Promise<Consent>))[]): ConsentAsker & { readonly shown: Disclosure[] } {
  const shown: Disclosure[] = [];
  return {
    shown,
    async ask(disclosure) {
      shown.push(disclosure);
      const answer = answers[Math.min(shown.length, answers.length) - 1];
      if (answer === undefined) throw new Error("nobody was to be asked");
      return typeof answer === "function" ? answer(disclosure) : answer;
    },
  };
}

/** Lines 1 to 3 of a file of the workspace. */
export function fileNamed(name: string): OutgoingFile {
  return { path: name, file: `/workspace/${name}`, startLine: 1, endLine: 3, tokens: 12 };
}

/** A question to a server on this machine. */
export function question(url: string, texts: readonly string[] = ["Why?"], more: Partial<OutgoingRequest> = {}): OutgoingRequest {
  return {
    purpose: "chat", endpoint: "test", model: "model-a", url, method: "POST", headers: { "content-type": "application/json" }, texts,
    write: (written) => JSON.stringify({ model: "model-a", messages: written }), files: [fileNamed("src/a.ts")], conversation: "c1", estimatedCost: null, ...more,
  };
}

/** A GET without any text. */
export function plainGet(purpose: "download" | "list", url: string): OutgoingRequest {
  return { purpose, endpoint: "test", model: null, url, method: "GET", headers: {}, texts: [], write: null, files: [], conversation: null, estimatedCost: null };
}

/** A network with a ledger in a folder of its own. `remove` ends it and deletes the folder. */
export interface TestNetwork extends Network {
  readonly ledgerFile: string;
  remove(): void;
}

/** Everything is allowed and nobody is asked, unless `ports` and `parts` say otherwise. */
export function testNetwork(ports: Partial<GatePorts> = {}, parts: Partial<NetworkParts> = {}): TestNetwork {
  const folder = mkdtempSync(path.join(os.tmpdir(), "ghostlight-network-"));
  const ledgerFile = parts.ledgerFile ?? path.join(folder, "ledger.jsonl");
  const network = createNetwork({
    switches: () => everythingOn,
    policy: async () => openPolicy,
    excludedBecause: async () => undefined,
    redactor: wordRedactor,
    keys: { get: async () => undefined },
    ...ports,
  }, { consent: person(), grants: memoryGrants(), log: silentLog, now: () => Date.now(), ...parts, ledgerFile });
  return { ...network, ledgerFile, remove() { network.dispose(); removeFolder(folder); } };
}

/** The whole body as text. */
export async function bodyText(body: AsyncIterable<Uint8Array>): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of body) pieces.push(piece);
  return Buffer.concat(pieces).toString("utf8");
}
