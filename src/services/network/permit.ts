import type { Disclosure } from "../../core/outgoing/disclosure";
import type { Restorer } from "../../core/outgoing/gatekeeper";
import type { Destination } from "../../core/outgoing/origin";
import type { OutgoingRequest, Purpose } from "../../core/outgoing/request";

declare const brand: unique symbol;

/**
 * The right to send certain bytes once. Nobody can write one down, because `brand` has no value and no export; and one
 * that was cast is refused by the transport, because the bytes lie in the office that issued it.
 */
export interface Permit {
  /** Of the request's lines in the ledger. */
  readonly id: string;
  readonly origin: string;
  readonly purpose: Purpose;
  readonly [brand]: true;
}

/** The bytes that a permit stands for, and what is needed to check them again. */
export interface PreparedRequest {
  /** As the feature asked. */
  readonly request: OutgoingRequest;
  /** Its texts as the person edited them, before they were masked. The body has them masked. */
  readonly source: readonly string[];
  readonly destination: Destination;
  /** All headers in order, but for authorization. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array | null;
  /** Whether the key of the origin goes with it: only where the disclosure said so. */
  readonly keyed: boolean;
  readonly disclosure: Disclosure;
  readonly restorer: Restorer;
  /** The standing grant it rests on; null where the person was asked, or where none was needed. */
  readonly grant: string | null;
  /** 1 for the first time these bytes are sent. */
  readonly attempt: number;
  /** Redirects before this one. */
  readonly redirects: number;
}

/** Issues permits and takes them back. The gate has `issue`, the transport has `redeem`; nobody else has the office. */
export interface PermitOffice {
  issue(id: string, prepared: PreparedRequest): Permit;
  /** What a permit stands for, used or not; undefined for one of another office or of nobody. */
  look(permit: Permit): PreparedRequest | undefined;
  /** As `look`, and uses it up: undefined the second time. */
  redeem(permit: Permit): PreparedRequest | undefined;
}

/** An office of its own: permits of another one are worth nothing here. */
export function createPermitOffice(): PermitOffice {
  const issued = new WeakMap<Permit, PreparedRequest>();
  const unused = new WeakSet<Permit>();
  return {
    issue(id, prepared) {
      const permit = Object.freeze({ id, origin: prepared.destination.origin, purpose: prepared.request.purpose }) as Permit;
      issued.set(permit, prepared);
      unused.add(permit);
      return permit;
    },
    look: (permit) => issued.get(permit),
    redeem: (permit) => (unused.delete(permit) ? issued.get(permit) : undefined),
  };
}
