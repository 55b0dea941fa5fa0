import type { QuestionContext } from "../../core/chat/answer";
import type { OpenParams } from "../../protocol/indexWorker";
import { createWorkspaceExclusions } from "./workspaceExclusions";

/** Asks the exclusions once more, ignore files read anew, before chosen text leaves the index for a prompt. */
export interface SourceGate {
  context(chosen: QuestionContext): Promise<QuestionContext>;
}

/** Without `open` nothing passes. */
export function createSourceGate(open: OpenParams | undefined): SourceGate {
  const exclusions = open && createWorkspaceExclusions({ ...open, recheck: true });
  return {
    async context(chosen) {
      const reasons = new Map<string, string>();
      for (const file of new Set(chosen.sources.map((source) => source.file))) {
        const decision = await exclusions?.decide(file);
        if (!decision) reasons.set(file, "outside the workspace");
        else if (decision.excluded) reasons.set(file, decision.reason);
      }
      return {
        sources: chosen.sources.filter((source) => !reasons.has(source.file)),
        leftOut: [...chosen.leftOut, ...[...reasons].map(([file, reason]) => ({ file, reason }))],
      };
    },
  };
}
