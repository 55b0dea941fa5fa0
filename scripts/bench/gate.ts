import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { percentile } from "../../src/core/evaluation/percentile";
import type { OutgoingRequest } from "../../src/core/outgoing/request";
import { neverAborted } from "../../src/core/util/abort";
import { silentLog } from "../../src/core/util/log";
import { createNetwork, type Network } from "../../src/services/network/network";
import { createEnvironmentValues } from "../../src/services/outgoing/environmentValues";
import { createPolicyFiles } from "../../src/services/outgoing/policyFiles";
import { createRedactor } from "../../src/services/outgoing/redactor";
import { createSecretRules } from "../../src/services/outgoing/secretRules";
import { PlainError, projectRoot } from "../project";
import { milliseconds, type Figure } from "./table";

/** A question with so much context, and how often it is asked. */
const BODY_BYTES = 32 * 1024;
const REQUESTS = 200;
const GOAL_MS = 50;
/** Source that holds what source holds: long words, addresses, tests with keys. */
const SOURCES = ["src/services/network/gate.ts", "src/core/outgoing/addresses.ts", "src/editor/settings.ts", "src/core/completion/complete.ts", "test/unit/core/outgoing/redaction.test.ts"];

/**
 * What the gate adds to a request of 32 kB that a standing grant covers: rules with real policy files, redaction by the real
 * rules with an environment file, the disclosure, and the flushed line of the ledger. Nothing is sent.
 */
export async function gateFigures(): Promise<readonly Figure[]> {
  const folder = await mkdtemp(path.join(os.tmpdir(), "ghostlight-bench-gate-"));
  try {
    await writeFile(path.join(folder, ".env"), "DATABASE_URL=postgres://someone:difficult-password@db.example/main\nTOKEN=abcdefghijklmnop1234\n");
    const code = (await Promise.all(SOURCES.map((file) => readFile(path.join(projectRoot, file), "utf8")))).join("\n");
    const network = makeNetwork(folder);
    const redactor = redactorFor(folder);
    const whole = await timed(REQUESTS, async (index) => {
      const outcome = await network.gate.request(question(code, index), neverAborted);
      if (outcome.outcome === "refused") throw new PlainError(`gate: ${outcome.because}`);
    });
    const policy = await createPolicyFiles({ folders: () => [folder], machineFiles: [] }).read();
    const masking = await timed(REQUESTS, (index) => redactor.redact(question(code, index).texts, policy, neverAborted));
    const line = { id: "bench", event: "done", origin: "http://127.0.0.1:9", purpose: "chat", files: [], bytesOut: 0, bytesIn: 0, status: 200, durationMs: 1, reason: null } as const;
    const writing = await timed(REQUESTS, () => network.ledger.append(line));
    network.dispose();
    return [
      { name: `gate for a request of 32 kB, median of ${String(REQUESTS)}`, measured: milliseconds(at(whole, 0.5)), goal: `at most ${milliseconds(GOAL_MS)}`, met: at(whole, 0.5) <= GOAL_MS },
      { name: "the same, 95th percentile", measured: milliseconds(at(whole, 0.95)), goal: `at most ${milliseconds(GOAL_MS)}`, met: at(whole, 0.95) <= GOAL_MS },
      { name: "the first request of a window", measured: milliseconds(whole[0] ?? 0), goal: "" },
      { name: "redaction alone, median", measured: milliseconds(at(masking, 0.5)), goal: "" },
      { name: "a flushed line of the ledger alone, median", measured: milliseconds(at(writing, 0.5)), goal: "depends on the disk" },
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function at(values: readonly number[], share: number): number {
  return percentile(values, share) ?? 0;
}

function redactorFor(folder: string): ReturnType<typeof createRedactor> {
  return createRedactor({ secrets: createSecretRules(), environment: createEnvironmentValues({ folders: () => [folder] }) });
}

function makeNetwork(folder: string): Network {
  const policies = createPolicyFiles({ folders: () => [folder], machineFiles: [] });
  const grant = { id: "bench", time: 0, endpoint: "bench", origin: "http://127.0.0.1:9", purpose: "chat" as const, fileClasses: [".ts"], conversation: null };
  return createNetwork({
    switches: () => ({ offlineOnly: false, allowed: { yourNetwork: true, internet: false }, trusted: true }),
    policy: () => policies.read(),
    excludedBecause: async () => undefined,
    redactor: redactorFor(folder),
    keys: { get: async () => undefined },
  }, {
    consent: { ask: () => Promise.reject(new PlainError("gate: the grant did not cover the request")) },
    grants: { list: () => [grant], add: async () => undefined, revoke: async () => undefined },
    ledgerFile: path.join(folder, "ledger.jsonl"), log: silentLog, now: () => Date.now(),
  });
}

/** Another text each time, so that nothing can be remembered. */
function question(code: string, index: number): OutgoingRequest {
  const part = BODY_BYTES / 4;
  const from = (index * 997) % code.length;
  const texts = [0, 1, 2, 3].map((place) => code.repeat(2).slice(from + place * part, from + (place + 1) * part));
  const files = texts.map((text, place) => ({ path: `src/file${String(place)}.ts`, file: null, startLine: 1, endLine: text.split("\n").length, tokens: Math.round(text.length / 4) }));
  return {
    purpose: "chat", endpoint: "bench", model: "bench", url: "http://127.0.0.1:9/v1/chat/completions", method: "POST", headers: { "content-type": "application/json" }, texts,
    write: (written) => JSON.stringify({ model: "bench", messages: written.map((content) => ({ role: "user", content })) }), files, conversation: "bench", estimatedCost: null,
  };
}

async function timed(count: number, act: (index: number) => Promise<unknown>): Promise<number[]> {
  const found: number[] = [];
  for (let index = 0; index < count; index++) {
    const started = performance.now();
    await act(index);
    found.push(performance.now() - started);
  }
  return found;
}
