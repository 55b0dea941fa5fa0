/** An endpoint client over the real gate, transport and ledger, for tests in plain Node. */
import { existsSync, mkdtempSync, readFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import type { ConsentAsker, Disclosure } from "../../src/core/outgoing/disclosure.js";
import type { Endpoint } from "../../src/core/outgoing/endpoint.js";
import type { EffectivePolicy, GatePorts } from "../../src/core/outgoing/gatekeeper.js";
import type { LedgerEntry } from "../../src/core/outgoing/ledgerLine.js";
import { abortError } from "../../src/core/util/abort.js";
import type { Log } from "../../src/core/util/log.js";
import { createEndpointClient, type EndpointClient, type EndpointClientParts } from "../../src/services/network/endpointClient.js";
import { createEnvironmentValues } from "../../src/services/outgoing/environmentValues.js";
import { createRedactor } from "../../src/services/outgoing/redactor.js";
import { createSecretRules } from "../../src/services/outgoing/secretRules.js";
import { createNetwork, type Network, type NetworkParts } from "../../src/services/network/network.js";
import { removeFolder } from "./removeFolder.js";

/** A key that no other text of a test holds, and that does not look like one: only whoever knows it can find it. */
export const testKey = "hunter-two-of-the-lab";

/** A clock that moves only when told to. Waits are named by their milliseconds. */
export interface VirtualClock {
  readonly now: () => number;
  readonly wait: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  /** Milliseconds of the waits under way. */
  waits(): readonly number[];
  /** Lets time pass, once a wait of exactly so many milliseconds is under way; and one of `amid`, where given. */
  pass(milliseconds: number, amid?: number): Promise<void>;
  /** Lets the waits that pass `chosen` end at once from now on. */
  skip(chosen: (milliseconds: number) => boolean): void;
  /** Waits that were skipped. */
  readonly skipped: readonly number[];
}

/** Makes a clock that stands still. */
export function virtualClock(): VirtualClock {
  const waiting = new Set<{ readonly milliseconds: number; readonly end: () => void }>();
  const listeners: (() => void)[] = [];
  const skipped: number[] = [];
  let time = Date.parse("2026-10-21T07:28:00Z");
  let skips = (_: number): boolean => false;
  return {
    now: () => time,
    skipped,
    wait: (milliseconds, signal) => new Promise((resolve, reject) => {
      const skip = skips(milliseconds);
      if (signal.aborted) {
        reject(abortError());
        return;
      }
      if (skip) {
        skipped.push(milliseconds);
        time += milliseconds;
        resolve();
        return;
      }
      const one = { milliseconds, end: () => { settle(); resolve(); } };
      const stop = (): void => { settle(); reject(abortError()); };
      const settle = (): void => {
        waiting.delete(one);
        signal.removeEventListener("abort", stop);
      };
      waiting.add(one);
      signal.addEventListener("abort", stop, { once: true });
      for (const listener of [...listeners]) listener();
    }),
    waits: () => [...waiting].map(({ milliseconds }) => milliseconds),
    pass: (milliseconds, amid) => new Promise((resolve) => {
      const look = (): void => {
        const ended = [...waiting].filter((one) => one.milliseconds === milliseconds);
        if (ended.length === 0 || (amid !== undefined && ![...waiting].some((one) => one.milliseconds === amid))) return;
        listeners.splice(listeners.indexOf(look), 1);
        time += milliseconds;
        for (const one of ended) one.end();
        resolve();
      };
      listeners.push(look);
      look();
    }),
    skip: (chosen) => { skips = chosen; },
  };
}

/** What a test may want otherwise. */
export interface EndpointNetworkOptions {
  /** Folders whose environment files hold secrets. */
  readonly folders?: readonly string[];
  /** Key for every origin; null for none. */
  readonly key?: string | null;
  readonly consent?: ConsentAsker;
  readonly ports?: Partial<GatePorts>;
  readonly resolve?: NetworkParts["resolve"];
  readonly parts?: Partial<EndpointClientParts>;
}

export interface EndpointNetwork {
  readonly client: EndpointClient;
  readonly network: Network;
  readonly clock: VirtualClock;
  /** Every line that was logged. */
  readonly logged: readonly string[];
  /** What was disclosed, in order. */
  readonly disclosed: readonly Disclosure[];
  /** The ledger's file, byte for byte. */
  ledgerText(): string;
  /** Entries, once every request that was sent has its end. */
  ledger(): Promise<readonly LedgerEntry[]>;
  close(): void;
}

/** Puts it together: everything allowed, consent given once for each request. */
export function createEndpointNetwork(options: EndpointNetworkOptions = {}): EndpointNetwork {
  const folder = mkdtempSync(path.join(os.tmpdir(), "ghostlight-endpoint-"));
  const ledgerFile = path.join(folder, "ledger.jsonl");
  const logged: string[] = [];
  const disclosed: Disclosure[] = [];
  const clock = virtualClock();
  const log = collectingLog(logged);
  const consent = options.consent ?? { ask: async () => ({ choice: "once" as const }) };
  const keys = { get: async () => (options.key === null ? undefined : (options.key ?? testKey)) };
  const ports: GatePorts = {
    switches: () => ({ offlineOnly: false, allowed: { yourNetwork: true, internet: true }, trusted: true }),
    policy: async () => openPolicy, excludedBecause: async () => undefined, redactor: createRedactor({ secrets, environment: createEnvironmentValues({ folders: () => options.folders ?? [] }) }), keys, ...options.ports,
  };
  const network = createNetwork(ports, {
    consent: { ask: (disclosure, signal) => { disclosed.push(disclosure); return consent.ask(disclosure, signal); } },
    grants: { list: () => [], add: async () => undefined, revoke: async () => undefined },
    ledgerFile, log, now: clock.now, ...(options.resolve ? { resolve: options.resolve } : {}),
  });
  const client = createEndpointClient({ gate: network.gate, transport: network.transport, keys, wait: clock.wait, clock: clock.now, log, random: () => 1, ...options.parts });
  return {
    client, network, clock, logged, disclosed,
    ledgerText: () => (existsSync(ledgerFile) ? readFileSync(ledgerFile, "utf8") : ""),
    ledger: () => settled(network),
    close: () => {
      network.dispose();
      removeFolder(folder);
    },
  };
}

/** An endpoint at this address. */
export function endpointAt(url: string, more: Partial<Endpoint> = {}): Endpoint {
  return { name: "lab", url, model: "qwen", fim: "none", contextSize: 8_192, inputPrice: null, outputPrice: null, ...more };
}

const openPolicy: EffectivePolicy = { offlineOnly: null, neverCloud: () => undefined, neverIndex: () => undefined, redact: [], hostForbidden: () => undefined, problems: [] };

/** Loading the rules takes longer than a test should; they keep no state between texts. */
const secrets = createSecretRules();

function collectingLog(lines: string[]): Log {
  const add = (message: string): void => { lines.push(message); };
  return { debug: add, info: add, warn: add, error: add };
}

/** The end of a request that was given up is written while its caller already goes on. */
async function settled({ ledger }: Network): Promise<readonly LedgerEntry[]> {
  for (;;) {
    const changed = new Promise<void>((resolve) => {
      const listener = ledger.onChange(() => { listener.dispose(); resolve(); });
    });
    const entries = await ledger.read();
    const ended = new Set(entries.filter(({ event }) => event === "done" || event === "failed").map(({ id }) => id));
    if (entries.every(({ event, id }) => event !== "sending" || ended.has(id))) return entries;
    await changed;
  }
}
