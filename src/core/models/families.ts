import { detectChatFamily, type ChatFamilyDecision } from "./chatFamilies";
import { detectFimFamily, type FamilyDecision } from "./fimFamilies";
import type { ModelFacts } from "./modelFacts";

const SPACE_PREFIX = "its SentencePiece vocabulary puts a blank before every text, which this version cannot undo";

/** The fill-in-the-middle family of a file, or why this version cannot complete with it. */
export function fimFamilyOf(facts: ModelFacts, vocabulary: ReadonlySet<string> = new Set(facts.tokens)): FamilyDecision {
  if (facts.addsSpacePrefix) return { family: null, reason: SPACE_PREFIX };
  const decision = detectFimFamily({ name: facts.name, hasToken: (token) => vocabulary.has(token), ...(facts.ghostlightFim === undefined ? {} : { ghostlightFim: facts.ghostlightFim }) });
  if (!decision.family) return decision;
  const { family } = decision;
  const missing = Object.values(family.tokens).find((token) => !vocabulary.has(token));
  return missing === undefined ? decision : { family: null, reason: `it looks like the ${family.id} family, but its vocabulary lacks ${missing}` };
}

/** The chat family of a file, or why this version cannot chat with it. The template inside the file is not looked at. */
export function chatFamilyOf(facts: ModelFacts, vocabulary: ReadonlySet<string> = new Set(facts.tokens)): ChatFamilyDecision {
  return facts.addsSpacePrefix ? { family: null, reason: SPACE_PREFIX } : detectChatFamily((token) => vocabulary.has(token));
}
