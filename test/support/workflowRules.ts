import { load } from "js-yaml";

/** What may go wrong in a workflow file. */
export type WorkflowRule = "form" | "trigger" | "permission" | "secret" | "pin" | "command" | "expression" | "checkout" | "limit" | "address";

export interface WorkflowFault {
  readonly rule: WorkflowRule;
  readonly message: string;
}

/** The parts of a step, a job and a workflow that the rules read. */
interface Step { readonly uses?: string; readonly run?: string; readonly with?: Readonly<Record<string, unknown>>; readonly env?: Readonly<Record<string, unknown>> }
interface Job {
  readonly "runs-on"?: string; readonly "timeout-minutes"?: number; readonly uses?: string; readonly environment?: unknown; readonly permissions?: unknown;
  readonly strategy?: { readonly matrix?: Readonly<Record<string, unknown>> }; readonly steps?: readonly Step[];
}
interface Workflow { readonly on?: unknown; readonly permissions?: unknown; readonly env?: unknown; readonly jobs: Readonly<Record<string, Job>> }

/** Of the many events, those whose code is the project's own, or runs without any right. */
const triggers = ["pull_request", "push", "workflow_call", "workflow_dispatch"];
const systems = /^(ubuntu|macos|windows)-\d[\w.-]*$/;
/** Programs that could bring in what no lock file names. */
const fetching = /\bnpm (install|i|add|exec|update)\b|\bnpx\b|\bcurl\b|\bwget\b|\bpip\b|\bcorepack\b/;

/** Every breach of the rules for workflow files in one of them. `scripts`: the names of package.json's scripts. Pure. */
export function workflowFaults(text: string, scripts: readonly string[]): WorkflowFault[] {
  const workflow = parsed(text);
  if (workflow === null) return [{ rule: "form", message: "is no YAML mapping with triggers, permissions and jobs" }];
  const events = eventsOf(workflow);
  const jobs = Object.entries(workflow.jobs);
  return [
    ...events.filter((event) => !triggers.includes(event)).map((event) => fault("trigger", event)),
    ...permissionFaults("the workflow", workflow.permissions, false),
    ...jobs.flatMap(([name, job]) => jobFaults(name, job, events, scripts)),
    ...secretFaults(text, workflow, events),
    ...pinFaults(text),
    ...(/https?:\/\/|registry-url/.test(text) ? [fault("address", "names an address: what is fetched comes through npm or an action")] : []),
  ];
}

function parsed(text: string): Workflow | null {
  try {
    const value = load(text) as Partial<Workflow> | null | undefined;
    if (typeof value !== "object" || value === null || value.on === undefined || value.permissions === undefined) return null;
    return typeof value.jobs === "object" && value.jobs !== null ? (value as Workflow) : null;
  } catch {
    return null;
  }
}

function eventsOf({ on }: Workflow): string[] {
  if (typeof on === "string") return [on];
  return Array.isArray(on) ? on.map(String) : Object.keys(on ?? {});
}

/** Rights are a mapping, so that each is named; only single jobs may write. */
function permissionFaults(who: string, permissions: unknown, mayWrite: boolean): WorkflowFault[] {
  if (typeof permissions !== "object" || permissions === null) return [fault("permission", `${who} asks for ${String(permissions)} instead of naming rights`)];
  const writing = writes(permissions);
  return mayWrite || writing.length === 0 ? [] : [fault("permission", `${who} may write ${writing.join(", ")}`)];
}

function writes(permissions: unknown): string[] {
  return Object.entries(permissions ?? {}).filter(([, right]) => right !== "read" && right !== "none").map(([name]) => name);
}

function jobFaults(name: string, job: Job, events: readonly string[], scripts: readonly string[]): WorkflowFault[] {
  const faults = job.permissions === undefined ? [] : permissionFaults(name, job.permissions, !events.includes("pull_request"));
  if (job.uses !== undefined) return faults;
  const system = job["runs-on"] ?? "";
  const matrix = Object.values(job.strategy?.matrix ?? {}).flat().map(String);
  const machines = system.startsWith("${{ matrix.") ? matrix : [system];
  if (machines.length === 0 || machines.some((machine) => !systems.test(machine))) faults.push(fault("limit", `${name} runs on ${machines.join(", ")}: name the version`));
  if (!Number.isInteger(job["timeout-minutes"])) faults.push(fault("limit", `${name} has no timeout-minutes`));
  const steps = job.steps ?? [];
  // With a right to write, nothing of the repository and of its packages runs.
  if (writes(job.permissions).length > 0 && steps.some(({ uses = "", run = "" }) => uses.startsWith("actions/checkout@") || /\b(npm|node)\b/.test(run))) faults.push(fault("permission", `${name} may write and runs the repository's code`));
  return [...faults, ...steps.flatMap((step) => stepFaults(name, step, scripts))];
}

function stepFaults(name: string, { uses = "", run = "", with: options }: Step, scripts: readonly string[]): WorkflowFault[] {
  const faults: WorkflowFault[] = [];
  if (uses.startsWith("actions/checkout@") && options?.["persist-credentials"] !== false) faults.push(fault("checkout", `${name} leaves the token with the files`));
  if (run.includes("${{")) faults.push(fault("expression", `${name} puts an expression into a command: give it as a variable`));
  if (fetching.test(run)) faults.push(fault("command", `${name} fetches what no lock file names: ${run.trim()}`));
  for (const [command] of run.matchAll(/\bnpm ci\b[^\n&|;]*/g)) {
    if (!command.includes("--ignore-scripts")) faults.push(fault("command", `${name} runs install scripts: ${command}`));
  }
  for (const [, script = ""] of run.matchAll(/\bnpm run ([\w:-]+)/g)) {
    if (!scripts.includes(script)) faults.push(fault("command", `${name} runs a script that does not exist: ${script}`));
  }
  return faults;
}

/** A secret goes to one step of a job in a protected environment, and never to a workflow that a pull request starts. */
function secretFaults(text: string, workflow: Workflow, events: readonly string[]): WorkflowFault[] {
  const mention = /\bsecrets\b/;
  const jobs = Object.entries(workflow.jobs);
  const steps = jobs.flatMap(([name, job]) => (job.steps ?? []).map((step) => ({ name, job, step })));
  const rightful = steps.filter(({ job, step }) => job.environment !== undefined && mention.test(JSON.stringify(step.env ?? {})));
  const holders = new Set(rightful.map(({ name }) => name));
  const allowed = rightful.reduce((sum, { step }) => sum + (JSON.stringify(step.env).match(/\bsecrets\b/g) ?? []).length, 0);
  const all = (text.replace(/^\s*#.*$/gm, "").match(/\bsecrets\b/g) ?? []).length;
  return [
    ...(all > allowed ? [fault("secret", "a secret is named outside the variables of a step in a job with an environment")] : []),
    ...(all > 0 && events.some((event) => event === "pull_request" || event === "workflow_call") ? [fault("secret", "a secret in a workflow that a pull request can start")] : []),
    ...[...holders].filter((name) => (workflow.jobs[name]?.steps ?? []).some(({ run = "" }) => /\bnpm run\b/.test(run))).map((name) => fault("secret", `${name} has a secret and runs the project's scripts`)),
  ];
}

/** Comments are lost in parsing, and the version belongs beside the hash: these are read from the lines. */
function pinFaults(text: string): WorkflowFault[] {
  return text.split("\n").flatMap((line) => {
    const [, action] = /^\s*(?:- )?uses:\s*(.*)$/.exec(line) ?? [];
    if (action === undefined || /^\.\/\.github\/workflows\/[\w-]+\.yml$/.test(action)) return [];
    const byHash = /^[\w-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(action);
    const byTag = /^[\w-]+\/[\w./-]+@v\d+(\.\d+)* # must be pinned/.test(action);
    return byHash || byTag ? [] : [fault("pin", `${action}: a commit and its version, or a version that says it must be pinned`)];
  });
}

function fault(rule: WorkflowRule, message: string): WorkflowFault {
  return { rule, message };
}
