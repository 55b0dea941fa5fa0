import { constants } from "node:fs";
import { lstat, open } from "node:fs/promises";
import path from "node:path";
import type { EffectivePolicy } from "../../core/outgoing/gatekeeper";
import { brokenPolicy, combinePolicies, parsePolicy, type ParsedPolicy } from "../../core/outgoing/policy";

/** Where a workspace folder's policy stands. */
export const WORKSPACE_POLICY = ".ghostlight/policy.json";
const LARGEST_BYTES = 256 * 1024;

export interface PolicyFilesOptions {
  /** Absolute paths of the open folders; asked anew each time. A folder that is not trusted counts too: a policy only forbids. */
  readonly folders: () => readonly string[];
  /** Absolute paths of the machine's own policies: `machinePolicyFiles(process.platform, process.env)`. */
  readonly machineFiles: readonly string[];
}

/** The policies of this machine and of the open folders. Holds no handle: each question looks whether a file changed. */
export interface PolicyFiles {
  /** Never rejects: what cannot be read is a problem in the policy. */
  read(): Promise<EffectivePolicy>;
}

interface Known {
  readonly state: string;
  readonly policy: ParsedPolicy;
}

/**
 * Places of the machine's policy that only an administrator can write. On Windows the environment may name another
 * folder than `C:\ProgramData`; every place counts, so that no environment variable takes a policy away.
 */
export function machinePolicyFiles(platform: string, environment: Readonly<Record<string, string | undefined>>): readonly string[] {
  if (platform === "darwin") return ["/Library/Application Support/Ghostlight/policy.json"];
  if (platform !== "win32") return ["/etc/ghostlight/policy.json"];
  const value = (name: string): string | undefined => Object.entries(environment).find(([key]) => key.toLowerCase() === name)?.[1];
  const folders = ["C:\\ProgramData", value("programdata"), value("allusersprofile"), `${value("systemdrive") ?? "C:"}\\ProgramData`];
  const absolute = folders.filter((folder): folder is string => folder !== undefined && /^[A-Za-z]:[\\/]/.test(folder));
  const files = absolute.map((folder) => path.win32.join(folder, "Ghostlight", "policy.json"));
  return files.filter((file, index) => files.findIndex((other) => other.toLowerCase() === file.toLowerCase()) === index);
}

/** Reads policies when they changed: by time, size and inode of the file. */
export function createPolicyFiles({ folders, machineFiles }: PolicyFilesOptions): PolicyFiles {
  const known = new Map<string, Known>();
  const policyOf = async (file: string, name: string, inFolder: boolean): Promise<ParsedPolicy | undefined> => {
    const state = await stateOf(file, inFolder);
    const earlier = known.get(file);
    if (state !== "" && earlier?.state === state) return earlier.policy;
    known.delete(file);
    if (state === "") return undefined;
    const policy = state.startsWith("! ") ? brokenPolicy(name, state.slice(2)) : await readPolicy(file, name, inFolder);
    if (policy) known.set(file, { state, policy });
    return policy;
  };
  let last: { readonly policies: readonly ParsedPolicy[]; readonly effective: EffectivePolicy } | undefined;
  return {
    async read() {
      const open = folders();
      const found = await Promise.all([
        ...machineFiles.map((file) => policyOf(file, file, false)),
        ...open.map((folder) => policyOf(path.join(folder, WORKSPACE_POLICY), open.length === 1 ? WORKSPACE_POLICY : `${path.basename(folder)}/${WORKSPACE_POLICY}`, true)),
      ]);
      const policies = found.filter((policy) => policy !== undefined);
      // The same files as before: their globs need not be made ready again.
      if (last?.policies.length !== policies.length || !policies.every((policy, index) => last?.policies[index] === policy)) last = { policies, effective: combinePolicies(policies) };
      return last.effective;
    },
  };
}

/** What tells one version of a file from another; empty where there is none; `! why` where it may not be read. */
async function stateOf(file: string, inFolder: boolean): Promise<string> {
  try {
    // A link in a repository could lead to any file of the machine. The machine's own file may be one: that is how some systems keep /etc.
    if (inFolder && (await lstat(path.dirname(file))).isSymbolicLink()) return "! stands in a folder that is a symbolic link";
    const found = await lstat(file, { bigint: true });
    // Read anew each time, also twice in one millisecond: what a link leads to may change without the link.
    if (found.isSymbolicLink()) return inFolder ? "! is a symbolic link" : `link ${String(process.hrtime.bigint())}`;
    if (!found.isFile()) return "! is no file";
    return [found.mtimeNs, found.ctimeNs, found.size, found.ino].join(" ");
  } catch (error) {
    return isMissing(error) ? "" : "! cannot be read";
  }
}

/** undefined: it was deleted meanwhile. */
async function readPolicy(file: string, name: string, inFolder: boolean): Promise<ParsedPolicy | undefined> {
  // Neither a link put in its place meanwhile is followed, nor does a pipe in its place keep us waiting.
  const flags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (inFolder ? constants.O_NOFOLLOW ?? 0 : 0);
  const handle = await open(file, flags).catch((error: unknown) => (error instanceof Error ? error : new Error("unknown")));
  if (handle instanceof Error) return isMissing(handle) ? undefined : brokenPolicy(name, "cannot be read");
  try {
    const { size } = await handle.stat().then((found) => (found.isFile() ? found : { size: -1 }));
    if (size < 0) return brokenPolicy(name, "is no file");
    if (size > LARGEST_BYTES) return brokenPolicy(name, "is larger than 256 kB");
    const bytes = new Uint8Array(LARGEST_BYTES + 1);
    let length = 0;
    for (let read = -1; read !== 0 && length < bytes.length; length += read) read = (await handle.read(bytes, length, bytes.length - length, length)).bytesRead;
    if (length > LARGEST_BYTES) return brokenPolicy(name, "is larger than 256 kB");
    return parsePolicy(new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(0, length)), name);
  } catch (error) {
    return brokenPolicy(name, error instanceof TypeError ? "is not written in UTF-8" : "cannot be read");
  } finally {
    await handle.close();
  }
}

function isMissing(error: unknown): boolean {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  return code === "ENOENT" || code === "ENOTDIR";
}
