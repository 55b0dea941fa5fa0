import type { EffectivePolicy, GatePorts, NetworkSwitches, Refusal, RefusedBy } from "../../core/outgoing/gatekeeper";
import { readDestination, wordsFor, type Destination } from "../../core/outgoing/origin";
import type { OutgoingFile, OutgoingRequest, Purpose } from "../../core/outgoing/request";

/** A request that no rule forbids. */
export interface Allowed {
  readonly outcome: "allowed";
  readonly policy: EffectivePolicy;
  /** Standing grants hold. */
  readonly trusted: boolean;
}

/** What the rules need to know of a request. */
export interface Questioned {
  readonly purpose: Purpose;
  readonly destination: Destination;
  readonly carriesWorkspace: boolean;
  readonly files: readonly OutgoingFile[];
}

/**
 * Asks every rule, in this order: offline-only, the switch of the host's class, trust, policy, exclusions. A rule that
 * cannot be read forbids.
 */
export async function askRules(ports: GatePorts, questioned: Questioned, signal: AbortSignal): Promise<Allowed | Refusal> {
  const switches = ports.switches();
  const switchedOff = refusedBySwitches(switches, questioned);
  if (switchedOff) return switchedOff;
  const policy = await policyOf(ports);
  signal.throwIfAborted();
  if ("outcome" in policy) return policy;
  const forbidden = refusedByPolicy(policy, questioned) ?? (await refusedByExclusions(ports, questioned.files));
  signal.throwIfAborted();
  return forbidden ?? { outcome: "allowed", policy, trusted: switches.trusted };
}

/** The destination of a request, or the refusal where its address may not be asked. With offline-only on, that is said first. */
export function findDestination(ports: GatePorts, url: string): Destination | Refusal {
  const offline = refusedOffline(ports.switches());
  if (offline) return offline;
  const destination = readDestination(url);
  return "refused" in destination ? refusal("address", destination.refused) : destination;
}

/** Whether a request holds text of the person or of the workspace. */
export function carriesWorkspace({ texts, files }: Pick<OutgoingRequest, "texts" | "files">): boolean {
  return texts.length > 0 || files.length > 0;
}

/** A refusal with the sentence for the person. */
export function refusal(by: RefusedBy, because: string): Refusal {
  return { outcome: "refused", by, because };
}

function refusedOffline({ offlineOnly }: NetworkSwitches): Refusal | undefined {
  return offlineOnly ? refusal("offlineOnly", "Offline-only mode is on: nothing is sent or downloaded until you switch it off in your user settings.") : undefined;
}

function refusedBySwitches(switches: NetworkSwitches, { purpose, destination, carriesWorkspace }: Questioned): Refusal | undefined {
  const offline = refusedOffline(switches);
  if (offline) return offline;
  // A download is a click on "get" and carries nothing of the person's; it still has no business in the own network unasked.
  const needsSwitch = purpose !== "download" || destination.hostClass === "yourNetwork";
  if (needsSwitch && !switches.allowed[destination.hostClass]) return refusal("settings", `Requests to ${wordsFor(destination.hostClass)} are off (${destination.host}); they can be allowed in your user settings.`);
  if (carriesWorkspace && !switches.trusted) return refusal("trust", "This workspace is not trusted: nothing of it is sent. Trust the workspace first.");
  return undefined;
}

async function policyOf(ports: GatePorts): Promise<EffectivePolicy | Refusal> {
  try {
    return await ports.policy();
  } catch {
    return refusal("policy", "The policy files could not be read; until they can, nothing leaves.");
  }
}

function refusedByPolicy(policy: EffectivePolicy, { destination, files }: Questioned): Refusal | undefined {
  const [problem] = policy.problems;
  if (problem !== undefined) return refusal("policy", `A policy file cannot be understood, so nothing leaves: ${problem}`);
  if (policy.offlineOnly) return refusal("policy", `${policy.offlineOnly.file} forbids everything that would leave this machine.`);
  const host = policy.hostForbidden(destination.host, destination.port);
  if (host !== undefined) return refusal("policy", `${destination.host} may not be asked: ${host}`);
  for (const { path } of files) {
    const rule = policy.neverCloud(path) ?? policy.neverIndex(path);
    if (rule !== undefined) return refusal("policy", `${path} may not leave: ${rule}`);
  }
  return undefined;
}

async function refusedByExclusions(ports: GatePorts, files: readonly OutgoingFile[]): Promise<Refusal | undefined> {
  const reasons = await Promise.all(files.map(({ path, file }) => ports.excludedBecause({ path, file }).catch(() => "whether it is excluded could not be found out")));
  const index = reasons.findIndex((reason) => reason !== undefined);
  return index < 0 ? undefined : refusal("excludedFile", `${files[index]?.path ?? ""} may not leave: ${reasons[index] ?? ""}`);
}
