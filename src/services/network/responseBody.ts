import { abortError, isAbortError } from "../../core/util/abort";
import type { AnswerStream } from "./connection";
import { NetworkError, toNetworkError } from "./networkError";

/** How a body ended; without an error it came whole. */
export interface BodyEnd {
  readonly bytesIn: number;
  readonly error: Error | undefined;
}

/** What holds for a body. */
export interface BodyRules {
  /** For the words of errors. */
  readonly host: string;
  /** Between two pieces, and the longest that nobody reads; milliseconds. */
  readonly idleMs: number;
  /** The longest body. */
  readonly bodyBytes: number;
  /** Called once, also where nobody reads the body; awaited before the reader hears of the end. Must not reject. */
  onEnd(end: BodyEnd): Promise<void>;
}

/** The body in pieces, to be read once. Watches over it from now on, so that one which nobody reads ends too. */
export function readBody(response: AnswerStream, rules: BodyRules, signal: AbortSignal): AsyncIterable<Uint8Array> {
  const watched = new WatchedBody(response, rules, signal);
  return { [Symbol.asyncIterator]: () => watched.pieces() };
}

class WatchedBody {
  #bytesIn = 0;
  #timer: NodeJS.Timeout | undefined;
  #end: { readonly error: Error | undefined; readonly recorded: Promise<void> } | undefined;

  constructor(private readonly response: AnswerStream, private readonly rules: BodyRules, private readonly signal: AbortSignal) {
    signal.addEventListener("abort", this.#stop, { once: true });
    response.on("error", (error) => { void this.#finish(this.#said(error)); });
    response.on("close", () => { if (!response.complete) void this.#finish(new NetworkError("cut", `The connection to ${rules.host} was cut.`)); });
    if (signal.aborted) this.#stop();
    else if (Number(response.headers["content-length"] ?? 0) > rules.bodyBytes) void this.#finish(this.#tooLarge());
    else this.#await();
  }

  async *pieces(): AsyncGenerator<Uint8Array> {
    try {
      // Left by its reader, the stream is ended by us, so that the ledger says why.
      for await (const piece of this.response.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
        this.#bytesIn += piece.byteLength;
        if (this.#bytesIn > this.rules.bodyBytes) throw this.#tooLarge();
        this.#await();
        yield piece;
      }
      await this.#finish(undefined);
    } catch (error) {
      await this.#finish(this.#said(error));
    } finally {
      await this.#finish(abortError());
    }
    if (this.#end?.error) throw this.#end.error;
  }

  /** The first end counts. */
  #finish(error: Error | undefined): Promise<void> {
    if (this.#end) return this.#end.recorded;
    clearTimeout(this.#timer);
    this.signal.removeEventListener("abort", this.#stop);
    this.#end = { error, recorded: this.rules.onEnd({ bytesIn: this.#bytesIn, error }) };
    if (error) this.response.destroy(error);
    return this.#end.recorded;
  }

  readonly #stop = (): void => { void this.#finish(abortError()); };

  #await(): void {
    if (this.#end) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => { void this.#finish(new NetworkError("timeout", `${this.rules.host} stopped sending.`)); }, this.rules.idleMs);
  }

  #said(error: unknown): Error {
    return isAbortError(error) ? abortError() : toNetworkError(error, this.rules.host);
  }

  #tooLarge(): NetworkError {
    return new NetworkError("tooLarge", `${this.rules.host} sent more than ${String(this.rules.bodyBytes)} bytes.`);
  }
}
