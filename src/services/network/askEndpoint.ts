import type { Endpoint } from "../../core/outgoing/endpoint";
import type { KeyStore, Refusal, Restorer } from "../../core/outgoing/gatekeeper";
import type { OutgoingRequest } from "../../core/outgoing/request";
import { abortError, isAbortError } from "../../core/util/abort";
import type { Log } from "../../core/util/log";
import { beginningOf, startDeadlines, type Deadlines, type Patience, type Wait } from "./deadlines";
import { AnswerError, askingAgainMayHelp, failureOfStatus, type Failure } from "./failure";
import { failureWords } from "./failureWords";
import type { Gate, Permitted } from "./gate";
import { failureOfNetwork } from "./networkFailure";
import { parseRetryAfter, retryDelay } from "./retry";
import { NetworkError } from "./networkError";
import type { OutgoingResponse, Transport } from "./transport";

/** `cause` is a sentence for the person: what happened and what to do. `partial` is the text that had come, masked values put back. */
export interface EndpointFailure {
  readonly outcome: "failed";
  /** A `FailureKind`. */
  readonly kind: string;
  readonly cause: string;
  readonly partial: string;
  /** Whether asking again may help without anything being changed. */
  readonly retry: boolean;
}

export interface AskParts {
  readonly gate: Gate;
  readonly transport: Transport;
  /** Only to take a key out of what a server says about it; the transport adds it to requests by itself. */
  readonly keys: KeyStore;
  readonly wait: Wait;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly log: Log;
  /** From 0 to 1, for the jitter of back-off. */
  readonly random: () => number;
}

/** One thing asked of an endpoint. */
export interface Job<T> {
  readonly endpoint: Endpoint;
  readonly wanted: OutgoingRequest;
  readonly patience: Patience;
  /** Attempts at most, the first included. */
  readonly attempts: number;
  /** Text with the masked values put back. */
  readonly onDelta: (text: string) => void;
  /** Reads the body of an answer with a good status. Throws an `AnswerError` for what is no whole answer. */
  readonly read: (body: AsyncIterable<Uint8Array>, deadlines: Deadlines, onText: (text: string) => void) => Promise<T>;
}

export interface Answered<T> {
  readonly outcome: "done";
  readonly value: T;
  /** All deltas together. */
  readonly text: string;
}

/**
 * Sends a job through the gate and reads the answer; where that fails in passing and nothing was shown yet, again after a
 * wait. Each attempt has a permit and a ledger line of its own. Rejects with an abort error when `signal` fires.
 */
export async function askEndpoint<T>(parts: AskParts, job: Job<T>, signal: AbortSignal): Promise<Answered<T> | EndpointFailure | Refusal> {
  let permitted = await parts.gate.request(job.wanted, signal);
  for (let attempt = 1; ; attempt++) {
    if (permitted.outcome === "refused") return permitted;
    const shown = createShown(permitted.restorer, job.onDelta);
    const tried = await tryOnce(parts, job, permitted, shown.push, signal);
    const text = shown.end();
    if (!("failure" in tried)) return { outcome: "done", value: tried.value, text };
    parts.log.info(`request ${permitted.permit.id} (${job.wanted.purpose}): ${tried.failure.kind}, status ${String(tried.failure.status ?? "none")}, attempt ${String(attempt)}, ${String(text.length)} characters shown`);
    const delay = attempt < job.attempts ? retryDelay(tried.failure, attempt, text !== "", parts.random) : undefined;
    if (delay === undefined) return failed(job.endpoint, tried.failure, text, await parts.keys.get(permitted.permit.origin));
    await parts.wait(delay, signal);
    permitted = await parts.gate.again(permitted.permit, signal);
  }
}

/** A failure as the person is told of it. `key` is taken out of what the server said. */
export function failed(endpoint: Endpoint, failure: Failure, partial: string, key: string | undefined): EndpointFailure {
  const cause = failureWords(failure, { endpoint: endpoint.name, origin: new URL(endpoint.url).origin, model: endpoint.model, key });
  return { outcome: "failed", kind: failure.kind, cause, partial, retry: askingAgainMayHelp(failure.kind) };
}

async function tryOnce<T>(parts: AskParts, job: Job<T>, { permit }: Permitted, onText: (text: string) => void, signal: AbortSignal): Promise<{ value: T } | { failure: Failure }> {
  const attempt = new AbortController();
  const stop = (): void => { attempt.abort(); };
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  try {
    const { firstMs, totalMs } = job.patience;
    const deadlines = startDeadlines(parts.wait, totalMs, attempt.signal);
    const response = await deadlines.within(parts.transport.send(permit, attempt.signal), firstMs, { kind: "timeout", seconds: firstMs / 1_000 });
    await checkHead(response, job.patience, deadlines, parts.clock);
    return { value: await job.read(response.body, deadlines, onText) };
  } catch (error) {
    if (signal.aborted || isAbortError(error)) throw abortError();
    if (error instanceof AnswerError) return { failure: error.failure };
    if (error instanceof NetworkError) return { failure: failureOfNetwork(error) };
    throw error;
  } finally {
    signal.removeEventListener("abort", stop);
    // Ends the waits, and the connection of an attempt that was given up.
    attempt.abort();
  }
}

/** Bytes of an error's body that are read, and milliseconds that it may take: enough for a sentence. */
const ERROR_BODY = { mostBytes: 65_536, milliseconds: 5_000 };

async function checkHead({ status, headers, body }: OutgoingResponse, patience: Patience, deadlines: Deadlines, clock: () => number): Promise<void> {
  if (status >= 200 && status < 300) return;
  const beginning = await beginningOf(body, { ...patience, firstMs: ERROR_BODY.milliseconds, mostBytes: ERROR_BODY.mostBytes }, deadlines);
  throw new AnswerError(failureOfStatus(status, beginning, parseRetryAfter(headers.get("retry-after"), clock())));
}

/** Puts masked values back while text streams, and keeps what was handed out. */
function createShown(restorer: Restorer, onDelta: (text: string) => void) {
  const stream = restorer.stream();
  const texts: string[] = [];
  const show = (text: string): void => {
    if (text === "") return;
    texts.push(text);
    onDelta(text);
  };
  return {
    push: (piece: string): void => { show(stream.push(piece)); },
    /** What the restorer still held back belongs to the text, whole answer or not. */
    end: (): string => {
      show(stream.end());
      return texts.join("");
    },
  };
}
