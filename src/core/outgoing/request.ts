/** What a request is for: the unit in which consent is given and the ledger is kept. */
export type Purpose = "completion" | "chat" | "download" | "list";

/** Lines of a file that stand in what would be sent. 1-based, inclusive. */
export interface OutgoingFile {
  /** As exclusions, policies and disclosures name it: relative to the workspace, with forward slashes. */
  readonly path: string;
  /** Its place on disk; null where it has none. Exclusions resolve symbolic links from here. */
  readonly file: string | null;
  readonly startLine: number;
  readonly endLine: number;
  /** Estimated. */
  readonly tokens: number;
}

/**
 * A request that a feature would like to send, before anything was checked. The gate makes the final bytes of it: it
 * masks secrets in `texts`, lets the person change them, and calls `write` with what is left.
 */
export interface OutgoingRequest {
  readonly purpose: Purpose;
  /** Whom the person knows it by: the endpoint's name, or the host for a download. */
  readonly endpoint: string;
  /** Model asked for; null where a request names none. */
  readonly model: string | null;
  readonly url: string;
  readonly method: "GET" | "POST";
  /** Without authorization: the key comes from the key store, by origin, and is added by the transport. */
  readonly headers: Readonly<Record<string, string>>;
  /** Every text of the person's or the workspace's in the body, in order: messages, prefix, suffix. Empty for a GET. */
  readonly texts: readonly string[];
  /** Body from texts that were checked; null for a request without a body. The same texts give the same body. Must hold no other text of the person's. */
  readonly write: ((texts: readonly string[]) => string) | null;
  readonly files: readonly OutgoingFile[];
  /** The conversation it belongs to, for a grant that covers it; null outside of one. */
  readonly conversation: string | null;
  /** US dollars, estimated from the endpoint's prices; null where they are not known. */
  readonly estimatedCost: number | null;
}
