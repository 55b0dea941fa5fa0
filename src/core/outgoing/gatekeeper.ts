import type { HostClass } from "./disclosure";
import type { OutgoingRequest } from "./request";

/** Who said no. The words in `because` name the rule or the switch, and what would change it. */
export type RefusedBy = "offlineOnly" | "settings" | "trust" | "policy" | "address" | "excludedFile" | "ledger" | "person" | "invalid";

export interface Refusal {
  readonly outcome: "refused";
  readonly by: RefusedBy;
  /** A sentence for the person. */
  readonly because: string;
}

/** Whether a person allowed hosts of a class at all; read from user settings only. */
export interface NetworkSwitches {
  /** Nothing may be sent, downloads included. */
  readonly offlineOnly: boolean;
  readonly allowed: Readonly<Record<HostClass, boolean>>;
  /** False in a workspace that is not trusted: no standing grant holds there, and no request that carries workspace text leaves. */
  readonly trusted: boolean;
}

/** One rule that spoke, and where it stands. */
export interface RuleSource {
  /** `.ghostlight/policy.json`, or the machine's policy file. */
  readonly file: string;
}

/** Every policy file together, the strictest of each rule. Can only forbid. */
export interface EffectivePolicy {
  /** A policy that forbids all sending, if one does. */
  readonly offlineOnly: RuleSource | null;
  /** The rule that keeps a path from leaving, in words; undefined where none does. */
  readonly neverCloud: (path: string) => string | undefined;
  /** The rule that keeps a path out of the index and so out of every prompt; undefined where none does. */
  readonly neverIndex: (path: string) => string | undefined;
  /** Patterns whose matches are masked, with the words for what they match. */
  readonly redact: readonly { readonly pattern: RegExp; readonly kind: string }[];
  /** The rule that keeps a host from being asked; undefined where all policies allow it. `host` may carry a port. */
  readonly hostForbidden: (host: string, port: number) => string | undefined;
  /** Files that could not be understood. Until they can, nothing leaves: a broken policy is the strictest. */
  readonly problems: readonly string[];
}

/** Puts the masked values back; the way back of redaction. Placeholders may arrive cut in two by a stream. */
export interface Restorer {
  /** Whole text. */
  restore(text: string): string;
  /** For a stream: returns what can be shown already and keeps the beginning of a placeholder until the next piece. */
  stream(): { push(piece: string): string; end(): string };
}

/** A request as far as redaction took it. */
export interface RedactedTexts {
  readonly texts: readonly string[];
  readonly masked: readonly { readonly kind: string; readonly count: number }[];
  readonly restorer: Restorer;
}

/** Masks secrets in texts. The same value has the same placeholder in all texts of one call. */
export interface Redactor {
  redact(texts: readonly string[], policy: EffectivePolicy, signal: AbortSignal): Promise<RedactedTexts>;
}

/** Keys of endpoints. A key is bound to the origin it was entered for: another scheme, host or port has none. */
export interface KeyStore {
  /** By origin, such as `https://api.example.com:443`. */
  get(origin: string): Promise<string | undefined>;
}

/** What may leave, in the order the gate asks: see `services/network/gate.ts`. */
export interface GatePorts {
  readonly switches: () => NetworkSwitches;
  readonly policy: () => Promise<EffectivePolicy>;
  /** Why a file may not stand in a prompt (`core/context/exclusions.ts`), symbolic links resolved; undefined where it may. */
  readonly excludedBecause: (file: { readonly path: string; readonly file: string | null }) => Promise<string | undefined>;
  readonly redactor: Redactor;
  readonly keys: KeyStore;
}

/** Checks that a request asks of the gate before it is built: so that a feature can say beforehand that it would be refused. */
export interface Preflight {
  /** The refusal that the request would meet whatever the person says; undefined where none is foreseen. */
  wouldRefuse(request: Pick<OutgoingRequest, "purpose" | "url">): Promise<Refusal | undefined>;
}
