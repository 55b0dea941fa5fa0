import type { DefinitionKind } from "../../protocol/indexWorker";

/** What kind of answer a question asks for. */
export type Intent =
  | { readonly kind: "definition" | "usage" | "callers" | "callees" | "implementers" | "contents" | "importers" | "imports" | "explain" | "overview" | "unused" | "concept" }
  | { readonly kind: "listing"; readonly of: readonly DefinitionKind[] | "files" | "tests" };

export type IntentKind = Intent["kind"];

const LISTED: readonly (readonly [RegExp, readonly DefinitionKind[] | "files" | "tests"])[] = [
  [/\b(functions?|functionality|routines?|procedures?)\b/, ["function", "method"]],
  [/\bmethods?\b/, ["method"]],
  [/\b(classes|class|structs?|records?)\b/, ["class"]],
  [/\b(interfaces?|traits?|protocols?)\b/, ["interface"]],
  [/\btypes?\b/, ["type", "interface", "class", "enum"]],
  [/\benums?\b|\benumerations?\b/, ["enum"]],
  [/\b(constants?|consts?)\b/, ["constant"]],
  [/\b(variables?|globals?)\b/, ["variable", "constant"]],
  [/\bmacros?\b/, ["macro"]],
  [/\b(fields?|properties|members?)\b/, ["field", "method"]],
  [/\b(sections?|headings?)\b/, ["section"]],
  [/\b(tests?|specs?)\b/, "tests"],
  [/\b(files?|modules?)\b/, "files"],
];

const LISTING = /^(please )?(list|enumerate|show( me)?( all)?|give me( a list of)?( all)?|what are( all)?|which|what|name( all)?|print|tell me( all)?)( the| of the| every| each| all| exported| public| top[- ]level| main)* (functions?|methods?|class(es)?|structs?|interfaces?|traits?|types?|enums?|constants?|variables?|macros?|fields?|properties|members?|sections?|headings?|tests?|files?|modules?)\b/;
const UNUSED = /\b(unused|dead code|not (being )?(used|called|referenced)( anywhere| at all)?|never (used|called|referenced|imported)|nobody (uses|calls)|no callers?|without callers?)\b/;
const HOW_MANY = /^how many (functions?|methods?|class(es)?|structs?|interfaces?|traits?|types?|enums?|constants?|tests?|files?)\b/;

/** First match wins, so the more special shape stands first. Matched against the lower-case question without its end mark. */
const SHAPES: readonly (readonly [RegExp, Exclude<IntentKind, "listing">])[] = [
  [/^(what is|what's|what does|describe|explain|summari[sz]e|give me an? (overview|summary) of|overview of|tell me about) (this|the|our|my) (whole |entire )?(project|repo(sitory)?|code ?base|workspace|app(lication)?|program|code)( do| about| for| all about)?$/, "overview"],
  [/^(overview|give me an overview|project (overview|structure)|where (do|should) i (start|begin)|(what is|how is) the (project|repo(sitory)?|code ?base|code) (structure|organi[sz]ed|structured|laid out)|how is (this|the) (project|code|repo(sitory)?|code ?base) (organi[sz]ed|structured|laid out)|what('s| is) in (this|the) (project|repo(sitory)?|workspace|code ?base)|(what is|where is|which is|what's) the (main )?entry[- ]?point)\b/, "overview"],
  [/\b(who|what|which|where|how many|find|show|list)\b.*\b(imports?|imported|includes?|included|requires|required|depends? (up)?on|importers)\b.*/, "importers"],
  [/\bimporters? of\b|\bdependents? of\b|\bimported by\b/, "importers"],
  [/\b(implement(s|ed|ing|ations?)?|extend(s|ed|ing)?|subclass(es)?|derive[sd]?|inherit(s|ed)?|implementers|implementors)\b/, "implementers"],
  [/\b(what|which)\b.*\b(does|do|are)\b.*\b(call|calls|invoke|invokes|called by|use inside)\b|\bcallees\b/, "callees"],
  [/\b(who|what|which|where|how often|how many|find|show|list|from where|is|are|does anything|does anybody|anyone|anything)\b.*\b(calls?|called|calling|callers?|invoke[sd]?|invoking|invocations?|constructs?|constructed|instantiate[sd]?|creates? an? (instance|object))\b|^callers?\b|^calls? (to|of)\b/, "callers"],
  [/\b(us(e|es|ed|ing)|usages?|references?|referenced|refers? to|mentions?|mentioned|occurrences?|consumers?|consumed)\b/, "usage"],
  [/^where('s| is| are| can i find| do i find| do we| does| did)?\b.*\b(defin(ed?|itions?)|declared?|declarations?|implemented|written|come from|comes from|located|live|lives|found|stand|stands)$/, "definition"],
  [/^((in|from|at) )?(what|which) (source )?(file|module|folder|line|place)\b.*\b(is|are|has|have|holds?|defines?|declares?)\b|\b(definition|declaration) (of|for)\b|^(go to|goto|jump to|find|locate|open|show( me)?)\b|^where('s| is| are)\b/, "definition"],
  [/\b(contents? of|contains?|outline|(what's|what is|what are|what things are|whats) (there )?(in|inside|within)|(defined|declared) (in|inside|by)|structure of|what does .* (define|declare|export|provide|offer|hold))\b/, "contents"],
  [/^(what (is|are|does|do|was)|what's|whats|explain|describe|summari[sz]e|tell me about|how does|how do|how is|document(ation)? (of|for)|signature of|(what|which) (parameters?|arguments?|params|args)|what .* returns?|why|help me understand|doc|docs)\b/, "explain"],
];

/** Reads the kind of a question from its words alone. `importers` against `imports` is told by who does the importing. */
export function intentOf(question: string): Intent {
  const text = question.toLowerCase().replace(/\s+/g, " ").replace(/`/g, "").trim().replace(/[?.!\s]+$/, "").replace(/^((please|can you|could you|would you|hey|hi|ok|so|and|tell me|i want to know|i'd like to know|do you know|can you tell me|could you tell me|show me)[, ]+)+(?=(who|what|which|where|how|why|list|explain|find|show|describe)\b)/, "").replace(/^(the |all |all the )?(files|modules|functions|classes|methods|places) (that|which|where) /, "which $2 ");
  if (UNUSED.test(text)) return { kind: "unused" };
  if (isImports(text)) return { kind: "imports" };
  const listing = listingOf(text);
  if (listing) return listing;
  for (const [shape, kind] of SHAPES) if (shape.test(text)) return { kind };
  return { kind: "concept" };
}

/** "what does X import", "imports of X", "dependencies of X". */
function isImports(text: string): boolean {
  return /\b(what|which)\b.*\b(does|do)\b.*\b(import|include|require|depend on|use from outside)$/.test(text) || /\b(imports|includes|dependencies|requires) (of|in|for)\b/.test(text);
}

function listingOf(text: string): Intent | undefined {
  if (!LISTING.test(text) && !HOW_MANY.test(text)) return undefined;
  if (/^(what|which) (file|module|folder|class) (is|has|holds|defines|declares|contains)\b/.test(text)) return undefined;
  // "which functions call X" and "which classes implement X" list something else than their first noun.
  if (/\b(call|calls|called by|calling|invoke|use|uses|using|reference|references|mention|import|imports|include|require|depend|implement|implements|extend|extends|inherit|handle|handles|read|write|deal|take|return|create)\b/.test(text)) return undefined;
  const noun = text.replace(/^.*?\b(?=(functions?|methods?|class(es)?|structs?|interfaces?|traits?|types?|enums?|constants?|variables?|macros?|fields?|properties|members?|sections?|headings?|tests?|files?|modules?)\b)/, "");
  const first = LISTED.find(([pattern]) => pattern.test(noun.split(" ")[0] ?? ""));
  return first ? { kind: "listing", of: first[1] } : undefined;
}
