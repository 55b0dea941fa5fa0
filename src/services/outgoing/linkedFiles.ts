import { realpath } from "node:fs/promises";
import path from "node:path";
import type { EffectivePolicy } from "../../core/outgoing/gatekeeper";

/**
 * The rule of a policy that keeps a file from leaving because of where it truly lies: a link out of a folder that may
 * leave into one that may not. Undefined where no rule does, and for a file that cannot be resolved, which nothing can
 * have been read from. `folders` are absolute paths of the open folders.
 */
export async function forbiddenTarget(file: string, folders: readonly string[], policy: Pick<EffectivePolicy, "neverCloud" | "neverIndex">): Promise<string | undefined> {
  const target = await realpath(file).catch(() => undefined);
  if (target === undefined || target === file) return undefined;
  for (const folder of folders) {
    const inside = path.relative(await realpath(folder).catch(() => folder), target).split(path.sep).join("/");
    if (inside === "" || inside.startsWith("../") || inside === ".." || path.isAbsolute(inside)) continue;
    const rule = policy.neverCloud(inside) ?? policy.neverIndex(inside);
    if (rule !== undefined) return `it is a link to ${inside}, and ${rule}`;
  }
  return undefined;
}
