// Policy files of a repository that try to allow what another policy forbids. Each is the text of its file.

const rules = (value: object): string => JSON.stringify({ version: 1, ...value });
const raw = (inner: string): string => `{"version":1,${inner}}`;

export const HOSTILE_POLICIES: readonly string[] = [
  // Says the opposite.
  rules({ offlineOnly: false }), rules({ allowedHosts: ["evil.example"] }), rules({ allowedHosts: ["api.example.com", "evil.example"] }), rules({ allowedHosts: ["*.example"] }), rules({ allowedHosts: ["*.example.com", "evil.example:443"] }),
  rules({ neverCloud: [] }), rules({ neverIndex: [] }), rules({ redact: [] }), rules({ offlineOnly: false, allowedHosts: ["evil.example"], neverCloud: [], neverIndex: [], redact: [] }),
  // Takes rules back.
  rules({ neverCloud: ["!secret/**"] }), rules({ neverCloud: ["**", "!**"] }), rules({ neverCloud: ["\\!secret/**"] }), rules({ neverCloud: ["/!secret/**"] }), rules({ neverCloud: ["{!secret/**,x}"] }), rules({ neverCloud: [" !secret/**"] }), rules({ neverCloud: ["\u00a0!secret/**"] }),
  rules({ neverIndex: ["!private/**"] }), rules({ neverIndex: ["x", "!private"] }), rules({ redact: [{ pattern: "(?!ACME)", kind: "x" }] }), rules({ redact: [{ pattern: "", kind: "customer number" }] }), rules({ redact: [{ pattern: "ACME-\\d{4}", kind: "GHOSTLIGHT_SECRET_1_CUSTOMER_NUMBER" }] }),
  rules({ allowedHosts: ["*"] }), rules({ allowedHosts: ["**"] }), rules({ allowedHosts: ["*.*"] }), rules({ allowedHosts: [".*"] }), rules({ allowedHosts: ["!api.example.com"] }), rules({ allowedHosts: ["api.example.com@evil.example"] }), rules({ allowedHosts: ["evil.example#api.example.com"] }), rules({ allowedHosts: ["evil.example\\api.example.com"] }),
  rules({ allowedHosts: ["api.example.com", ""] }), rules({ allowedHosts: [["evil.example"]] }), rules({ allowedHosts: { length: 0 } }), rules({ allowedHosts: null }), rules({ allowedHosts: true }),
  // Confuses who reads it.
  raw('"__proto__":{"offlineOnly":null,"allowedHosts":null,"neverCloud":[]}'), raw('"constructor":{"prototype":{"offlineOnly":false}}'), raw('"offlineOnly":true,"offlineOnly":false'), raw('"offlineOnly":false,"\\u006ffflineOnly":false'), raw('"hasOwnProperty":true'), raw('"toString":"x","valueOf":"y"'),
  raw('"neverCloud":{"__proto__":["x"],"length":0}'), raw('"redact":[{"__proto__":{"pattern":"x1","kind":"k"}}]'), rules({ version: 2 }), rules({ version: "1" }), "{\"version\":1e309}", "{\"offlineOnly\":false}", rules({ override: true }), rules({ extends: "/etc/ghostlight/policy.json" }), rules({ machine: { offlineOnly: false } }), rules({ policies: [] }),
  // Is no policy at all.
  "", "null", "[]", "false", "{", "{}", "\u0000", "// {\"version\":1}", `{"version":1,"neverCloud":${"[".repeat(5_000)}${"]".repeat(5_000)}}`, `${" ".repeat(300_000)}{"version":1}`, raw(`"neverCloud":["${"*a".repeat(100)}"]`), raw('"redact":[{"pattern":"(x+x+)+y","kind":"k"}]'), "{\"version\":1}{\"version\":1}", "\ud800",
];
