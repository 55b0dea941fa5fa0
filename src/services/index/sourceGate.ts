import type { QuestionContext } from "../../core/chat/answer";
import type { PlaceText } from "../../core/chat/placesToCompare";
import type { OpenParams } from "../../protocol/indexWorker";
import { createWorkspaceExclusions } from "./workspaceExclusions";

/** Asks the exclusions once more, ignore files read anew, before chosen text leaves the index for a model. */
export interface SourceGate {
  places(chosen: readonly PlaceText[]): Promise<readonly PlaceText[]>;
  context(chosen: QuestionContext): Promise<QuestionContext>;
}

/** Without `open` nothing passes. */
export function createSourceGate(open: OpenParams | undefined): SourceGate {
  const exclusions = open && createWorkspaceExclusions({ ...open, recheck: true });
  /** Why files may not leave, by their paths. */
  const reasonsFor = async (chosen: readonly { readonly file: string }[]): Promise<ReadonlyMap<string, string>> => {
    const reasons = new Map<string, string>();
    for (const file of new Set(chosen.map((place) => place.file))) {
      const decision = await exclusions?.decide(file);
      if (!decision) reasons.set(file, "outside the workspace");
      else if (decision.excluded) reasons.set(file, decision.reason);
    }
    return reasons;
  };
  return {
    async places(chosen) {
      const reasons = await reasonsFor(chosen);
      return chosen.filter(({ file }) => !reasons.has(file));
    },
    async context(chosen) {
      const reasons = await reasonsFor(chosen.sources);
      return {
        sources: chosen.sources.filter((source) => !reasons.has(source.file)),
        leftOut: [...chosen.leftOut, ...[...reasons].map(([file, reason]) => ({ file, reason }))],
      };
    },
  };
}
