import { spawn, type ChildProcess } from "node:child_process";
import type { Readable } from "node:stream";
import { createMessageConnection, StreamMessageReader, StreamMessageWriter, CancellationTokenSource, ConnectionError, type Message, type MessageConnection } from "vscode-jsonrpc/node";
import type { BackendEnd } from "../../core/engine/backendTrust";
import { tellsNoMemory } from "../../core/engine/memoryWords";
import { exitCodeWords } from "../../core/engine/processEnd";
import { abortError } from "../../core/util/abort";
import type { Log } from "../../core/util/log";
import { EngineMethod, EngineNotification, EXIT_LIBRARY_FAILED, PROTOCOL_VERSION, type ChatDelta, type EngineLogLine, type HelloParams, type HelloResult, type MeasureProgress } from "../../protocol/engine";
import type { ComputeBackend } from "../../protocol/loadOptions";
import { endGroup, OWN_GROUP } from "./processGroup";
import type { Runtime } from "./runtimes";

/** Why an engine process is no longer there. */
export interface EngineExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Last words on standard error, at most a few lines. */
  readonly lastWords: string;
  /** It was ended because an evaluation on a GPU did not come to an end. */
  readonly hung?: boolean;
}

/** Rejects every call that the end of its process left without an answer. */
export class EngineGoneError extends Error {
  constructor(readonly exit: EngineExit) {
    super(`the engine process ended (${describeExit(exit)})`);
    this.name = "EngineGoneError";
  }
}

/** How a process ended, in a few words; one that did not even start says why. */
export function describeExit(exit: EngineExit): string {
  if (exit.hung === true) return "an evaluation on the GPU did not come to an end";
  if (exit.signal !== null) return exit.signal;
  return exit.code === null ? exit.lastWords : exitCodeWords(exit.code);
}

/** What became of the GPU back end in a process that ended so. */
export function backendEnd(exit: EngineExit): BackendEnd {
  if (exit.hung === true) return "hung";
  return tellsNoMemory(exit.lastWords) ? "full" : "crashed";
}

/** What the log says of a process's last words. Those of one that never had its library cannot be about anybody's code; any others may be. */
export function describeLastWords({ code, lastWords }: EngineExit): string {
  if (lastWords === "") return "";
  return code === EXIT_LIBRARY_FAILED ? `: ${lastWords.trim()}` : "; it said something on standard error";
}

/** The two sides speak different protocol versions: one of them is of another release. */
export class HandshakeError extends Error {
  override readonly name = "HandshakeError";
}

/** How the process is started. */
export interface EngineProcessOptions {
  readonly runtime: Runtime;
  /** Absolute path of `engine.mjs`. */
  readonly entry: string;
  /** Threads for evaluation, at least 1. */
  readonly threads: number;
  /** What the library computes on; the processor where absent. */
  readonly backend?: ComputeBackend;
  readonly log: Log;
  /** Other limits than the usual ones, for tests. */
  readonly limits?: Partial<EngineLimits>;
}

/** How long an engine process may be silent, in milliseconds. */
export interface EngineLimits {
  /** From the start to the hello. */
  readonly helloMs: number;
  /** Between two heartbeats. */
  readonly heartbeatMs: number;
  /** One evaluation of a model whose layers are all on a GPU; see `engine/evaluationWatch.ts`. */
  readonly evaluationMs: number;
}

/** A GPU that was never used before may compile for half a minute in its first evaluation. */
const LIMITS: EngineLimits = { helloMs: 20_000, heartbeatMs: 2_000, evaluationMs: 120_000 };
/** Heartbeats without an answer until a process counts as hung (security table: 10 s). */
const MOST_MISSED_BEATS = 5;

/** One life of the engine process: from the spawn to its end, however that comes. */
export class EngineProcess {
  /** What its library was started for. */
  readonly backend: ComputeBackend;
  readonly #child: ChildProcess;
  readonly #connection: MessageConnection;
  readonly #deltas = new Map<number, (text: string) => void>();
  readonly #measurements = new Map<number, (share: number) => void>();
  readonly #exited: Promise<EngineExit>;
  #exit: EngineExit | undefined;
  #resolveExit: (exit: EngineExit) => void = () => undefined;
  #heartbeat: NodeJS.Timeout | undefined;
  #lastWords = "";

  private constructor(options: EngineProcessOptions) {
    this.backend = options.backend ?? "cpu";
    this.#child = spawn(options.runtime.command, [options.entry], {
      env: { ...process.env, ...options.runtime.environment },
      stdio: ["pipe", "pipe", "pipe"],
      windowsHide: true,
      detached: OWN_GROUP,
    });
    this.#exited = this.#watchExit();
    const { stdin, stdout } = this.#child;
    if (!stdin || !stdout) throw new Error("the engine process has no pipes");
    stdin.on("error", () => undefined);
    this.#connection = createMessageConnection(readerOf(stdout), new PatientWriter(stdin));
    this.#connection.onError(([error]) => { options.log.warn(`engine connection: ${error.message}`); });
    this.#connection.onNotification(EngineNotification.log, (line: EngineLogLine) => { logLine(options.log, line); });
    this.#connection.onNotification(EngineNotification.chatDelta, (delta: ChatDelta) => this.#deltas.get(delta.streamId)?.(delta.text));
    this.#connection.onNotification(EngineNotification.measureProgress, ({ measureId, share }: MeasureProgress) => this.#measurements.get(measureId)?.(share));
    this.#connection.onNotification(EngineNotification.evaluationHangs, () => { this.#endHung(); });
    this.#connection.listen();
  }

  /** Starts a process and shakes hands. Rejects with `HandshakeError`, `EngineGoneError` or a spawn error. */
  static async start(options: EngineProcessOptions): Promise<EngineProcess> {
    const engine = new EngineProcess(options);
    try {
      const params: HelloParams = { protocolVersion: PROTOCOL_VERSION, threads: options.threads, backend: engine.backend, evaluationLimitMs: options.limits?.evaluationMs ?? LIMITS.evaluationMs };
      const hello = await withLimit(engine.request<HelloResult>(EngineMethod.hello, params), options.limits?.helloMs ?? LIMITS.helloMs, "the engine did not say hello in time");
      if (hello.protocolVersion !== PROTOCOL_VERSION) {
        throw new HandshakeError(`the engine speaks protocol ${String(hello.protocolVersion)}, this extension ${String(PROTOCOL_VERSION)}: reinstall Ghostlight`);
      }
      engine.#startHeartbeat(options.limits?.heartbeatMs ?? LIMITS.heartbeatMs);
      return engine;
    } catch (error) {
      engine.kill();
      throw error;
    }
  }

  get processId(): number | undefined {
    return this.#child.pid;
  }

  /** Whether the process has ended. */
  get ended(): boolean {
    return this.#exit !== undefined;
  }

  /** Resolves when the process has ended. */
  get exited(): Promise<EngineExit> {
    return this.#exited;
  }

  /**
   * Calls a method. Rejects with `EngineGoneError` as soon as the process ends. When the signal fires the engine is told;
   * it answers within one chunk of work with what it counted until then.
   */
  async request<Result>(method: string, params: unknown, signal?: AbortSignal): Promise<Result> {
    if (this.#exit) throw new EngineGoneError(this.#exit);
    const cancellation = new CancellationTokenSource();
    if (signal?.aborted) throw abortError();
    const stop = (): void => { cancellation.cancel(); };
    signal?.addEventListener("abort", stop, { once: true });
    try {
      // The end of the process disposes of the connection, and that rejects every request under way.
      return await this.#connection.sendRequest<Result>(method, params, cancellation.token);
    } catch (error) {
      if (this.#exit) throw new EngineGoneError(this.#exit);
      // A closed pipe is heard of before the end itself.
      if (error instanceof ConnectionError) throw new EngineGoneError(await this.#endedNow());
      throw error;
    } finally {
      signal?.removeEventListener("abort", stop);
      cancellation.dispose();
    }
  }

  /** Receives the deltas of a chat stream until the returned function is called. */
  onDelta(streamId: number, listener: (text: string) => void): () => void {
    this.#deltas.set(streamId, listener);
    return () => this.#deltas.delete(streamId);
  }

  /** Receives the progress of a measurement until the returned function is called. */
  onMeasureProgress(measureId: number, listener: (share: number) => void): () => void {
    this.#measurements.set(measureId, listener);
    return () => this.#measurements.delete(measureId);
  }

  #endedNow(): Promise<EngineExit> {
    this.kill();
    return this.#exited;
  }

  /** Ends the process at once, and what it started. */
  kill(): void {
    if (!this.#exit) endGroup(this.#child);
  }

  #watchExit(): Promise<EngineExit> {
    this.#child.stderr?.setEncoding("utf8").on("data", (text: string) => { this.#lastWords = (this.#lastWords + text).slice(-2_000); });
    return new Promise((resolve) => {
      this.#resolveExit = resolve;
      this.#child.on("exit", (code, signal) => { this.#end({ code, signal }); });
      this.#child.on("error", (error) => { this.#lastWords += error.message; this.#end({ code: null, signal: null }); });
    });
  }

  #end(how: Omit<EngineExit, "lastWords">): void {
    if (this.#exit) return;
    this.#exit = { ...how, lastWords: this.#lastWords };
    // What it started may hang in a driver and heed neither its end nor ours.
    endGroup(this.#child);
    clearInterval(this.#heartbeat);
    this.#connection.dispose();
    this.#resolveExit(this.#exit);
  }

  /** A driver may hold the process in the system's kernel for as long as it hangs: nobody waits for its real end. */
  #endHung(): void {
    this.#end({ code: null, signal: "SIGKILL", hung: true });
  }

  /**
   * The engine's own thread is never busy for long, even in a prompt: no answer means that it hangs or is stopped.
   * Beats are counted, not milliseconds: a host that slept or stood still itself must not blame the engine.
   */
  #startHeartbeat(everyMs: number): void {
    let missed = 0;
    let waiting = false;
    this.#heartbeat = setInterval(() => {
      missed += 1;
      if (missed > MOST_MISSED_BEATS) this.kill();
      if (waiting) return;
      waiting = true;
      this.request(EngineMethod.memory, {}).then(() => { missed = 0; waiting = false; }, () => undefined);
    }, everyMs);
    this.#heartbeat.unref();
  }
}

/**
 * Keeps quiet about a write that fails because the process is gone. The library would reject twice, once where nobody
 * can hear it, and an unheard rejection ends a Node process; what waits for an answer is rejected when the end is known.
 */
class PatientWriter extends StreamMessageWriter {
  override async write(message: Message): Promise<void> {
    await super.write(message).catch(() => undefined);
  }
}

/**
 * The library asks every ten seconds after a message of which only a part came, and goes on asking when the other side
 * was killed in the middle of it: that timer would keep a process alive for ever. The heartbeat watches better.
 */
function readerOf(stream: Readable): StreamMessageReader {
  const reader = new StreamMessageReader(stream);
  reader.partialMessageTimeout = 0;
  return reader;
}

function logLine(log: Log, line: EngineLogLine): void {
  const words = `engine: ${line.message}`;
  switch (line.level) {
    case "debug": log.debug(words); return;
    case "info": log.info(words); return;
    case "warning": log.warn(words); return;
    case "error": log.error(words); return;
  }
}

/** Rejects when a promise takes longer than `milliseconds`. */
export async function withLimit<T>(promise: Promise<T>, milliseconds: number, words: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => { timer = setTimeout(() => { reject(new Error(words)); }, milliseconds); });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
