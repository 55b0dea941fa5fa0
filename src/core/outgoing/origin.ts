import { classOfAddress, isAddress, parseUrl } from "./addresses";
import type { HostClass } from "./disclosure";

/** An address that may be asked, as far as its text can tell: what its name resolves to is checked with `addressesRefused`. */
export interface Destination {
  /** As the URL parser writes it, without a fragment. */
  readonly href: string;
  /** Scheme, host and port, the port always written, such as `https://api.example.com:443`. Names are in punycode. */
  readonly origin: string;
  readonly scheme: "http" | "https";
  /** Name in punycode, or an address; IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
  readonly hostClass: HostClass;
}

/** Why an address may not be asked, as a sentence for the person. */
export interface AddressRefusal {
  readonly refused: string;
}

/** A longer address is no address that a person chose. */
const LONGEST = 8192;

/**
 * Endings of names that exist only inside a private network: mDNS (RFC 6762), the home's domain (RFC 8375), the name
 * that ICANN keeps for private use, loopback (RFC 6761). Such a name must still resolve to a private address.
 */
const PRIVATE_ENDINGS = ["localhost", "local", "home.arpa", "internal"];

/** Names under which clouds hand out credentials of the machine. */
const METADATA_NAMES = ["metadata.google.internal", "metadata.internal", "instance-data.ec2.internal"];

/**
 * Reads an address that somebody typed or a server sent. Only parsed parts are compared, never beginnings of text. The
 * class `yourNetwork` is loopback, RFC 1918, fc00::/7, the private endings above and names without a dot (the public
 * internet has none); everything else that is not reserved is `internet` and needs https.
 */
export function readDestination(text: string): Destination | AddressRefusal {
  const odd = oddText(text) ?? (/^[a-z][a-z\d+.-]*:\/\/[^/?#]/i.test(text) ? undefined : "The address must begin with https:// and a host.");
  if (odd !== undefined) return { refused: odd };
  const url = parseUrl(text);
  if (!url) return { refused: "The address cannot be read." };
  const authority = /^[^:]*:\/\/([^/?#]*)/.exec(text)?.[1] ?? "";
  if (url.protocol !== "https:" && url.protocol !== "http:") return { refused: `Only https and http are spoken, not ${url.protocol.slice(0, -1)}.` };
  if (url.username !== "" || url.password !== "" || authority.includes("@")) return { refused: "The address holds a user name or password: keys are stored apart from addresses." };
  return classified(url);
}

/** Where a redirect of a GET leads, if it may be followed: the class stays, https stays, userinfo and odd text are refused as everywhere. */
export function readRedirect(from: Destination, location: string): Destination | AddressRefusal {
  const odd = oddText(location);
  if (odd !== undefined) return { refused: odd };
  const url = parseUrl(location, from.href);
  if (!url) return { refused: "The server sent the request on to an address that cannot be read." };
  const target = readDestination(url.href);
  if ("refused" in target) return target;
  if (target.hostClass !== from.hostClass) return { refused: `The server sent the request on from ${wordsFor(from.hostClass)} to ${wordsFor(target.hostClass)} (${target.host}).` };
  if (from.scheme === "https" && target.scheme !== "https") return { refused: `The server sent the request on without encryption (${target.host}).` };
  return target;
}

/**
 * Whether the addresses that a name resolved to are of the class that was disclosed; a sentence where not. A public
 * name that leads into a private network is how a page reaches a machine behind a firewall (DNS rebinding). Among the
 * answers for a private name, IPv6 link-local ones are usual: they are not asked, see `askable`.
 */
export function addressesRefused(destination: Destination, addresses: readonly string[]): string | undefined {
  const wrong = addresses.find((address) => !fits(destination, address) && !isIgnored(destination, address));
  if (wrong !== undefined) return `${destination.host} leads to ${wrong}, which is not in ${wordsFor(destination.hostClass)}.`;
  return askable(destination, addresses).length === 0 ? `${destination.host} leads to no address that can be asked.` : undefined;
}

/** The addresses of `addresses` that may be connected to. */
export function askable(destination: Destination, addresses: readonly string[]): readonly string[] {
  return addresses.filter((address) => fits(destination, address));
}

/** A class in words, inside a sentence. */
export function wordsFor(hostClass: HostClass): string {
  return hostClass === "yourNetwork" ? "your network" : "the internet";
}

function classified(url: URL): Destination | AddressRefusal {
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const scheme = url.protocol === "https:" ? "https" : "http";
  const port = url.port === "" ? (scheme === "https" ? 443 : 80) : Number(url.port);
  if (host.endsWith(".")) return { refused: `Write ${host.replace(/\.+$/, "")} without the dot at its end.` };
  if (port === 0) return { refused: "Port 0 cannot be asked." };
  if (METADATA_NAMES.includes(host)) return { refused: `${host} hands out credentials of the machine and is never asked.` };
  const hostClass = isAddress(host) ? classOfAddress(host) : classOfName(host);
  if (hostClass === "linkLocal" || hostClass === "reserved") return { refused: `${host} is an address that is never asked (${hostClass === "linkLocal" ? "link-local" : "reserved"}).` };
  if (hostClass === "internet" && scheme === "http") return { refused: `${host} is on the internet and needs https.` };
  url.hash = "";
  return { href: url.href, origin: `${scheme}://${url.hostname}:${String(port)}`, scheme, host, port, hostClass };
}

function classOfName(host: string): HostClass {
  const labels = host.split(".");
  return labels.length === 1 || PRIVATE_ENDINGS.some((ending) => labels.slice(-ending.split(".").length).join(".") === ending) ? "yourNetwork" : "internet";
}

/** Text that URL parsers repair silently: repaired, it would be another address than the one that was read by a person. */
function oddText(text: string): string | undefined {
  if (text.length > LONGEST) return "The address is too long.";
  if (/[\u0000-\u0020\u007f-\u00a0\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/.test(text)) return "The address holds a space or a character that cannot be seen.";
  return text.includes("\\") ? "The address holds a backslash." : undefined;
}

function fits(destination: Destination, address: string): boolean {
  return classOfAddress(address) === destination.hostClass;
}

function isIgnored(destination: Destination, address: string): boolean {
  return destination.hostClass === "yourNetwork" && address.includes(":") && !/^::ffff:/i.test(address) && classOfAddress(address) === "linkLocal";
}
