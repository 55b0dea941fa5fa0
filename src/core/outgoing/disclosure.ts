import type { OutgoingFile, Purpose } from "./request";

/** Where a host lies: on this machine or in private address ranges, or anywhere else. Each is allowed separately. */
export type HostClass = "yourNetwork" | "internet";

/** Secrets of one kind that were replaced by placeholders. */
export interface Masked {
  /** In words, such as `AWS key` or `value of .env`. Never the secret. */
  readonly kind: string;
  readonly count: number;
}

/** Exactly what would leave, made from the final bytes: the person decides on this and on nothing else. */
export interface Disclosure {
  readonly endpoint: string;
  /** Scheme, host and port, such as `https://api.example.com:443`. */
  readonly origin: string;
  readonly hostClass: HostClass;
  readonly model: string | null;
  readonly purpose: Purpose;
  readonly files: readonly OutgoingFile[];
  readonly masked: readonly Masked[];
  /** Body and the headers that Ghostlight sets, in bytes. */
  readonly bytes: number;
  /** US dollars; null where prices are not known. */
  readonly estimatedCost: number | null;
  /** The request as it would be sent: method, address, headers with the key's place named but not the key, body. */
  readonly exact: string;
  /** The texts in it that may be edited, secrets masked. */
  readonly texts: readonly string[];
  readonly conversation: string | null;
}

/** What the person decided. `edited` brings the texts back changed: they are masked and disclosed anew. */
export type Consent =
  | { readonly choice: "once" | "conversation" | "workspace" }
  | { readonly choice: "edited"; readonly texts: readonly string[] }
  | { readonly choice: "keepLocal" };

/** Asks the person. Only the editor implements it: a web page's word is never consent. Rejects when `signal` fires. */
export interface ConsentAsker {
  ask(disclosure: Disclosure, signal: AbortSignal): Promise<Consent>;
}
