/** How an endpoint offers fill-in-the-middle, if it does. */
export type EndpointFim = "none" | "infill" | "completions";

/** A server that the person chose, as user settings describe it. */
export interface Endpoint {
  /** Unique, as it is shown. */
  readonly name: string;
  /** Base of the interface, with `/v1` where the server has it, without a slash at the end. */
  readonly url: string;
  /** Model to ask for. */
  readonly model: string;
  /** `infill`: llama-server's `/infill`. `completions`: `/v1/completions` with a suffix. */
  readonly fim: EndpointFim;
  /** Tokens of context that the server has for one request. */
  readonly contextSize: number;
  /** US dollars per million tokens; null where not known, which for one's own machine is free. */
  readonly inputPrice: number | null;
  readonly outputPrice: number | null;
}
