import type { Redactor } from "../../core/outgoing/gatekeeper";
import { findValues, maskFindings, valuesWorthMaskingEverywhere, type Finding, type KnownValue } from "../../core/outgoing/redaction";
import { waitForTurn } from "./turns";
import type { EnvironmentValues } from "./environmentValues";
import type { SecretRules } from "./secretRules";
import { createTimedPatterns } from "./timedPatterns";

export interface RedactorParts {
  readonly secrets: SecretRules;
  readonly environment: EnvironmentValues;
}

/** Values that were found are masked in later requests too; this many, the latest. */
const MOST_REMEMBERED = 5_000;

/**
 * Masks what the secret rules, the environment files and a policy's own patterns find. What was found once is masked from
 * then on wherever it stands: an answer that had its values put back goes out again as history of the conversation, without
 * the words that gave the value away. `redact` rejects with a `RedactionError`, whose message is for the person, where it
 * could not look everywhere; then nothing may leave.
 */
export function createRedactor({ secrets, environment }: RedactorParts): Redactor {
  const patterns = createTimedPatterns();
  const remembered = new Map<string, KnownValue>();
  const remember = (values: readonly KnownValue[]): void => {
    for (const value of values) {
      remembered.delete(value.value);
      remembered.set(value.value, value);
    }
    for (const oldest of [...remembered.keys()].slice(0, Math.max(0, remembered.size - MOST_REMEMBERED))) remembered.delete(oldest);
  };
  return {
    async redact(texts, policy, signal) {
      const known = await environment.read(signal);
      const findings: Finding[][] = [];
      for (const text of texts) {
        const byPolicy = policy.redact.flatMap(({ pattern, kind }) => patterns.find(pattern, text).map(([start, end]) => ({ start, end, kind })));
        findings.push([...findValues(text, known), ...byPolicy, ...(await secrets.find(text, signal)), ...findValues(text, [...remembered.values()])]);
        await waitForTurn(signal);
      }
      remember(valuesWorthMaskingEverywhere(texts, findings));
      return maskFindings(texts, findings);
    },
  };
}
