import type { LedgerEntry } from "./ledgerLine";

/** How a request stands. `unknown`: it was about to leave, and nothing says how it ended, so it must be taken as sent. */
export type RequestState = "sending" | "done" | "failed" | "refused" | "unknown";

/** One request, made of its lines. */
export interface LedgerRequest {
  readonly id: string;
  readonly state: RequestState;
  /** Of its first line. */
  readonly time: string;
  readonly origin: string;
  readonly purpose: LedgerEntry["purpose"];
  readonly files: LedgerEntry["files"];
  readonly bytesOut: number;
  readonly bytesIn: number;
  readonly status: number | null;
  readonly durationMs: number | null;
  readonly reason: string | null;
}

/** Requests in the order they began. `underWay`: ids of those that are known to be on their way just now. */
export function requestsIn(entries: readonly LedgerEntry[], underWay: ReadonlySet<string>): LedgerRequest[] {
  const lines = new Map<string, LedgerEntry[]>();
  for (const entry of entries) lines.set(entry.id, [...(lines.get(entry.id) ?? []), entry]);
  return [...lines.values()].flatMap((ofOne) => {
    const [first] = ofOne;
    const last = ofOne.at(-1);
    if (first === undefined || last === undefined) return [];
    const state = last.event === "sending" ? (underWay.has(first.id) ? "sending" : "unknown") : last.event;
    const { id, origin, purpose, bytesOut, bytesIn, status, durationMs, reason } = last;
    return [{ id, state, time: first.time, origin, purpose, files: first.files, bytesOut, bytesIn, status, durationMs, reason }];
  });
}

/** Requests in which every word of `query` stands, in whatever case: in the host, purpose, state, reason, time, id or a path. */
export function searchRequests(requests: readonly LedgerRequest[], query: string): LedgerRequest[] {
  const words = query.toLowerCase().split(/\s+/).filter((word) => word !== "");
  return requests.filter((request) => {
    const text = [request.origin, request.purpose, request.state, request.reason ?? "", request.time, request.id, ...request.files.map(({ path }) => path)].join("\n").toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

/** Bytes of requests that began, and must be taken as having left, on the local day of `now` (milliseconds since 1970). */
export function bytesOutOn(entries: readonly LedgerEntry[], now: number): number {
  const today = new Date(now).toDateString();
  const bytes = new Map<string, number>();
  for (const { id, event, time, bytesOut } of entries) {
    // The end of a request corrects its beginning, whatever day it is by then.
    if (event === "sending" ? new Date(time).toDateString() === today : bytes.has(id)) bytes.set(id, bytesOut);
  }
  return [...bytes.values()].reduce((sum, one) => sum + one, 0);
}
