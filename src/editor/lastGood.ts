import type * as vscode from "vscode";
import type { ModelRole } from "../protocol/engine";

/** The model by which a role was filled last, across sessions; an empty path for what comes with Ghostlight. */
export interface LastGood {
  read(role: ModelRole): string;
  write(role: ModelRole, path: string): void;
}

/** Kept by the editor for all windows of a person. */
export function createLastGood(state: vscode.Memento): LastGood {
  const key = (role: ModelRole): string => `lastGood.${role}`;
  return {
    read: (role) => {
      const stored = state.get<unknown>(key(role));
      return typeof stored === "string" ? stored : "";
    },
    write: (role, path) => { if (state.get<unknown>(key(role)) !== path) void state.update(key(role), path); },
  };
}
