const LONGEST_PATTERN = 200;
const MOST_OPEN_REPETITIONS = 4;

interface Group {
  /** A repetition without a fixed count, or alternatives, stand in it. */
  varies: boolean;
}

/**
 * Why a regular expression from a policy is not accepted; undefined where it is. Policies come with repositories, so an
 * expression must not be able to stop the editor: no repeated group that itself repeats or chooses (that is where
 * backtracking becomes exponential), no references back, no looking around, few open repetitions. What is left can still
 * be slow on a text made for it, so `services/outgoing/timedPatterns.ts` also stops it after a time.
 */
export function whyPatternIsUnsafe(source: string): string | undefined {
  if (source.length > LONGEST_PATTERN) return `is longer than ${String(LONGEST_PATTERN)} characters`;
  let pattern: RegExp;
  try {
    pattern = new RegExp(source, "u");
  } catch {
    return "is no regular expression (flag u holds: escape only what has a meaning)";
  }
  if (pattern.test("")) return "also matches nothing at all";
  return whyStructureIsUnsafe(source);
}

function whyStructureIsUnsafe(source: string): string | undefined {
  const groups: Group[] = [{ varies: false }];
  let closed: Group | undefined;
  let open = 0;
  for (let index = 0; index < source.length; index++) {
    const token = tokenAt(source, index);
    if (/^\\[1-9k]/.test(token)) return "refers back to a group";
    if (/^\(\?(?:[=!]|<[=!])/.test(token)) return "looks ahead or behind";
    index += token.length - 1;
    const group = groups.at(-1);
    if (!group) return "has a bracket too many";
    if (token.startsWith("(")) {
      groups.push({ varies: false });
      closed = undefined;
    } else if (token === ")") {
      closed = groups.pop();
      const outer = groups.at(-1);
      if (outer && closed?.varies) outer.varies = true;
    } else if (token === "|") {
      group.varies = true;
      closed = undefined;
    } else if (isRepetition(token)) {
      if (closed?.varies && repeats(token)) return "repeats a group that itself repeats or chooses";
      if (!/^\{\d+\}/.test(token)) group.varies = true;
      if (/^[*+]|,\}/.test(token) && ++open > MOST_OPEN_REPETITIONS) return `has more than ${String(MOST_OPEN_REPETITIONS)} open repetitions`;
      closed = undefined;
    } else {
      closed = undefined;
    }
  }
  return undefined;
}

/** One unit of the expression: an escape, a class, the opening of a group, a repetition, or one character. */
function tokenAt(source: string, index: number): string {
  const rest = source.slice(index);
  return /^(?:\\(?:[pPu]\{[^}]*\}|x..|u....|c.|k<[^>]*>|[\s\S])|\[(?:\\[\s\S]|[^\]\\])*\]|\((?:\?(?:<[=!]|[:=!]|<[^>]*>))?|(?:[*+?]|\{\d+(?:,\d*)?\})\??)/.exec(rest)?.[0] ?? (rest[0] ?? "");
}

function isRepetition(token: string): boolean {
  return /^(?:[*+?]|\{\d)/.test(token);
}

function repeats(token: string): boolean {
  return !/^(?:\?|\{[01](?:,1)?\})/.test(token);
}
