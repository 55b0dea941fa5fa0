/** Words that stand where a secret would, but are none: they name a state, a place or a default. Lower case. */
const PLAIN_WORDS: ReadonlySet<string> = new Set((
  "true false null none undefined nil yes no on off enabled disabled enable disable default auto always never required optional "
  + "development production staging testing test local localhost debug info warn warning error verbose silent trace release preview sandbox live "
  + "postgres postgresql mysql mariadb sqlite sqlite3 mongodb redis rabbitmq memcached elastic elasticsearch kafka minio docker kubernetes nginx apache "
  + "admin administrator root user username guest anonymous nobody password passwd passphrase secret secretkey token apikey api_key api-key access_token refresh_token bearer basic "
  + "string number boolean integer object array bytes buffer unknown any void text json yaml plain value example sample dummy fake placeholder "
  + "x-oauth-basic x-access-token changeme change_me change-me changeit replaceme replace_me replace-me fixme todo tbd xxx redacted masked hidden removed "
  + "password1 password123 passw0rd secret123 test1234 testtest test123 foobar foobar123 hunter2hunter2 letmein qwerty 123456 1234567 12345678 123456789 1234567890 "
  + "utf-8 utf8 utf-16 base64 base64url sha1 sha256 sha384 sha512 hs256 rs256 es256 ed25519 aes-256-gcm aes-256-cbc oauth oauth2 oauth1 openid application/json"
).split(" "));

/** Beginnings and parts that only placeholders have. */
const PLACEHOLDER = /^(?:your|my|the|an?|some|insert|enter|put|replace|change|add|use)[-_ ].*(?:key|token|secret|password|here|value|id)|^<.*>$|^\[.*\]$|^\{.*\}$|^%.*%$|^(.)\1{3,}$|\*{3,}|\.{3,}|x{5,}|not[-_ ]?a[-_ ]?(?:real[-_ ]?)?(?:secret|key|token|password)|^GHOSTLIGHT_(?:[A-Z]+_)?SECRET_\d+_|(?:^|[-_])(?:placeholder|changeme|redacted|dummy)(?:$|[-_])/i;

/** A reference to a value kept elsewhere, in the notations of shells, templates and languages. */
const REFERENCE = /^\$|^%[\w.]+%$|\$\{|\{\{|<%|%\(\w+\)|^@\w+[.(]|^(?:process\.env|env|os\.environ|import\.meta|config|settings|props|secrets|vault|var|local|data|this|self|module)[.[(]|^(?:ENV|os\.getenv|getenv|System\.getenv)[[(]|^\w+\(|^#\{/;

/** Whether a value is a word, a placeholder of documentation or a reference, and so no secret. Without quotes around it. */
export function isPlainValue(value: string): boolean {
  return isPlainWord(value) || REFERENCE.test(value.trim());
}

/** Whether a value is an ordinary word or a placeholder of documentation. */
export function isPlainWord(value: string): boolean {
  const trimmed = value.trim();
  return PLAIN_WORDS.has(trimmed.toLowerCase()) || PLACEHOLDER.test(trimmed);
}

/** Whether a value is a setting that everybody could guess: a small number, a version, an address of this machine, a switch. */
export function isOrdinarySetting(value: string): boolean {
  return /^[+-]?\d{1,7}(?:\.\d+)?(?:ms|s|m|h|d|k|kb|mb|gb|px|%)?$/i.test(value)
    || /^v?\d{1,4}(?:\.\d{1,5}){1,3}(?:[-+][a-z]+[\w.]{0,12})?$/i.test(value)
    || /^(?:[a-z]+:\/\/)?(?:localhost|127(?:\.\d{1,3}){3}|0\.0\.0\.0|\[?::1\]?|host\.docker\.internal)(?::\d{1,5})?(?:\/[\w./-]*)?$/i.test(value);
}

/** Shannon entropy in bits per character; 0 for an empty text. */
export function entropyOf(text: string): number {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  const length = [...text].length;
  let bits = 0;
  for (const count of counts.values()) bits -= (count / length) * Math.log2(count / length);
  return bits;
}
