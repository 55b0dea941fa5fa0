const LABEL = "[a-z0-9](?:[a-z0-9_-]{0,61}[a-z0-9])?";
const NAME = new RegExp(`^(\\*\\.)?(?:${LABEL}\\.)*${LABEL}$`);

/**
 * Why a text is no host of `allowedHosts`; undefined where it is one: `api.example.com`, `10.0.0.5:8080`, `[::1]:8080`,
 * `*.corp.example` (every name below it, not itself). Without a port it stands for all ports.
 */
export function hostPatternProblem(pattern: string): string | undefined {
  const { host, port } = split(pattern.toLowerCase());
  if (/[/@\s\\]/.test(pattern)) return `holds ${JSON.stringify(pattern)}: name the host alone, such as "api.example.com" or "10.0.0.5:8080"`;
  if (host === "*") return "holds \"*\", which would allow every host: leave \"allowedHosts\" out for that";
  if (port !== undefined && !(Number(port) >= 1 && Number(port) <= 65_535)) return `holds ${JSON.stringify(pattern)}, whose port is not between 1 and 65535`;
  if (!NAME.test(host) && !/^\[[0-9a-f:.]{2,45}\]$/.test(host)) return `holds ${JSON.stringify(pattern)}, which is no host`;
  return undefined;
}

/** Whether a host, as a parsed address names it (lower case, IPv6 in brackets), is the one that a pattern allows. */
export function hostMatches(pattern: string, host: string, port: number): boolean {
  const wanted = split(pattern.toLowerCase());
  const asked = split(host.toLowerCase());
  if (asked.port !== undefined && asked.port !== String(port)) return false;
  if (wanted.port !== undefined && Number(wanted.port) !== port) return false;
  const name = asked.host.replace(/\.$/, "");
  if (!wanted.host.startsWith("*.")) return name === wanted.host;
  const domain = wanted.host.slice(1);
  return name.endsWith(domain) && name.length > domain.length && !/^[[\d.:]+$/.test(name);
}

function split(text: string): { host: string; port: string | undefined } {
  const match = /^(\[[^\]]*\]|[^:]*)(?::(\d{1,5}))?$/.exec(text);
  return match ? { host: match[1] ?? "", port: match[2] } : { host: text, port: undefined };
}
