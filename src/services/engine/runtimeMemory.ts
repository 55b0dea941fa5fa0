import * as valibot from "valibot";
import { readJsonFile, writeJsonFile } from "../store/jsonFile";
import type { RuntimeMemory } from "./engineSupervisor";

const stored = valibot.object({ lastDied: valibot.picklist(["editor", "node"]) });

/** Remembers in a small file which runtime died while loading, so that it is not tried first in the next session. */
export function createRuntimeMemory(path: string): RuntimeMemory {
  return {
    lastDied: () => {
      const parsed = valibot.safeParse(stored, readJsonFile(path));
      return parsed.success ? parsed.output.lastDied : undefined;
    },
    remember: (kind) => { writeJsonFile(path, { lastDied: kind }); },
  };
}
