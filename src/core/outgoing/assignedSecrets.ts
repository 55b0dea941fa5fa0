import { entropyOf, isOrdinarySetting, isPlainValue } from "./plainValues";
import type { Finding } from "./redaction";

/** Names that people give to passwords they thought of, and names of what a machine made. */
const HUMAN_NAME = /passw(?:or)?d|pass_?phrase|passwd|pwd|(?<![A-Za-z])pass(?![A-Za-z])|kennwort|identified\s{1,4}by|contrase(?:n|ñ)a|mot_?de_?passe/;
const MACHINE_NAME = /secret|token|api[-_. ]?key|apikey|(?:access|auth|private|signing|signature|encryption|encrypt|decryption|master|license|licence|account|storage|shared|service|deploy|session|jwt|hmac|aes|webhook|subscription|instrumentation|consumer|integration|admin|app|application|client|function|host|primary|secondary|cookie|crypt|salt|user|server|bot|write|ingest|sas|access_?id)[-_. ]?key|credentials?|auth(?:orization)?(?:[-_]?(?:code|data))?(?![a-z])|(?<![a-z])pat(?![a-z])|(?<![a-z])dsn(?![a-z])|connection[-_ ]?string|sas[-_]?url|encryption|(?<![a-z])(?:key|salt|pepper|nonce|seed|mnemonic|otp|pin|sid)(?![a-z])/;
const NAME = new RegExp(`${HUMAN_NAME.source}|${MACHINE_NAME.source}`, "gi");
const HUMAN = new RegExp(HUMAN_NAME.source, "i");
/** Names whose digits are public. */
const PUBLIC_NAME = /public|publishable|integrity|checksum|digest|sha\d{0,3}(?:sum)?$|etag|fingerprint|tokeni[sz]|max_?tokens|(?:primary|foreign|cache|react|sort|partition|map|object|hot|short|i18n)_?key|keycode/i;
/** The rest of a name. Taken before anything else is tried, so that its length is not tried again with every other part. */
const REST = /[\w\-.$]{0,40}/y;
/** After the name: a bracket or quote that closes it, a type, and the sign that gives it its value. */
const GLUE = /["'`\])]{0,3}(?:\s{0,8}(?::|\bas\b)\s{0,4}[&*]{0,2}(?:\[\])?(?:'static\s)?(?:const\s)?[A-Za-z_][\w.<>[\]|?&* ]{0,40}?)?\s{0,8}(?:\[\]\s{0,4})?(?:===?|!==?|=>|:=|<-|\?\?=|\|\|=|\+=|[=:(,]|\bis\b|(?<=["'`\]])\s|\s)\s{0,8}(?:value\s{0,4}[=:]\s{0,4})?(?:\n\s{0,40}(?=["'`]))?\{?(?:[A-Za-z_][\w.:]{0,40}\(\s{0,4})?(?:[rbuf@$LN]{1,2}(?=["'`]))?/iy;
const QUOTED = /(["'`])((?:(?!\1)[^\s\\]|\\.){4,400})\1/y;
/** Within a string: program text in a notebook or in a message. */
const QUOTED_ESCAPED = /\\["']([^\s"'`\\]{4,400})\\["']/y;
const QUOTED_OPEN = /["'`]([^\s"'`\\]{16,400})(?:\\|$)/y;
const TRIPLE = /(?:"""|''')\s{0,4}([^\s"']{6,400})/y;
/** Without quotes: environment files, ini, YAML, shells. The value goes to the end of the line or to a comment. */
const BARE_GLUE = /["']?(\s{0,8}(?:=>|:=|=|:)[ \t]{0,8}|[ \t]{1,8})/y;
const BARE = /([^\s"'`<>{}()[\],;|&\\]{6,400})(?=[\s#;,\\&|"'`)<\]}]|$)/y;
const ELEMENT = /(?:<\/key>\s{0,40}<string|(?:\s[^<>\n]{0,120})?)>\s{0,8}(?:<!\[CDATA\[)?([^\s<>]{6,400}?)(?:\]\]>)?\s{0,8}<\//y;
const ATTRIBUTE = /["']?\s{1,8}(?:value|content|default|data)\s{0,4}=\s{0,4}(["'])([^\s"']{6,400})\1/iy;

/** Values given to names that say they are secret: `password = "…"`, `api_key: '…'`, `<password>…</password>`, `--token …`. */
export function findAssignedSecrets(text: string): Finding[] {
  const found: Finding[] = [];
  for (const match of text.matchAll(NAME)) {
    const after = match.index + match[0].length;
    const name = wholeName(text, match.index, after);
    if (PUBLIC_NAME.test(name)) continue;
    const human = HUMAN.test(match[0]);
    const value = valueAfter(text, match.index, after + (matchAt(REST, text, after)?.[0].length ?? 0));
    if (value && isSecretValue(value.text, human, value.bare)) {
      found.push({ start: value.start, end: value.start + value.text.length, kind: human ? "password" : kindOf(match[0]) });
    }
  }
  return found;
}

interface AssignedValue {
  readonly start: number;
  readonly text: string;
  /** `no` within quotes; `spaced` for a bare value that could be a name of the program as well. */
  readonly bare: "no" | "settings" | "spaced";
}

function valueAfter(text: string, nameStart: number, after: number): AssignedValue | undefined {
  const glued = matchAt(GLUE, text, after);
  if (glued) {
    const from = after + glued[0].length;
    const triple = matchAt(TRIPLE, text, from);
    if (triple) return placed(text, from, triple[0], triple[1] ?? "", "no");
    const quoted = matchAt(QUOTED, text, from);
    if (quoted) return { start: from + 1, text: quoted[2] ?? "", bare: "no" };
    const escaped = matchAt(QUOTED_ESCAPED, text, from);
    if (escaped) return { start: from + 2, text: escaped[1] ?? "", bare: "no" };
    const open = matchAt(QUOTED_OPEN, text, from);
    if (open) return { start: from + 1, text: open[1] ?? "", bare: "no" };
  }
  const attribute = matchAt(ATTRIBUTE, text, after);
  if (attribute) return placed(text, after, attribute[0], attribute[2] ?? "", "no");
  const element = matchAt(ELEMENT, text, after);
  if (element) return placed(text, after, element[0], element[1] ?? "", "settings");
  const bareGlue = matchAt(BARE_GLUE, text, after);
  if (!bareGlue) return undefined;
  const from = after + bareGlue[0].length;
  const bare = matchAt(BARE, text, from);
  if (!bare) return undefined;
  return { start: from, text: bare[1] ?? "", bare: isSettingsLine(text, nameStart, from, bareGlue[1] ?? "") ? "settings" : "spaced" };
}

/** Whether a bare value stands in a line that only settings have: `NAME=value`, `name: value` alone, `--name value`. */
function isSettingsLine(text: string, nameStart: number, valueStart: number, sign: string): boolean {
  const lineStart = text.lastIndexOf("\n", nameStart) + 1;
  // Of a longer line only its end is looked at, and a sign before that says that it is no whole line.
  const head = valueStart - lineStart <= 200 ? text.slice(lineStart, valueStart) : `…${text.slice(valueStart - 200, valueStart)}`;
  if (/^\s*(?:export |set |setx |ENV |ARG |-e |declare -x )?["']?[\w.\-/:]+["']?\s*(?:=|:)\s*$/.test(head) && !/^\s*(?:this|self)\./.test(head)) return sign.trim() === ":" || sign === "=" || /^[\s#]*[A-Z\d_.]+\s*=\s*$|^\s*[\w.-]+\s*=\s*$/.test(head);
  return /--?[\w-]+[ =]$|[?&;][\w.-]{1,40}=$/.test(head) || sign === "=";
}

function isSecretValue(value: string, human: boolean, bare: AssignedValue["bare"]): boolean {
  if (value.length < 6 || isPlainValue(value) || isOrdinarySetting(value)) return false;
  // Special tokens of models: people who write about language models call those tokens too.
  if (bare !== "no" && /^[A-Za-z_$][\w$]*(?:\??\.[A-Za-z_$][\w$]*)+$/.test(value) && isWords(value.replaceAll("?", ""))) return false;
  if (/^\\?n?<\|?[\w|]|\|>/.test(value)) return false;
  if (/^[\w.$]+$/.test(value) === false && /[(){}]|=>|\bfunction\b/.test(value) && !/\d/.test(value)) return false;
  if (/^(?:https?|file|git|ssh):\/\/[^@]*$|^(?:\.{1,2}\/|~\/|[A-Z]:\\)[\w./ -]*$/.test(value)) return false;
  const digits = (value.match(/\d/g) ?? []).length;
  const letters = /\p{L}/u.test(value);
  const symbols = /[!@#$%^&*?~+|§€]/.test(value);
  const mixed = /[a-z]/.test(value) && /[A-Z]/.test(value);
  if (human && bare !== "spaced") return (letters && digits > 0 && !isDottedName(value)) || (letters && symbols) || (digits === value.length && value.length >= 6) || (bare === "no" && mixed && entropyOf(value) > 3.5 && value.length >= 12 && !isWords(value));
  if (human) return letters && digits > 0 && (symbols || (mixed && digits > 1)) && !/^[A-Za-z_$][\w$.]*$/.test(value);
  if (value.length < (bare === "spaced" ? 16 : 8) || (bare === "spaced" && digits === 0) || isWords(value) || isDottedName(value)) return false;
  if (/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(value)) return true;
  if (value.length < 12) return letters && digits > 0 && (symbols || mixed) && entropyOf(value) >= 2.75;
  return (digits > 0 && letters && entropyOf(value) >= 3) || (mixed && value.length >= 20 && entropyOf(value) >= 3.7) || (symbols && letters && entropyOf(value) >= 3);
}

/** `accessTokenSecret2`, `client-secret-basic`, `APP_TOKEN_KEY`, `oauth2.token`: words of a program, with a digit at the end of one at most. */
function isWords(value: string): boolean {
  const words = value.replaceAll(/([a-z\d])([A-Z])/g, "$1 $2").split(/[\s._:/@-]+/).filter((word) => word !== "");
  const plain = words.filter((word) => /^(?:\p{L}?\p{Ll}{2,14}|\p{Lu}{2,14}|\p{Ll}{1,2}|\p{Lu}\p{Ll}?)\d{0,2}$/u.test(word));
  const longEnough = words.reduce((sum, word) => sum + word.length, 0) / Math.max(1, words.length) >= 3;
  return plain.length === words.length && longEnough && (value.match(/\d/g) ?? []).length <= Math.max(2, words.length - 1);
}

/** Names with dots or slashes: `config.db1.password`, `projects/x/secrets/y2`, `arn:aws:…`. */
function isDottedName(value: string): boolean {
  return /^(?:[A-Za-z_$][\w$]{0,30}[.:/]){1,8}[A-Za-z_$][\w$-]{0,40}$/.test(value) && isWords(value) || /^arn:aws[\w-]*:/.test(value);
}

function kindOf(name: string): string {
  if (/token|pat/i.test(name)) return "token";
  if (/key|salt|seed/i.test(name)) return "key";
  return /string|dsn|url/i.test(name) ? "connection string" : "secret";
}

function wholeName(text: string, start: number, end: number): string {
  const before = /[\w-]{0,30}$/.exec(text.slice(Math.max(0, start - 30), start))?.[0] ?? "";
  const after = /^[\w-]{0,30}/.exec(text.slice(end, end + 30))?.[0] ?? "";
  return before + text.slice(start, end) + after;
}

/** Patterns with the flag `y` keep their place in `lastIndex`; it is set before each use. */
function matchAt(pattern: RegExp, text: string, index: number): RegExpExecArray | null {
  pattern.lastIndex = index;
  return pattern.exec(text);
}

function placed(text: string, from: number, whole: string, value: string, bare: AssignedValue["bare"]): AssignedValue {
  return { start: text.indexOf(value, from + whole.lastIndexOf(value)), text: value, bare };
}
