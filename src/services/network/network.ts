import type { ConsentAsker } from "../../core/outgoing/disclosure";
import type { GatePorts } from "../../core/outgoing/gatekeeper";
import type { GrantStore } from "../../core/outgoing/grant";
import type { Purpose } from "../../core/outgoing/request";
import type { Disposable } from "../../core/util/dispose";
import type { Log } from "../../core/util/log";
import { resolveBySystem, type Resolve } from "./connection";
import { createGate, type Gate } from "./gate";
import { createLedger, type Ledger } from "./ledger";
import { createPermitOffice } from "./permit";
import { createTransport, defaultLimits, type Transport, type TransportLimits } from "./transport";

/** What the network is made of besides the gate's ports. */
export interface NetworkParts {
  readonly consent: ConsentAsker;
  readonly grants: GrantStore;
  /** Path of the ledger, shared by all windows of a person. */
  readonly ledgerFile: string;
  readonly log: Log;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Stands in for the system's resolver. */
  readonly resolve?: Resolve;
  readonly limits?: (purpose: Purpose) => TransportLimits;
}

/** The way out of this machine: there is no other. */
export interface Network extends Disposable {
  readonly gate: Gate;
  readonly transport: Transport;
  readonly ledger: Ledger;
}

/** Puts gate, transport and ledger together. Opens nothing and writes nothing by itself. */
export function createNetwork(ports: GatePorts, { consent, grants, ledgerFile, log, now, resolve = resolveBySystem, limits = defaultLimits }: NetworkParts): Network {
  const office = createPermitOffice();
  const ledger = createLedger(ledgerFile, now);
  const gate = createGate(ports, { consent, grants, ledger, office, log, now });
  const transport = createTransport({ office, gate, keys: ports.keys, ledger, log, resolve, limits });
  return { gate: { wouldRefuse: gate.wouldRefuse, request: gate.request, again: gate.again }, transport, ledger, dispose: () => { ledger.dispose(); } };
}
