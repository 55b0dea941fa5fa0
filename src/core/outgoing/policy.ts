import * as valibot from "valibot";
import { expandBraces, ignorePatternsOfGlob } from "../context/globs";
import ignore, { type Ignore } from "ignore";
import type { EffectivePolicy } from "./gatekeeper";
import { hostPatternProblem, hostMatches } from "./hostPatterns";
import { whyPatternIsUnsafe } from "./patternSafety";
import { topLevelKeys, whyJsonIsRefused } from "./policyText";

/** What one policy file forbids. */
export interface PolicyRules {
  readonly offlineOnly: boolean;
  readonly neverCloud: readonly string[];
  readonly neverIndex: readonly string[];
  readonly redact: readonly { readonly pattern: string; readonly kind: string }[];
  /** null: the file says nothing of hosts. An empty list allows none. */
  readonly allowedHosts: readonly string[] | null;
}

/** A policy file as far as it was understood: what was forbidden clearly holds even where the rest is broken. */
export interface ParsedPolicy {
  /** As the person knows it: `.ghostlight/policy.json`, or the whole path of the machine's file. */
  readonly file: string;
  readonly rules: PolicyRules;
  /** Sentences for the person, each naming the file. While there is one, nothing leaves. */
  readonly problems: readonly string[];
}

const MOST_ENTRIES = 500;
const LONGEST_ENTRY = 300;
/** Wildcards that a name of a hundred letters could make slow together. */
const MOST_STARS_IN_A_SEGMENT = 3;
const MOST_DOUBLE_STARS = 3;

const NOTHING: PolicyRules = { offlineOnly: false, neverCloud: [], neverIndex: [], redact: [], allowedHosts: null };

const entry = valibot.pipe(valibot.string("must be a list of texts"), valibot.minLength(1, "has an empty entry"), valibot.maxLength(LONGEST_ENTRY, `has an entry longer than ${String(LONGEST_ENTRY)} characters`));
const list = valibot.pipe(valibot.array(entry, "must be a list of texts"), valibot.maxLength(MOST_ENTRIES, `has more than ${String(MOST_ENTRIES)} entries`));
const redaction = valibot.strictObject({ pattern: valibot.string(), kind: valibot.pipe(valibot.string(), valibot.trim(), valibot.minLength(1), valibot.maxLength(60), valibot.regex(/^[^\p{C}]+$/u)) });
const FIELDS = {
  version: valibot.literal(1, "must be 1: this version of Ghostlight knows no other"),
  offlineOnly: valibot.boolean("must be true or false"),
  neverCloud: valibot.pipe(list, valibot.rawCheck(({ dataset, addIssue }) => reportFirst(dataset, globProblem, addIssue))),
  neverIndex: valibot.pipe(list, valibot.rawCheck(({ dataset, addIssue }) => reportFirst(dataset, globProblem, addIssue))),
  redact: valibot.pipe(
    valibot.array(redaction, "must be a list of { \"pattern\", \"kind\" }"),
    valibot.maxLength(100, "has more than 100 patterns"),
    valibot.rawCheck(({ dataset, addIssue }) => reportFirst({ typed: dataset.typed, value: dataset.typed ? dataset.value.map(({ pattern }) => pattern) : [] }, patternProblem, addIssue)),
  ),
  allowedHosts: valibot.pipe(list, valibot.rawCheck(({ dataset, addIssue }) => reportFirst(dataset, hostPatternProblem, addIssue))),
} as const;
type Field = keyof typeof FIELDS;

/**
 * Understands the text of a policy file. Never throws: whatever is wrong becomes a problem, and each field that is right
 * counts. An unknown key is a problem, since it may be a rule that this version would not keep.
 */
export function parsePolicy(text: string, file: string): ParsedPolicy {
  const refused = whyJsonIsRefused(text);
  if (refused !== undefined) return brokenPolicy(file, refused);
  const parsed: unknown = JSON.parse(text.replace(/^\uFEFF/, ""));
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) return brokenPolicy(file, "must hold one object in braces");
  const problems: string[] = [];
  const keys = topLevelKeys(text);
  for (const key of new Set(keys)) {
    if (!Object.hasOwn(FIELDS, key)) problems.push(`${file} has the key ${quoted(key)}, which Ghostlight does not know.`);
    if (keys.filter((other) => other === key).length > 1) problems.push(`${file} says ${quoted(key)} more than once.`);
  }
  if (!keys.includes("version")) problems.push(`${file} needs "version": 1.`);
  const read = <Name extends Field>(name: Name): valibot.InferOutput<(typeof FIELDS)[Name]> | undefined => {
    if (!Object.hasOwn(parsed, name)) return undefined;
    const result = valibot.safeParse(FIELDS[name], (parsed as Record<string, unknown>)[name], { abortPipeEarly: true });
    if (!result.success) problems.push(`${file}: ${quoted(name)} ${wordsOf(name, result.issues[0].message)}.`);
    return result.success ? result.output as valibot.InferOutput<(typeof FIELDS)[Name]> : undefined;
  };
  read("version");
  const rules: PolicyRules = {
    offlineOnly: read("offlineOnly") ?? false,
    neverCloud: read("neverCloud") ?? [],
    neverIndex: read("neverIndex") ?? [],
    redact: read("redact") ?? [],
    allowedHosts: read("allowedHosts") ?? null,
  };
  return { file, rules, problems };
}

/** A policy file that could not be read or understood at all. `why` goes on after the file's name. */
export function brokenPolicy(file: string, why: string): ParsedPolicy {
  return { file, rules: NOTHING, problems: [`${file} ${why}.`] };
}

/** All policies together: what any of them forbids is forbidden, and a host must be allowed by all that speak of hosts. */
export function combinePolicies(policies: readonly ParsedPolicy[]): EffectivePolicy {
  const offline = policies.find(({ rules }) => rules.offlineOnly);
  return {
    offlineOnly: offline ? { file: offline.file } : null,
    neverCloud: ruleOver(policies, "neverCloud"),
    neverIndex: ruleOver(policies, "neverIndex"),
    redact: policies.flatMap(({ rules }) => rules.redact.map(({ pattern, kind }) => ({ pattern: new RegExp(pattern, "gu"), kind }))),
    hostForbidden(host, port) {
      const strict = policies.find(({ rules }) => rules.allowedHosts && !rules.allowedHosts.some((pattern) => hostMatches(pattern, host, port)));
      if (!strict) return undefined;
      const allowed = strict.rules.allowedHosts ?? [];
      return `${strict.file} allows ${allowed.length === 0 ? "no host" : `only ${listed(allowed)}`} ("allowedHosts")`;
    },
    problems: policies.flatMap(({ problems }) => problems),
  };
}

/** Which glob of which file speaks of a path, in words. */
function ruleOver(policies: readonly ParsedPolicy[], name: "neverCloud" | "neverIndex"): (path: string) => string | undefined {
  const files = policies.flatMap(({ file, rules }) => (rules[name].length === 0 ? [] : [{ file, globs: rules[name], all: matcherOf(rules[name]) }]));
  return (path) => {
    const asked = insidePath(path);
    if (asked === undefined) return undefined;
    const speaking = files.find(({ all }) => all.ignores(asked));
    if (!speaking) return undefined;
    const glob = speaking.globs.find((one) => matcherOf([one]).ignores(asked));
    return `${speaking.file} keeps ${quoted(glob ?? "")} out ("${name}")`;
  };
}

/** A glob is read in the wider of two ways: anchored at the folder as the editor does it, and as an ignore file would. */
function matcherOf(globs: readonly string[]): Ignore {
  return ignore().add(globs.flatMap((glob) => [...ignorePatternsOfGlob(glob), ...(expandBraces(glob.trim().replaceAll("\\", "/")) ?? []).map((pattern) => pattern.replace(/^[!#]/, "\\$&"))]));
}

/** The part of a path that globs can speak of: without a drive, a root or steps upwards. A slash at the end says folder. */
function insidePath(path: string): string | undefined {
  const inside = path.replaceAll("\\", "/").replace(/^[A-Za-z]:/, "").split("/").filter((part) => part !== "" && part !== "." && part !== "..").join("/");
  if (inside === "") return undefined;
  return /[\\/]$/.test(path) ? `${inside}/` : inside;
}

function globProblem(glob: string): string | undefined {
  if (glob.trim().startsWith("!")) return `holds ${quoted(glob)}: a policy can only forbid, so no glob may begin with "!"`;
  if (glob.trim() === "" || /[\p{Cc}]/u.test(glob)) return "holds a glob without a visible sign, or with a line break";
  const segments = (expandBraces(glob) ?? [glob]).flatMap((one) => one.split(/[\\/]/));
  if ((glob.match(/\*\*+/g) ?? []).length > MOST_DOUBLE_STARS || segments.some((segment) => segment !== "**" && (segment.match(/\*+/g) ?? []).length > MOST_STARS_IN_A_SEGMENT)) return `holds ${quoted(glob)}, which has too many "*"`;
  try {
    matcherOf([glob]).ignores("a/b");
    return undefined;
  } catch {
    return `holds ${quoted(glob)}, which is no glob`;
  }
}

function patternProblem(pattern: string): string | undefined {
  const why = whyPatternIsUnsafe(pattern);
  return why === undefined ? undefined : `holds the pattern ${quoted(pattern)}, which ${why}`;
}

type AddIssue = (info: { readonly message: string }) => void;

function reportFirst(dataset: { readonly typed: boolean; readonly value: unknown }, problemOf: (value: string) => string | undefined, addIssue: AddIssue): void {
  if (!dataset.typed) return;
  for (const value of dataset.value as readonly string[]) {
    const problem = problemOf(value);
    if (problem !== undefined) return addIssue({ message: problem });
  }
}

/** The validator's own words of wrong types inside a list name TypeScript types: those are said for people. */
function wordsOf(name: Field, message: string): string {
  return /^(?:Invalid|Expected)/.test(message) ? (name === "redact" ? "must be a list of { \"pattern\", \"kind\" }, both texts, the kind of 1 to 60 characters, and nothing else" : "has a wrong type") : message;
}

function quoted(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}

function listed(hosts: readonly string[]): string {
  return hosts.length <= 5 ? hosts.join(", ") : `${hosts.slice(0, 5).join(", ")} and ${String(hosts.length - 5)} more`;
}
