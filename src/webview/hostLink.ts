/** The webview's end of the line to the extension host. */
import { CHAT_PROTOCOL_VERSION, parseHostMessage, type HostMessage, type ViewMessage } from "../protocol/chatView";

/** What VS Code gives a webview. */
export interface VsCodeApi {
  postMessage(message: ViewMessage): void;
  getState(): unknown;
  setState(state: unknown): void;
}

/** Passes on the host's messages in order. After a gap, everything waits for the whole state, which it asks for. */
export class HostLink {
  readonly #api: VsCodeApi;
  readonly #receive: (message: HostMessage) => void;
  /** The number the next message must have; undefined until a state has come. */
  #next: number | undefined;

  constructor(api: VsCodeApi, receive: (message: HostMessage) => void) {
    this.#api = api;
    this.#receive = receive;
  }

  /** Asks for the whole state. */
  ready(): void {
    this.#next = undefined;
    this.#api.postMessage({ type: "ready", version: CHAT_PROTOCOL_VERSION });
  }

  post(message: ViewMessage): void {
    this.#api.postMessage(message);
  }

  /** Takes whatever arrived at the window. */
  accept(data: unknown): void {
    const message = parseHostMessage(data);
    if (message === undefined) return;
    if (message.type === "otherVersion") return this.#receive(message);
    if (message.type !== "state" && this.#next === undefined) return;
    if (message.type !== "state" && message.sequence !== this.#next) return this.ready();
    this.#next = message.sequence + 1;
    this.#receive(message);
  }
}
