import { isOrdinarySetting, isPlainWord } from "./plainValues";

const SHORTEST_VALUE = 6;
const SHORTEST_COMMENTED = 8;
const SHORTEST_LINE = 16;

/** Whether a file of that name holds environment values: `.env`, `.env.local`, `production.env`, `.envrc`, `.dev.vars`. */
export function isEnvironmentFileName(name: string): boolean {
  return /^\.env(?:[._-].*)?$|\.env$|^\.envrc$|^\.dev\.vars(?:\..*)?$|^\.flaskenv$/i.test(name);
}

/**
 * Values of an environment file that are worth keeping secret, each once: at least six characters, no ordinary words or
 * settings. Dialects differ on quotes, comments and escapes; where they do, each reading gives a value, since one
 * masked text too many is the smaller harm. Of a value of several lines, its longer lines count too.
 */
export function environmentValues(text: string): string[] {
  const found = new Set<string>();
  for (const value of readings(text.replace(/^\uFEFF/, "").replaceAll("\r\n", "\n"))) {
    if (isWorthKeeping(value)) found.add(value);
    const password = /^[a-z][a-z0-9+.-]*:\/\/[^\s:@/]*:([^\s@]+)@/i.exec(value)?.[1];
    if (password !== undefined && isWorthKeeping(password)) found.add(password);
    const lines = value.includes("\n") ? value.split("\n") : [];
    for (const line of lines) if (line.trim().length >= SHORTEST_LINE && !/^-{4,}/.test(line.trim())) found.add(line.trim());
  }
  return [...found];
}

/** How a value may stand in program text: as it is, escaped for a string, for an address, or in base64 as Kubernetes keeps it. */
export function spellingsOf(value: string, base64Of: (text: string) => string): string[] {
  const escaped = JSON.stringify(value).slice(1, -1);
  const spellings = [value, escaped, escaped.replaceAll("/", "\\/"), value.replaceAll("\n", "\r\n"), addressed(value)];
  if (value.length >= 8) spellings.push(base64Of(value).replace(/=+$/, ""));
  return [...new Set(spellings)].filter((spelling) => spelling.length >= SHORTEST_VALUE);
}

function addressed(value: string): string {
  try {
    return encodeURIComponent(value);
  } catch {
    return value; // Half a surrogate pair cannot be written in an address.
  }
}

function isWorthKeeping(value: string): boolean {
  return value.length >= SHORTEST_VALUE && !isPlainWord(value) && !isOrdinarySetting(value) && !/^\$\{?\w+\}?$/.test(value);
}

function* readings(text: string): Generator<string> {
  const assignment = /^[ \t]*(#?)[ \t]*(?:export[ \t]+|set[ \t]+|declare[ \t]+-x[ \t]+)?[\w.-]+[ \t]*(?:=|:(?=[ \t]))[ \t]*/gm;
  for (let match = assignment.exec(text); match; match = assignment.exec(text)) {
    const start = match.index + match[0].length;
    const quote = text[start];
    const lineEnd = endOfLine(text, start);
    const rest = text.slice(start, lineEnd).trim();
    if (match[1] === "#") {
      // A line that was commented out; prose after a colon is none.
      if (rest.length >= SHORTEST_COMMENTED && !/\s/.test(rest) && match[0].includes("=")) yield unquoted(rest);
      assignment.lastIndex = lineEnd;
      continue;
    }
    const close = quote === "\"" || quote === "'" || quote === "`" ? closingQuote(text, start, quote) : -1;
    if (close >= 0) {
      const inside = text.slice(start + 1, close);
      yield inside;
      if (inside.includes("\\")) yield unescaped(inside);
      assignment.lastIndex = Math.max(close, start);
      continue;
    }
    yield rest;
    yield rest.replace(/\s+#.*$/, "");
    yield rest.replace(/#.*$/, "").trim();
    if (rest.includes("\\")) yield unescaped(rest);
    assignment.lastIndex = lineEnd;
  }
}

function closingQuote(text: string, start: number, quote: string): number {
  for (let index = start + 1; index < text.length; index++) {
    if (text[index] === "\\" && quote !== "'") index++;
    else if (text[index] === quote) return index;
  }
  return -1;
}

function endOfLine(text: string, start: number): number {
  const end = text.indexOf("\n", start);
  return end < 0 ? text.length : end;
}

function unquoted(text: string): string {
  return /^(["'`]).*\1$/.test(text) ? text.slice(1, -1) : text;
}

function unescaped(text: string): string {
  const meanings: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t" };
  return text.replaceAll(/\\([\s\S])/g, (_all, character: string) => meanings[character] ?? character);
}
