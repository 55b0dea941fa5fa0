import { readFile } from "node:fs/promises";
import { requireSystemTool } from "../../../scripts/editorHost/systemTools";

/** One system call that reaches for a network. */
export interface ConnectionAttempt {
  readonly processId: number;
  /** Program and arguments of the process, as far as the trace shows them. */
  readonly command: string;
  readonly call: string;
  /** `unix`, `inet 127.0.0.1:443`, `inet6 ::1:443` or the family's name. */
  readonly address: string;
}

/** What a trace says about one process and everything it started. */
export interface ProcessTree {
  readonly processIds: ReadonlySet<number>;
  readonly commands: readonly string[];
}

/** A trace of process creation and of every call that names an address. */
export interface ConnectionTrace {
  readonly attempts: readonly ConnectionAttempt[];
  /** The processes whose command line matches, with all their descendants and threads. */
  treeOf(command: RegExp): ProcessTree;
}

const reaching = ["connect", "sendto", "sendmsg", "sendmmsg", "bind", "listen"];
const creating = ["execve", "clone", "clone3", "fork", "vfork"];

/** Command line to put before another one, so that it and all it starts are traced into `file`. Throws a plain error where strace is missing. */
export async function tracerCommand(file: string): Promise<string[]> {
  const strace = await requireSystemTool({
    programs: ["strace"],
    debianPackage: "strace",
    purpose: "show that nothing connects",
    otherwise: "It exists for Linux only; this proof runs there.",
  });
  // The kernel's filter leaves every other call at full speed.
  return [strace, "--follow-forks", "--seccomp-bpf", "-qq", "-s", "300", "-o", file, "-e", `trace=${[...reaching, ...creating].join(",")}`, "--"];
}

/** Reads what the tracer wrote. */
export async function readTrace(file: string): Promise<ConnectionTrace> {
  return parseTrace(await readFile(file, "utf8"));
}

/** Understands the tracer's lines: `PID call(arguments) = result`, also where a call was interrupted by another process's. */
export function parseTrace(text: string): ConnectionTrace {
  const parents = new Map<number, number>();
  const commands = new Map<number, string>();
  const raw: { processId: number; call: string; address: string }[] = [];
  for (const line of text.split("\n")) {
    const processId = Number(/^(\d+)\s/.exec(line)?.[1]);
    const child = /\s(?:<\.\.\. )?(?:clone3?|v?fork)\b.*=\s(\d+)(?:\s|$)/.exec(line)?.[1];
    if (child !== undefined) parents.set(Number(child), processId);
    const executed = /\sexecve\("[^"]*", \[(.*?)\](?:,|\s|$)/.exec(line)?.[1];
    if (executed !== undefined) commands.set(processId, executed.replaceAll(/"(?:, )?/g, " ").trim());
    const call = /^\d+\s+(\w+)\(/.exec(line)?.[1];
    const address = call !== undefined && reaching.includes(call) ? addressIn(line) : null;
    if (call !== undefined && address !== null) raw.push({ processId, call, address });
  }
  const commandOf = (processId: number): string => commands.get(processId) ?? (parents.has(processId) ? commandOf(parents.get(processId) ?? 0) : "?");
  return {
    attempts: raw.map((attempt) => ({ ...attempt, command: commandOf(attempt.processId) })),
    treeOf: (command) => treeOf(command, parents, commands),
  };
}

/** Null where a call names no address: it then writes to what is connected already. */
function addressIn(line: string): string | null {
  const family = /sa_family=AF_(\w+)/.exec(line)?.[1]?.toLowerCase();
  if (family === undefined) return null;
  if (family !== "inet" && family !== "inet6") return family;
  const port = /sin6?_port=htons\((\d+)\)/.exec(line)?.[1] ?? "?";
  const host = /inet_addr\("([^"]+)"\)/.exec(line)?.[1] ?? /inet_pton\(AF_INET6, "([^"]+)"/.exec(line)?.[1] ?? "?";
  return `${family} ${host}:${port}`;
}

function treeOf(command: RegExp, parents: ReadonlyMap<number, number>, commands: ReadonlyMap<number, string>): ProcessTree {
  const roots = [...commands].filter(([, words]) => command.test(words)).map(([processId]) => processId);
  const tree = new Set(roots);
  const belongs = (processId: number): boolean => {
    if (tree.has(processId)) return true;
    const parent = parents.get(processId);
    if (parent === undefined || !belongs(parent)) return false;
    tree.add(processId);
    return true;
  };
  for (const processId of parents.keys()) belongs(processId);
  return { processIds: tree, commands: [...tree].flatMap((processId) => commands.get(processId) ?? []) };
}
