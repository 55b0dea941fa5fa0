import { randomUUID } from "node:crypto";
import type { Consent, ConsentAsker, Disclosure, Masked } from "../../core/outgoing/disclosure";
import type { GatePorts, Preflight, RedactedTexts, Refusal, Restorer } from "../../core/outgoing/gatekeeper";
import { coveringGrant, fileClassesOf, type GrantStore } from "../../core/outgoing/grant";
import { RedactionError } from "../../core/outgoing/redaction";
import { readRedirect, type Destination } from "../../core/outgoing/origin";
import type { OutgoingRequest } from "../../core/outgoing/request";
import { abortError, neverAborted } from "../../core/util/abort";
import type { Log } from "../../core/util/log";
import { compose, composeHeaders, bytesOf, faultIn, type Composition } from "./composition";
import type { Ledger } from "./ledger";
import type { Permit, PermitOffice, PreparedRequest } from "./permit";
import { askRules, carriesWorkspace, findDestination, refusal, type Allowed } from "./rules";

/** A request that may be sent once, with exactly the bytes that were disclosed. */
export interface Permitted {
  readonly outcome: "permitted";
  readonly permit: Permit;
  /** Puts masked values back into the answer. */
  readonly restorer: Restorer;
  readonly disclosure: Disclosure;
}

/** Decides what leaves. The only maker of permits. All of its methods reject with an abort error when `signal` fires, and otherwise do not reject. */
export interface Gate extends Preflight {
  /** Rules, redaction, disclosure, grant or consent (again while the person edits), ledger line flushed, permit. */
  request(wanted: OutgoingRequest, signal: AbortSignal): Promise<Permitted | Refusal>;
  /** For a retry of the same bytes: every rule is asked again, the person is not. A new ledger line, a new permit. */
  again(permit: Permit, signal: AbortSignal): Promise<Permitted | Refusal>;
}

/** The gate as the transport sees it. */
export interface RedirectGate {
  /** A permit for where a server sent a GET on to, checked as any other address; without the key outside of the first origin. */
  follow(permit: Permit, location: string, signal: AbortSignal): Promise<Permitted | Refusal>;
}

/** What the gate is made of besides its ports. `now` gives milliseconds since 1970. */
export interface GateParts {
  readonly consent: ConsentAsker;
  readonly grants: GrantStore;
  readonly ledger: Ledger;
  readonly office: PermitOffice;
  readonly log: Log;
  readonly now: () => number;
}

/** One consent covers a request and its retries; more often than this nobody meant. */
const MOST_ATTEMPTS = 6;
/** Redirects of one request that are followed. */
const MOST_REDIRECTS = 5;

/** Makes the gate. Any rule that changes while the person is asked is asked again afterwards. */
export function createGate(ports: GatePorts, parts: GateParts): Gate & RedirectGate {
  return {
    wouldRefuse: (request) => wouldRefuse(ports, request),
    request: (wanted, signal) => decided(ports, parts, wanted, wanted.url, () => decide(ports, parts, wanted, signal), signal),
    again: (permit, signal) => renewed(ports, parts, permit, (prepared) => repeat(ports, parts, prepared, signal), signal),
    follow: (permit, location, signal) => renewed(ports, parts, permit, (prepared) => redirect(ports, parts, prepared, location, signal), signal),
  };
}

async function wouldRefuse(ports: GatePorts, { purpose, url }: Pick<OutgoingRequest, "purpose" | "url">): Promise<Refusal | undefined> {
  const destination = findDestination(ports, url);
  if ("outcome" in destination) return destination;
  const carries = purpose === "chat" || purpose === "completion";
  const answer = await askRules(ports, { purpose, destination, carriesWorkspace: carries, files: [] }, neverAborted);
  return answer.outcome === "refused" ? answer : undefined;
}

/** Runs a decision and records a refusal; a bug or broken input on the way is a refusal too, because nothing may leave then. */
async function decided(ports: GatePorts, parts: GateParts, wanted: OutgoingRequest, url: string, decision: () => Promise<Permitted | Refusal>, signal: AbortSignal): Promise<Permitted | Refusal> {
  const outcome = await decision().catch((error: unknown) => {
    if (signal.aborted) throw abortError();
    parts.log.error(`gate: ${error instanceof Error ? error.name : "error"} while a request was checked`);
    return refusal("invalid", "The request could not be checked, so it was not sent.");
  });
  if (outcome.outcome === "refused") await recordRefusal(ports, parts, wanted, url, outcome);
  return outcome;
}

async function renewed(ports: GatePorts, parts: GateParts, permit: Permit, decision: (prepared: PreparedRequest) => Promise<Permitted | Refusal>, signal: AbortSignal): Promise<Permitted | Refusal> {
  const prepared = parts.office.look(permit);
  if (!prepared) return refusal("invalid", "This permit was not made by the gate.");
  return decided(ports, parts, prepared.request, prepared.destination.href, () => decision(prepared), signal);
}

async function decide(ports: GatePorts, parts: GateParts, wanted: OutgoingRequest, signal: AbortSignal): Promise<Permitted | Refusal> {
  let round: Round = { source: [...wanted.texts], masked: [], restorers: [] };
  let consent: Consent | undefined;
  let agreed: string | undefined;
  for (;;) {
    signal.throwIfAborted();
    const draft = await prepare(ports, wanted, round, signal);
    if ("because" in draft) return draft;
    const { disclosure, allowed, masking } = draft;
    // A yes is for these bytes alone: if a rule changed them meanwhile, the person sees them first.
    const covered = agreed === disclosure.exact ? undefined : coverage(parts.grants, disclosure, allowed);
    if (agreed === disclosure.exact || covered !== undefined) {
      if (consent && covered === undefined) await keepGrant(parts, consent, disclosure, allowed);
      return permitFor(parts, preparedOf(wanted, draft, round, covered ?? null));
    }
    consent = await parts.consent.ask(disclosure, signal);
    if (consent.choice === "keepLocal") return refusal("person", "You kept this request local.");
    if (consent.choice === "edited") {
      if (consent.texts.length !== round.source.length) return refusal("invalid", "The edited request does not have the same parts.");
      round = { source: [...consent.texts], masked: disclosure.masked, restorers: [...round.restorers, masking.restorer] };
    } else agreed = disclosure.exact;
  }
}

/** Texts before they are masked. What was masked before the person edited them stays masked, and can still be undone. */
interface Round {
  readonly source: readonly string[];
  /** Of earlier rounds, like the restorers. */
  readonly masked: readonly Masked[];
  readonly restorers: readonly Restorer[];
}

interface Draft extends Composition {
  readonly destination: Destination;
  readonly allowed: Allowed;
  readonly keyed: boolean;
  readonly masking: RedactedTexts;
}

/** Asks the rules, masks, and composes the final bytes. */
async function prepare(ports: GatePorts, wanted: OutgoingRequest, round: Round, signal: AbortSignal): Promise<Draft | Refusal> {
  const destination = findDestination(ports, wanted.url);
  if ("outcome" in destination) return destination;
  const allowed = await askRules(ports, { purpose: wanted.purpose, destination, carriesWorkspace: carriesWorkspace(wanted), files: wanted.files }, signal);
  if (allowed.outcome === "refused") return allowed;
  const fault = faultIn(wanted);
  if (fault !== undefined) return refusal("invalid", `The request is not sound: ${fault}.`);
  const masking = await maskedTexts(ports, round.source, allowed, signal);
  if ("outcome" in masking) return masking;
  const keyed = (await ports.keys.get(destination.origin)) !== undefined;
  signal.throwIfAborted();
  return { destination, allowed, keyed, masking, ...compose(wanted, destination, masking.texts, together([...round.masked, ...masking.masked]), keyed) };
}

async function maskedTexts(ports: GatePorts, texts: readonly string[], { policy }: Allowed, signal: AbortSignal): Promise<RedactedTexts | Refusal> {
  if (texts.length === 0) return { texts, masked: [], restorer: chained([]) };
  try {
    return await ports.redactor.redact(texts, policy, signal);
  } catch (error) {
    if (error instanceof RedactionError) return refusal("invalid", error.message);
    throw error;
  }
}

/** The grant that covers it; `""` for a download, whose consent is the click that asked for it; undefined where the person must be asked. */
function coverage(grants: GrantStore, disclosure: Disclosure, { trusted }: Allowed): string | undefined {
  if (disclosure.purpose === "download") return "";
  return trusted ? coveringGrant(grants.list(), disclosure)?.id : undefined;
}

async function keepGrant({ grants, now, log }: GateParts, { choice }: Consent, disclosure: Disclosure, { trusted }: Allowed): Promise<void> {
  const { endpoint, origin, purpose, conversation } = disclosure;
  const lasts = choice === "workspace" || (choice === "conversation" && conversation !== null);
  if (!lasts || !trusted) return;
  const grant = { id: randomUUID(), time: now(), endpoint, origin, purpose, fileClasses: fileClassesOf(disclosure), conversation: choice === "workspace" ? null : conversation };
  // The person said yes to this request in any case; the next one asks again.
  await grants.add(grant).catch(() => { log.warn("gate: a standing consent could not be kept"); });
}

function preparedOf(wanted: OutgoingRequest, draft: Draft, round: Round, grant: string | null): PreparedRequest {
  const { destination, headers, body, keyed, disclosure, masking } = draft;
  const restorer = chained([...round.restorers, masking.restorer]);
  return { request: wanted, source: round.source, destination, headers, body, keyed, disclosure, restorer, grant: grant === "" ? null : grant, attempt: 1, redirects: 0 };
}

/** A retry. The bytes are the old ones, so a policy that would now mask more of them forbids them. */
async function repeat(ports: GatePorts, parts: GateParts, prepared: PreparedRequest, signal: AbortSignal): Promise<Permitted | Refusal> {
  const { request, source, body, grant, attempt } = prepared;
  if (attempt >= MOST_ATTEMPTS) return refusal("invalid", `The request was sent ${String(attempt)} times already.`);
  const draft = await prepare(ports, request, { source, masked: [], restorers: [] }, signal);
  if ("because" in draft) return draft;
  if (draft.body === null ? body !== null : body === null || Buffer.compare(draft.body, body) !== 0) return refusal("policy", "What is masked has changed since this request was allowed; ask again.");
  if (grant !== null && !parts.grants.list().some(({ id }) => id === grant)) return refusal("person", "The standing consent for this request was taken back.");
  if (grant !== null && !draft.allowed.trusted) return refusal("trust", "This workspace is not trusted any more: no standing consent holds.");
  return permitFor(parts, { ...prepared, keyed: prepared.keyed && draft.keyed, attempt: attempt + 1 });
}

async function redirect(ports: GatePorts, parts: GateParts, prepared: PreparedRequest, location: string, signal: AbortSignal): Promise<Permitted | Refusal> {
  const { request, redirects } = prepared;
  if (request.method !== "GET") return refusal("address", "The server sent the request on to another address, which is not followed.");
  if (redirects >= MOST_REDIRECTS) return refusal("address", `The server sent the request on more than ${String(MOST_REDIRECTS)} times.`);
  const destination = readRedirect(prepared.destination, location);
  if ("refused" in destination) return refusal("address", destination.refused);
  const allowed = await askRules(ports, { purpose: request.purpose, destination, carriesWorkspace: false, files: [] }, signal);
  if (allowed.outcome === "refused") return allowed;
  const headers = composeHeaders(destination, request.headers, null);
  const disclosure = { ...prepared.disclosure, origin: destination.origin, bytes: bytesOf("GET", destination, headers, null) };
  const keyed = prepared.keyed && destination.origin === prepared.destination.origin;
  return permitFor(parts, { ...prepared, destination, headers, disclosure, keyed, redirects: redirects + 1 });
}

/** The last step: the line is on disk before the permit exists. */
async function permitFor({ ledger, office, log }: GateParts, prepared: PreparedRequest): Promise<Permitted | Refusal> {
  const id = randomUUID();
  const { disclosure, restorer } = prepared;
  try {
    await ledger.append({ id, event: "sending", ...recorded(disclosure), bytesOut: disclosure.bytes, bytesIn: 0, status: null, durationMs: null, reason: null });
  } catch (error) {
    log.error(`gate: the ledger cannot be written (${(error as NodeJS.ErrnoException).code ?? "unknown"})`);
    return refusal("ledger", "The ledger of what leaves cannot be written, so nothing leaves.");
  }
  return { outcome: "permitted", permit: office.issue(id, prepared), restorer, disclosure };
}

async function recordRefusal(ports: GatePorts, { ledger, log }: GateParts, wanted: OutgoingRequest, url: string, { because, by }: Refusal): Promise<void> {
  if (by === "ledger") return;
  const destination = findDestination({ ...ports, switches: () => ({ ...ports.switches(), offlineOnly: false }) }, url);
  const origin = "outcome" in destination ? "[unreadable address]" : destination.origin;
  const files = wanted.files;
  await ledger.append({ id: randomUUID(), event: "refused", ...recorded({ origin, purpose: wanted.purpose, files }), bytesOut: 0, bytesIn: 0, status: null, durationMs: null, reason: because })
    .catch(() => { log.warn("gate: a refusal could not be recorded"); });
}

function recorded({ origin, purpose, files }: Pick<Disclosure, "origin" | "purpose" | "files">): Pick<Disclosure, "origin" | "purpose"> & { files: { path: string; startLine: number; endLine: number }[] } {
  return { origin, purpose, files: files.map(({ path, startLine, endLine }) => ({ path, startLine, endLine })) };
}

function together(masked: readonly Masked[]): Masked[] {
  const counts = new Map<string, number>();
  for (const { kind, count } of masked) counts.set(kind, (counts.get(kind) ?? 0) + count);
  return [...counts].map(([kind, count]) => ({ kind, count }));
}

/** Undoes several rounds of masking, the last one first. */
function chained(restorers: readonly Restorer[]): Restorer {
  const backwards = [...restorers].reverse();
  return {
    restore: (text) => backwards.reduce((restored, restorer) => restorer.restore(restored), text),
    stream() {
      const streams = backwards.map((restorer) => restorer.stream());
      return {
        push: (piece) => streams.reduce((shown, stream) => (shown === "" ? "" : stream.push(shown)), piece),
        end: () => streams.reduce((rest, stream) => (rest === "" ? "" : stream.push(rest)) + stream.end(), ""),
      };
    },
  };
}
