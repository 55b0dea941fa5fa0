import { findAssignedSecrets } from "../../core/outgoing/assignedSecrets";
import { findKeyBlocks } from "../../core/outgoing/keyBlocks";
import { RedactionError, type Finding } from "../../core/outgoing/redaction";
import { findSecretShapes } from "../../core/outgoing/secretShapes";
import { waitForTurn } from "./turns";

/** Finds secrets by rules: the kept rule set of secretlint, and our own where it has none or is not exact. */
export interface SecretRules {
  /** Rejects with a `RedactionError` where the rules cannot be loaded or one fails: then nothing may leave. */
  find(text: string, signal: AbortSignal): Promise<readonly Finding[]>;
}

/**
 * Rules of the preset that are not used. Comments in a file could switch masking off; the rule for Google's key files
 * reads files from disk (our own rule finds their private key); addresses and connection strings are masked whole and to
 * the next space there, and by the password alone here.
 */
const UNUSED_RULES: readonly string[] = ["filter-comments", "gcp", "basicauth", "database-connection-string"];

const KINDS: Readonly<Record<string, string>> = {
  aws: "AWS key", npm: "package registry token", slack: "Slack token", openai: "OpenAI or Anthropic key", anthropic: "OpenAI or Anthropic key", linear: "work tool token",
  privatekey: "private key", sendgrid: "SendGrid key", shopify: "shop or payment key", github: "GitHub token", "1password": "1Password token",
};

/** One rule of the preset, as far as we use its interface. */
interface PresetRule {
  readonly meta: { readonly id: string };
  create(context: PresetContext, options: Record<string, never>): { file?(source: PresetSource): unknown };
}

interface PresetSource {
  readonly content: string;
  readonly filePath: undefined;
  readonly ext: string;
  readonly contentType: "text";
}

interface PresetContext {
  readonly sharedOptions: Record<string, never>;
  createTranslator(): (messageId: string, values?: object) => object;
  report(found: { readonly message: object; readonly range: readonly [number, number] }): void;
  ignore(): void;
}

/**
 * The preset is loaded with the first use, so that activation does not pay for it. Its rules run in this small host and not
 * in `@secretlint/core`, whose profiler keeps every run for as long as the process lives and gets slower with each one.
 */
export function createSecretRules(): SecretRules {
  let loading: Promise<readonly PresetRule[]> | undefined;
  return {
    async find(text, signal) {
      const preset = await (loading ??= loadPreset());
      signal.throwIfAborted();
      const found = await findByPreset(preset, text);
      for (const find of [findSecretShapes, findKeyBlocks, findAssignedSecrets]) {
        await waitForTurn(signal);
        found.push(...find(text));
      }
      return found;
    },
  };
}

async function loadPreset(): Promise<readonly PresetRule[]> {
  try {
    const { rules } = await import("@secretlint/secretlint-rule-preset-recommend");
    const used = (rules as unknown as readonly PresetRule[]).filter(({ meta }) => !UNUSED_RULES.some((name) => meta.id.endsWith(`-rule-${name}`)));
    if (rules.length - used.length !== UNUSED_RULES.length) throw new Error("unexpected rules");
    return used;
  } catch {
    throw new RedactionError("The rules that find secrets could not be loaded, so nothing was sent. Install Ghostlight again.");
  }
}

async function findByPreset(rules: readonly PresetRule[], text: string): Promise<Finding[]> {
  const found: Finding[] = [];
  for (const rule of rules) {
    const kind = KINDS[rule.meta.id.replace(/^.*-rule-/, "")] ?? "secret";
    const context: PresetContext = {
      sharedOptions: {},
      // A rule names the secret in its message only: what it was given for that is kept instead of the sentence.
      createTranslator: () => (_messageId, values = {}) => values,
      report: ({ message, range }) => found.push({ ...exactPlace(text, message, range), kind }),
      ignore: () => undefined,
    };
    try {
      await rule.create(context, {}).file?.({ content: text, filePath: undefined, ext: "", contentType: "text" });
    } catch {
      throw new RedactionError("A rule that finds secrets failed on this text, so nothing was sent.");
    }
  }
  return found;
}

/**
 * Where the secret itself stands. Some rules report a range of the secret's length that begins at the name before it,
 * so that the secret's end would stay: the value is looked for from there on.
 */
function exactPlace(text: string, values: object, [start, end]: readonly [number, number]): { start: number; end: number } {
  const texts = Object.values(values).filter((one): one is string => typeof one === "string" && one.length >= 8).sort((a, b) => b.length - a.length);
  for (const value of texts) {
    const place = text.indexOf(value, start);
    if (place >= 0 && place <= end + 200) return { start: place, end: place + value.length };
  }
  return { start, end };
}
