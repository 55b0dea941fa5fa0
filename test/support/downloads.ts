/** Downloads over the real gate, transport and ledger into a folder of their own. */
import { existsSync, mkdtempSync, readdirSync, readFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import type { DownloadOutcome, DownloadSource, DownloadState } from "../../src/core/models/downloadState.js";
import type { GatePorts } from "../../src/core/outgoing/gatekeeper.js";
import type { LedgerRequest } from "../../src/core/outgoing/ledgerSummary.js";
import { neverAborted } from "../../src/core/util/abort.js";
import { silentLog } from "../../src/core/util/log.js";
import { createWait } from "../../src/core/util/wait.js";
import { systemDisk } from "../../src/services/models/disk.js";
import type { DownloadParts } from "../../src/services/models/downloadParts.js";
import { downloadModel, workFolder } from "../../src/services/models/modelDownload.js";
import type { TransportLimits } from "../../src/services/network/transport.js";
import { person, testNetwork } from "./outgoing.js";
import { removeFolder } from "./removeFolder.js";

/** A minute of these tests, in milliseconds: waits of the product pass a hundred times as fast. */
export const fastMinute = 600;

/** Bytes after which these tests make a part safe. */
export const testChunk = 32 * 1024;

export interface Downloads {
  readonly folder: string;
  readonly parts: DownloadParts;
  /** Gets it. What was reported is added to `states`. */
  get(source: DownloadSource, signal?: AbortSignal, folder?: string): Promise<DownloadOutcome>;
  readonly states: DownloadState[];
  /** Requests in the ledger once each has its end; those without one would be `sending` or `unknown`. */
  requests(): Promise<readonly LedgerRequest[]>;
  /** Bytes of the final file; undefined where there is none. */
  final(source: DownloadSource): Buffer | undefined;
  /** Names in the folder of the unfinished download. */
  unfinished(source: DownloadSource): readonly string[];
  remove(): void;
}

/** What a test may want otherwise. */
export interface DownloadOptions {
  readonly ports?: Partial<GatePorts>;
  readonly parts?: Partial<DownloadParts>;
  readonly limits?: Partial<TransportLimits>;
  /** Stands for a folder that is not made or removed here. */
  readonly folder?: string;
}

/** Puts it together. There is always room on the disk, unless `parts.disk` says otherwise. */
export function downloads(options: DownloadOptions = {}): Downloads {
  const folder = options.folder ?? mkdtempSync(path.join(os.tmpdir(), "ghostlight download ü-"));
  const limits = { connectMs: 5_000, firstByteMs: 5_000, idleMs: 5_000, bodyBytes: 2 ** 40, ...options.limits };
  const network = testNetwork(options.ports, { consent: person(), limits: () => limits });
  const parts: DownloadParts = {
    gate: network.gate, transport: network.transport, wait: fastWait, now: () => performance.now(), clock: () => Date.now(), random: () => 1, log: silentLog,
    disk: { ...systemDisk, freeBytes: async () => 2 ** 50 }, chunkBytes: testChunk, ...options.parts,
  };
  const states: DownloadState[] = [];
  return {
    folder, parts, states,
    get: (source, signal = neverAborted, into = folder) => downloadModel(parts, { source, folder: into }, (state) => { states.push(state); }, signal),
    async requests() {
      for (;;) {
        const changed = new Promise<void>((resolve) => { const listener = network.ledger.onChange(() => { listener.dispose(); resolve(); }); });
        const found = await network.ledger.requests();
        if (found.every(({ state }) => state !== "sending")) return found;
        await changed;
      }
    },
    final: ({ fileName }) => (existsSync(path.join(folder, fileName)) ? readFileSync(path.join(folder, fileName)) : undefined),
    unfinished: (source) => (existsSync(workFolder(folder, source)) ? readdirSync(workFolder(folder, source)).filter((name) => name !== "lock" && name !== "ended.json") : []),
    remove() {
      network.remove();
      if (options.folder === undefined) removeFolder(folder);
    },
  };
}

/** A clock on which so much time passes between two looks that every piece is reported. */
export function everyPiece(): DownloadOptions {
  let time = 0;
  return { parts: { now: () => (time += 1_000) } };
}

/** Aborts once so many bytes have been reported, which takes `everyPiece`. */
export function abortAt(made: Downloads, count: number, reason?: string): AbortSignal {
  const controller = new AbortController();
  const push = made.states.push.bind(made.states);
  made.states.push = (...states) => {
    for (const state of states) if (state.state === "running" && state.step === "receiving" && state.progress.bytes >= count) controller.abort(reason);
    return push(...states);
  };
  return controller.signal;
}

/** A source at this address; the hash and size are the catalog's, or null. */
export function sourceAt(url: string, sha256: string | null, size: number | null): DownloadSource {
  return { id: "test-model", url, fileName: "test model.gguf", sha256, hashConfirmed: true, size, repository: null, revision: null };
}

const fastWait = createWait({ setTimeout: (callback, milliseconds) => setTimeout(callback, (milliseconds * fastMinute) / 60_000), clearTimeout: (timer) => { clearTimeout(timer as NodeJS.Timeout); } });
