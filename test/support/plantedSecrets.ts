// Secrets that look real and are none: made at run time from pieces, the same ones in every run, so that no scanner of
// repositories finds one in this file.
import { createRandom, type Random } from "../../src/core/evaluation/random.js";

/** A secret to plant. `name` in words, for kinds that only their name gives away. */
export interface PlantedSecret {
  readonly kind: string;
  readonly name: readonly string[];
  readonly value: string;
  /** The part that must not leave, where it is not the whole value. */
  readonly core: string;
}

const LOWER = "abcdefghijklmnopqrstuvwxyz";
const DIGITS = "0123456789";
const LETTERS = LOWER + LOWER.toUpperCase();
const ALL = LETTERS + DIGITS;
const HEX = "0123456789abcdef";
const BASE64 = `${ALL}+/`;

const of = (random: Random, alphabet: string, length: number): string => Array.from({ length }, () => alphabet[Math.floor(random() * alphabet.length)] ?? "").join("");
/** At least one digit, one capital and one small letter, as issuers' generators give practically always. */
const mixed = (random: Random, length: number, alphabet = ALL): string => `${of(random, alphabet, length - 3)}${of(random, LOWER, 1)}${of(random, LOWER.toUpperCase(), 1)}${of(random, DIGITS, 1)}`;
const url64 = (text: string): string => Buffer.from(text).toString("base64url");

type Maker = (random: Random) => { readonly value: string; readonly core?: string };
const whole = (make: (random: Random) => string): Maker => (random) => ({ value: make(random) });
const inside = (before: string, make: (random: Random) => string, after: string): Maker => (random) => {
  const core = make(random);
  return { value: before + core + after, core };
};

/** Kinds with a shape of their own, under names that say nothing. */
const SHAPED: readonly (readonly [kind: string, make: Maker])[] = [
  ["AWS key id", whole((random) => `AK${"IA"}${of(random, LOWER.toUpperCase() + "234567", 16)}`)],
  ["GitHub token", whole((random) => `gh${"p_"}${mixed(random, 36)}`)],
  ["GitHub fine-grained token", whole((random) => `github${"_pat_"}${mixed(random, 22)}_${mixed(random, 59)}`)],
  ["GitLab token", whole((random) => `gl${"pat-"}${mixed(random, 20)}`)],
  ["Slack bot token", whole((random) => `xox${"b-"}${of(random, DIGITS, 12)}-${of(random, DIGITS, 12)}-${mixed(random, 24)}`)],
  ["Slack web hook", inside(`https://hooks.${"slack.com"}/services/`, (random) => `T${of(random, LOWER.toUpperCase() + DIGITS, 8)}/B${of(random, LOWER.toUpperCase() + DIGITS, 8)}/${mixed(random, 24)}`, "")],
  ["Google key", whole((random) => `AI${"za"}${mixed(random, 35)}`)],
  ["Google client secret", whole((random) => `GOC${"SPX-"}${mixed(random, 28)}`)],
  ["Azure client secret", whole((random) => `${mixed(random, 3)}8Q${"~"}${mixed(random, 34)}`)],
  ["Azure storage connection", inside(`DefaultEndpointsProtocol=https;AccountName=shop;Account${"Key="}`, (random) => `${mixed(random, 86, BASE64)}==`, ";EndpointSuffix=core.windows.net")],
  ["Stripe key", whole((random) => `sk_${"live_"}${mixed(random, 24)}`)],
  ["Twilio key", whole((random) => `S${"K"}${of(random, HEX, 32)}`)],
  ["SendGrid key", whole((random) => `S${"G."}${mixed(random, 22)}.${mixed(random, 43)}`)],
  ["OpenAI key", whole((random) => `sk-${"proj-"}${mixed(random, 74)}T3Blbk${"FJ"}${mixed(random, 74)}`)],
  ["old OpenAI key", whole((random) => `s${"k-"}${mixed(random, 48)}`)],
  ["Anthropic key", whole((random) => `sk-${"ant-"}api03-${mixed(random, 93)}AA`)],
  ["Hugging Face token", whole((random) => `h${"f_"}${mixed(random, 34, LETTERS)}`)],
  ["npm token", whole((random) => `np${"m_"}${mixed(random, 36)}`)],
  ["PyPI token", whole((random) => `py${"pi-"}AgEIcHlwaS5vcmc${mixed(random, 120)}`)],
  ["Discord token", whole((random) => `M${mixed(random, 23)}.${mixed(random, 6)}.${mixed(random, 38)}`)],
  ["Telegram token", whole((random) => `${of(random, DIGITS.slice(1), 10)}:A${"A"}${mixed(random, 33)}`)],
  ["DigitalOcean token", whole((random) => `do${"p_v1_"}${of(random, HEX, 64)}`)],
  ["Vault token", whole((random) => `hv${"s."}${mixed(random, 24)}`)],
  ["Databricks token", whole((random) => `da${"pi"}${of(random, HEX, 32)}`)],
  ["Shopify token", whole((random) => `shp${"at_"}${of(random, HEX, 32)}`)],
  ["web token", whole((random) => `${url64('{"alg":"HS256","typ":"JWT"}')}.${url64(`{"sub":"${of(random, DIGITS, 10)}"}`)}.${mixed(random, 43)}`)],
  ["Postgres address", inside("postgres://shop:", (random) => mixed(random, 16), "@db.example.com:5432/shop")],
  ["MongoDB address", inside("mongodb+srv://shop:", (random) => `${mixed(random, 12)}%21`, "@cluster0.example.net/shop?retryWrites=true")],
  ["web address with a password", inside("https://deploy:", (random) => mixed(random, 14), "@packages.example.com/simple")],
  ["bearer header", inside("Authorization: Bearer ", (random) => mixed(random, 40), "")],
  ["basic header", inside("Authorization: Basic ", (random) => Buffer.from(`shop:${mixed(random, 14)}`).toString("base64").replace(/=+$/, ""), "")],
  ["database connection", inside("Server=db.example.com;Database=shop;User Id=shop;Password=", (random) => mixed(random, 15), ";Encrypt=true")],
];

/** Kinds that their name gives away. */
const NAMED: readonly (readonly [kind: string, name: readonly string[], make: Maker])[] = [
  ["password with signs", ["db", "password"], whole((random) => `${mixed(random, 9)}!${mixed(random, 4)}#`)],
  ["password of a word and digits", ["smtp", "password"], whole((random) => `${of(random, LOWER, 8)}${of(random, DIGITS, 3)}`)],
  ["passphrase", ["key", "passphrase"], whole((random) => mixed(random, 20))],
  ["hexadecimal API key", ["weather", "api", "key"], whole((random) => of(random, HEX, 32))],
  ["mixed API key", ["search", "api", "key"], whole((random) => mixed(random, 40))],
  ["client secret", ["client", "secret"], whole((random) => mixed(random, 32))],
  ["access token", ["access", "token"], whole((random) => mixed(random, 64))],
  ["identifier as a token", ["registry", "token"], whole((random) => [8, 4, 4, 4, 12].map((length) => of(random, HEX, length)).join("-"))],
  ["session secret", ["session", "secret"], whole((random) => mixed(random, 44, BASE64))],
  ["AWS secret key", ["aws", "secret", "access", "key"], whole((random) => mixed(random, 40, BASE64))],
  ["encryption key", ["encryption", "key"], whole((random) => `${mixed(random, 43, BASE64)}=`)],
  ["Twilio auth token", ["auth", "token"], whole((random) => of(random, HEX, 32))],
];

/** The body of a private key: lines of 64 letters within its armour. */
function privateKey(random: Random): PlantedSecret {
  const body = Array.from({ length: 12 }, () => mixed(random, 64, BASE64));
  const mark = (word: string): string => `-----${word} ${"RSA PRIV"}${"ATE KEY"}-----`;
  const last = `${mixed(random, 30)}==`;
  return { kind: "private key", name: ["tls", "pem"], value: [mark("BEGIN"), ...body, last, mark("END")].join("\n"), core: body.join("\n") };
}

/** One secret of every kind, made from a seed. */
export function plantedSecrets(seed: string): PlantedSecret[] {
  const random = createRandom(seed);
  const shaped = SHAPED.map(([kind, make], index) => {
    const { value, core = value } = make(random);
    return { kind, name: [["upstream", "value"], ["remote", "setting"], ["first", "parameter"]][index % 3] ?? [], value, core };
  });
  const named = NAMED.map(([kind, name, make]) => {
    const { value, core = value } = make(random);
    return { kind, name, value, core };
  });
  return [...shaped, ...named, privateKey(random)];
}

/** What of a secret still stands in a text: its longest piece of at least ten characters; empty where there is none. */
export function leakedPiece({ core }: PlantedSecret, text: string): string {
  const shortest = Math.min(10, core.length);
  for (let start = 0; start + shortest <= core.length; start++) {
    const piece = core.slice(start, start + shortest);
    if (!piece.includes("\n") && text.includes(piece)) return piece;
  }
  return "";
}
