/** The host's way to a view: numbers the messages, and joins deltas so that a fast model costs few messages. */
import type { HostMessage, UnnumberedHostMessage } from "../../protocol/chatView";
import type { Disposable } from "../util/dispose";

/** Milliseconds that deltas are gathered before they are sent: a frame or two, below what a reader notices. */
export const GATHER_MS = 40;

export interface OutboxParts {
  readonly deliver: (message: HostMessage) => void;
  /** Calls back once after the given milliseconds, unless disposed before. */
  readonly after: (milliseconds: number, callback: () => void) => Disposable;
}

/** Closed until a view says that it is ready; what is posted while closed is dropped, since the state tells it all. */
export class Outbox implements Disposable {
  readonly #parts: OutboxParts;
  #open = false;
  #next = 0;
  #gathered: { readonly type: "delta" | "correctionDelta"; readonly turn: string; text: string } | undefined;
  #timer: Disposable | undefined;

  constructor(parts: OutboxParts) {
    this.#parts = parts;
  }

  /** A view is ready: the next message posted must be its `state`, which starts the numbering. */
  open(): void {
    this.close();
    this.#open = true;
    this.#next = 0;
  }

  get isOpen(): boolean {
    return this.#open;
  }

  /** The view is gone or hidden. */
  close(): void {
    this.#open = false;
    this.#gathered = undefined;
    this.#cancelTimer();
  }

  post(message: UnnumberedHostMessage): void {
    if (!this.#open) return;
    if (message.type !== "delta" && message.type !== "correctionDelta") {
      this.#flush();
      this.#send(message);
      return;
    }
    if (this.#gathered !== undefined && (this.#gathered.turn !== message.turn || this.#gathered.type !== message.type)) this.#flush();
    if (this.#gathered === undefined) this.#gathered = { ...message };
    else this.#gathered.text += message.text;
    this.#timer ??= this.#parts.after(GATHER_MS, () => this.#flush());
  }

  dispose(): void {
    this.close();
  }

  #flush(): void {
    this.#cancelTimer();
    const gathered = this.#gathered;
    this.#gathered = undefined;
    if (gathered !== undefined) this.#send(gathered);
  }

  #send(message: UnnumberedHostMessage): void {
    this.#parts.deliver({ ...message, sequence: this.#next++ });
  }

  #cancelTimer(): void {
    this.#timer?.dispose();
    this.#timer = undefined;
  }
}
