import { entropyOf, isPlainValue } from "./plainValues";
import type { Finding } from "./redaction";

/**
 * Secrets that show by their own shape. Prefixes and lengths are those that the issuers document. Every repetition has
 * an upper bound or a class that its neighbours exclude, so that no text makes them slow.
 */
interface Shape {
  readonly kind: string;
  /** Global. Where it has groups, the first is what stands before the secret and the second is the secret. */
  readonly pattern: RegExp;
  /** Whether documentation writes values of this shape that are no secrets. */
  readonly mayBePlain?: boolean;
}

const SHAPES: readonly Shape[] = [
  { kind: "AWS key id", pattern: /(?<![A-Za-z0-9])(?:A3T[A-Z0-9]|AKIA|AGPA|AIDA|AROA|AIPA|ANPA|ANVA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9])/g },
  { kind: "AWS temporary token", pattern: /(?<![A-Za-z0-9/+])(?:FwoG|IQoJ|FQoG)[A-Za-z0-9/+=]{100,2000}/g },
  { kind: "Bedrock key", pattern: /(?<![A-Za-z0-9])(?:ABSK|bedrock-api-key-)[A-Za-z0-9+/=]{40,400}/g },
  { kind: "GitHub token", pattern: /(?<![A-Za-z0-9])(?:gh[opsur]_[A-Za-z0-9]{30,255}|github_pat_[A-Za-z0-9_]{22,255})/g },
  { kind: "GitLab token", pattern: /(?<![A-Za-z0-9])(?:gl(?:pat|dt|rt|cbt|ptt|ft|imt|agent|soat|oas|ffct|wt)-[A-Za-z0-9_.=-]{20,300}|GR1348941[A-Za-z0-9_-]{20,40})/g },
  { kind: "Slack token", pattern: /(?<![A-Za-z0-9])xox[a-z](?:\.xox[a-z])?-[A-Za-z0-9-]{10,300}|(?<![A-Za-z0-9])xapp-[A-Za-z0-9-]{10,300}/g },
  { kind: "web hook address", pattern: /(https:\/\/hooks\.slack\.com\/(?:services|workflows|triggers)\/)([A-Za-z0-9/_-]{20,200})/g },
  { kind: "web hook address", pattern: /(https:\/\/(?:\w{1,20}\.)?discord(?:app)?\.com\/api\/(?:v\d{1,2}\/)?webhooks\/)([\w/-]{40,200})/g },
  { kind: "web hook address", pattern: /(https:\/\/[\w-]{1,80}\.webhook\.office\.com\/)([\w@/-]{40,300})/g },
  { kind: "Discord token", pattern: /(?<![\w-])[MNO][\w-]{23,27}\.[\w-]{6}\.[\w-]{27,40}(?![\w-])/g },
  { kind: "Telegram token", pattern: /(?<!\d)\d{8,10}:AA[\w-]{32,35}(?![\w-])/g },
  { kind: "Google key", pattern: /(?<![A-Za-z0-9])AIza[\w-]{35}(?![\w-])|(?<![A-Za-z0-9])AQ\.[\w-]{40,80}/g },
  { kind: "Google secret", pattern: /(?<![A-Za-z0-9])(?:GOCSPX-[\w-]{20,40}|ya29\.[\w.-]{20,500}|1\/\/0[\w-]{30,300})/g },
  { kind: "Azure secret", pattern: /(?<![A-Za-z0-9])[A-Za-z0-9_~.]{3}\dQ~[\w~.-]{31,34}(?![\w~-])/g },
  { kind: "Azure key", pattern: /((?:AccountKey|SharedAccessKey|SharedSecret|AccessKey)=)([A-Za-z0-9+/]{30,120}={0,2})/g },
  { kind: "Azure signature", pattern: /([?&;"']sig=)([A-Za-z0-9%+/]{30,120}(?:=|%3D){0,2})/gi },
  { kind: "Azure DevOps token", pattern: /(?<![A-Za-z0-9])[A-Za-z0-9]{76}AZDO[A-Za-z0-9]{4}(?![A-Za-z0-9])/g },
  { kind: "Stripe key", pattern: /(?<![A-Za-z0-9])(?:[sr]k_(?:live|test|prod)_[A-Za-z0-9]{10,250}|whsec_[A-Za-z0-9+/=]{20,100})/g },
  { kind: "Twilio key", pattern: /(?<![A-Za-z0-9])SK[0-9a-f]{32}(?![A-Za-z0-9])/g },
  { kind: "SendGrid key", pattern: /(?<![A-Za-z0-9])SG\.[\w-]{16,32}\.[\w-]{16,64}/g },
  { kind: "mail service key", pattern: /(?<![A-Za-z0-9-])(?:key-[0-9a-f]{32}|[0-9a-f]{32}-us\d{1,2}|xkeysib-[0-9a-f]{64}-[A-Za-z0-9]{16}|xsmtpsib-[\w-]{40,120}|re_[A-Za-z0-9]{8}_[A-Za-z0-9]{20,40})(?![A-Za-z0-9])/g },
  // Also Anthropic's (sk-ant-), OpenRouter's (sk-or-) and others that took over the form.
  { kind: "OpenAI or Anthropic key", pattern: /(?<![A-Za-z0-9_-])sk-(?:[a-z0-9]{2,12}-){0,2}(?=[\w-]{0,80}\d)[A-Za-z0-9][\w-]{19,300}/g },
  { kind: "Hugging Face token", pattern: /(?<![A-Za-z0-9_])(?:hf_[A-Za-z0-9]{30,50}|api_org_[A-Za-z0-9]{30,50})(?![A-Za-z0-9])/g },
  { kind: "model service key", pattern: /(?<![A-Za-z0-9_])(?:gsk_[A-Za-z0-9]{40,80}|xai-[A-Za-z0-9]{60,100}|pplx-[A-Za-z0-9]{40,64}|r8_[A-Za-z0-9]{35,45}|nvapi-[\w-]{50,90}|fw_[A-Za-z0-9]{20,40}|tgp_v1_[\w-]{40,60}|csk-[a-z0-9]{40,60}|jina_[\w-]{50,80}|voy(?:age)?-[\w-]{40,60}|pa-[\w-]{43}|tvly-[\w-]{20,60}|ls(?:v2)?_(?:pt|sk)_[0-9a-f]{32}_[0-9a-f]{8,12})(?![A-Za-z0-9])/g },
  { kind: "package registry token", pattern: /(?<![A-Za-z0-9])(?:npm_[A-Za-z0-9]{36}|pypi-[\w-]{50,300}|rubygems_[0-9a-f]{48}|cio[A-Za-z0-9]{32}|oy2[a-z0-9]{43}|dckr_[op]at_[\w-]{20,60}|AKCp[A-Za-z0-9]{60,80})(?![A-Za-z0-9])/g },
  { kind: "hosting token", pattern: /(?<![A-Za-z0-9])(?:do[opr]_v1_[0-9a-f]{64}|HRKU-[\w-]{30,80}|nfp_[A-Za-z0-9]{30,50}|fo1_[\w-]{40,60}|fm[12][ar]?_[A-Za-z0-9+/=]{60,800}|rnd_[A-Za-z0-9]{24,40}|sb[pv]_[0-9a-f]{40}|sb_secret_[\w-]{20,60}|pscale_(?:tkn|oauth|pw)_[\w=.-]{30,80}|dp\.(?:pt|st|ct|sa|scim|audit)\.[\w.-]{40,80}|vc[pikar]_[A-Za-z0-9]{24,80}|tskey-[a-z]{3,10}-[\w-]{20,80}|pul-[0-9a-f]{40}|cfut_[\w-]{40,60})(?![A-Za-z0-9])/g },
  { kind: "Vault token", pattern: /(?<![A-Za-z0-9])hv[sbr]\.[\w-]{20,300}/g },
  { kind: "Terraform token", pattern: /(?<![A-Za-z0-9])[A-Za-z0-9]{14}\.atlasv1\.[\w-]{50,80}/g },
  { kind: "Databricks token", pattern: /(?<![A-Za-z0-9])dapi[0-9a-f]{32}(?:-\d)?(?![A-Za-z0-9])/g },
  { kind: "shop or payment key", pattern: /(?<![A-Za-z0-9])(?:shp(?:at|ca|pa|ss|ua)_[0-9a-fA-F]{32}|sq0(?:atp|csp|idp)-[\w-]{22,43}|EAAA[\w-]{60}|access_token\$(?:production|sandbox)\$[0-9a-z]{16}\$[0-9a-f]{32}|rzp_(?:live|test)_[A-Za-z0-9]{14,24})(?![A-Za-z0-9])/g },
  { kind: "monitoring key", pattern: /(?<![A-Za-z0-9])(?:sntry[su]_[\w=+/-]{40,300}|NRAK-[A-Z0-9]{27}|NR(?:JS|II|IQ)-[\w-]{19,40}|gl(?:sa|c)_[\w+/=-]{30,300}|eyJrIjoi[A-Za-z0-9+/=]{60,200}|ph[cx]_[A-Za-z0-9]{40,50})(?![A-Za-z0-9])/g },
  { kind: "work tool token", pattern: /(?<![A-Za-z0-9])(?:lin_(?:api|oauth)_[A-Za-z0-9]{32,64}|ntn_[A-Za-z0-9]{40,50}|secret_[A-Za-z0-9]{43}|fig[dor]_[\w-]{40,50}|pat[A-Za-z0-9]{14}\.[0-9a-f]{64}|ATATT3[\w=-]{40,300}|ATCTT3[\w=-]{40,300}|PMAK-[0-9a-f]{24}-[0-9a-f]{34}|CFPAT-[\w-]{43}|bkua_[0-9a-f]{40}|CCIPAT_[\w-]{40,80}|tfp_[\w.=-]{40,70}|aio_[A-Za-z0-9]{28}|sl\.[\w-]{130,160}|pnu_[A-Za-z0-9]{36}|cmp_[\w-]{30,60}|ops_eyJ[\w-]{100,2000}|pk\.eyJ[\w-]{20,200}\.[\w-]{20,40}|sk\.eyJ[\w-]{20,200}\.[\w-]{20,40}|EAA[A-Za-z]{1,3}[A-Za-z0-9]{90,300})(?![A-Za-z0-9])/g },
  { kind: "age key", pattern: /AGE-SECRET-KEY-1[A-Z0-9]{50,60}/g },
  { kind: "web token", pattern: /(?<![A-Za-z0-9_-])eyJ[\w-]{10,4000}\.(?:eyJ)?[\w-]{0,8000}\.[\w-]{0,4000}(?:\.[\w-]{10,8000}\.[\w-]{10,400})?/g },
  { kind: "password in an address", pattern: /(\b[a-z][a-z0-9+.-]{1,30}:\/\/[^\s:@/"'`<>\\]{0,200}:)(?!\d{1,5}[/?#])([^\s@"'`<>\\]{1,200})(?=@[\w[({$%*.])/gi, mayBePlain: true },
  { kind: "token in an address", pattern: /(\bhttps?:\/\/)([\w.~%-]{16,200})(?=(?::x-oauth-basic)?@[\w.-]{1,200})/gi },
  { kind: "authorization header", pattern: /(\bAuthorization\b["'`\]]{0,3}\s{0,4}[:=,]{0,1}=?>?\s{0,4}[rbuf$@]{0,2}["'`]{0,3}(?:Basic|Bearer|Token|ApiKey|Negotiate|Digest|JWT|AWS4-HMAC-SHA256)[\s:=]{1,3})([A-Za-z0-9][\w.~+/=:-]{7,2000})/gi, mayBePlain: true },
  { kind: "authorization header", pattern: /(\bAuthorization\b["'`\]]{0,3}\s{0,4}[:=,]=?>?\s{0,4}[rbuf$@]{0,2}["'`]{0,3})(?=[\w.~+/=:-]{0,400}\d)([A-Za-z0-9][\w.~+/=:-]{15,2000})/gi, mayBePlain: true },
  { kind: "bearer token", pattern: /(\b(?:Bearer|Basic)\s{1,4})(?=[\w.~+/-]{0,400}\d)([A-Za-z0-9][\w.~+/-]{15,2000}={0,2})/gi },
  { kind: "password of a command", pattern: /(\bcurl\b[^\n]{0,300}?\s(?:-u|--user|--proxy-user)[\s=]{1,3}["']?[^\s:"']{1,100}:)([^\s"'\\]{4,200})/g, mayBePlain: true },
  { kind: "password of a command", pattern: /(\b(?:mysql|mysqldump|mariadb|mysqladmin)\b[^\n]{0,200}?\s-p)([^\s"'\\-][^\s"'\\]{5,100})/g, mayBePlain: true },
  { kind: "password of a command", pattern: /(\bsshpass\s{1,4}-p\s{0,4}["']?)([^\s"'\\]{4,100})/g, mayBePlain: true },
  { kind: "registry login", pattern: /(_(?:auth|authToken|password)["']?\s{0,4}[=:]\s{0,4}["']?)([\w.~+/=-]{8,2000})/g, mayBePlain: true },
  { kind: "password of a .netrc", pattern: /(\blogin\s{1,8}[^\s"']{1,100}\s{1,8}password\s{1,8})([^\s"']{4,200})/g, mayBePlain: true },
  { kind: "password hash", pattern: /\$(?:2[abxy]\$\d\d\$[./A-Za-z0-9]{53}|(?:5|6|y)\$(?:rounds=\d{1,9}\$)?[./A-Za-z0-9$]{8,40}\$[./A-Za-z0-9]{40,90}|argon2(?:id|i|d)\$v=\d{1,3}\$[\w=,]{5,60}\$[A-Za-z0-9+/]{10,100}\$[A-Za-z0-9+/]{20,200}|apr1\$[./A-Za-z0-9]{1,8}\$[./A-Za-z0-9]{22})/g },
];

/** Secrets in a text that show by their shape alone. */
export function findSecretShapes(text: string): Finding[] {
  const found: Finding[] = [];
  for (const { kind, pattern, mayBePlain = false } of SHAPES) {
    for (const match of text.matchAll(pattern)) {
      const [whole, before, value] = match;
      const secret = value ?? whole;
      if (mayBePlain && isPlainValue(secret)) continue;
      const start = match.index + (value === undefined ? 0 : (before ?? "").length);
      found.push({ start, end: start + secret.length, kind });
    }
  }
  return [...found, ...findSecretsBesideKeyIds(text)];
}

/** AWS secret keys have no mark of their own; forty such characters near a key id, or near the word, are one. */
function findSecretsBesideKeyIds(text: string): Finding[] {
  const marks = [...text.matchAll(/(?:AKIA|ASIA)[A-Z0-9]{16}|\baws|secret_?access_?key/gi)].map(({ index }) => index);
  if (marks.length === 0) return [];
  const found: Finding[] = [];
  let next = 0;
  for (const { 0: value, index } of text.matchAll(/(?<![A-Za-z0-9/+=_-])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+_-])/g)) {
    while (next < marks.length && (marks[next] ?? 0) < index) next++;
    const near = [marks[next - 1], marks[next]].some((mark) => mark !== undefined && Math.abs(mark - index) < 300);
    if (near && /[a-z]/.test(value) && /[A-Z]/.test(value) && /\d/.test(value) && entropyOf(value) > 4) found.push({ start: index, end: index + value.length, kind: "AWS secret key" });
  }
  return found;
}
