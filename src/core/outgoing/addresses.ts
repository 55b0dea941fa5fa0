import type { HostClass } from "./disclosure";

/** What an address is to the gate: one of the classes that can be allowed, `linkLocal`, or an address nobody may ask. */
export type AddressClass = HostClass | "linkLocal" | "reserved";

/** Networks of IPv4 that are not the internet, as prefix, length in bits and class (IANA special-purpose registry). Everything else is. */
const IPV4_NETWORKS: readonly (readonly [prefix: string, bits: number, addressClass: AddressClass])[] = [
  ["127.0.0.0", 8, "yourNetwork"],
  ["10.0.0.0", 8, "yourNetwork"],
  ["172.16.0.0", 12, "yourNetwork"],
  ["192.168.0.0", 16, "yourNetwork"],
  // Clouds answer here with the credentials of the machine.
  ["169.254.0.0", 16, "linkLocal"],
  // "This network": 0.0.0.0 reaches the own machine on some systems.
  ["0.0.0.0", 8, "reserved"],
  // Shared by the customers of a carrier: neither the person's own nor the internet.
  ["100.64.0.0", 10, "reserved"],
  ["192.0.0.0", 24, "reserved"],
  ["192.0.2.0", 24, "reserved"],
  ["192.88.99.0", 24, "reserved"],
  ["198.18.0.0", 15, "reserved"],
  ["198.51.100.0", 24, "reserved"],
  ["203.0.113.0", 24, "reserved"],
  // Multicast, then what was never given out, broadcast included.
  ["224.0.0.0", 4, "reserved"],
  ["240.0.0.0", 4, "reserved"],
];

/**
 * Class of an address in text, IPv4 in four decimal numbers or IPv6 in any spelling, with or without a zone. IPv6 forms
 * that hold an IPv4 address have the class of that one. `reserved` for text that is no address.
 */
export function classOfAddress(address: string): AddressClass {
  const plain = address.replace(/%.*$/, "");
  const four = parseIpv4(plain);
  if (four !== undefined) return classOfIpv4(four);
  const groups = parseIpv6(plain);
  return groups === undefined ? "reserved" : classOfIpv6(groups);
}

/** Whether text is an address rather than a name. Expects what a parsed URL has: IPv4 in four numbers, IPv6 without brackets. */
export function isAddress(host: string): boolean {
  return host.includes(":") || parseIpv4(host) !== undefined;
}

/**
 * Parses an address, relative to `base` where one is given; undefined where it cannot be read. Not `URL.canParse`: in Node 20
 * its compiled form takes letters such as ü for broken UTF-8 and says no.
 */
export function parseUrl(text: string, base?: string): URL | undefined {
  try {
    return new URL(text, base);
  } catch {
    return undefined;
  }
}

function classOfIpv4(address: number): AddressClass {
  const found = IPV4_NETWORKS.find(([prefix, bits]) => Math.floor(address / 2 ** (32 - bits)) === Math.floor((parseIpv4(prefix) ?? 0) / 2 ** (32 - bits)));
  return found === undefined ? "internet" : found[2];
}

function classOfIpv6(groups: readonly number[]): AddressClass {
  const [first = 0, second = 0] = groups;
  const embedded = (groups[6] ?? 0) * 0x10000 + (groups[7] ?? 0);
  const start = groups.slice(0, 6).map((group) => group.toString(16)).join(":");
  if (start === "0:0:0:0:0:ffff") return classOfIpv4(embedded);
  // Networks without IPv4 reach it through this prefix (RFC 6052); only the internet is behind it.
  if (start === "64:ff9b:0:0:0:0") return classOfIpv4(embedded) === "internet" ? "internet" : "reserved";
  if (start === "0:0:0:0:0:0") return embedded === 1 ? "yourNetwork" : "reserved";
  if ((first & 0xfe00) === 0xfc00) return "yourNetwork";
  if ((first & 0xffc0) === 0xfe80) return "linkLocal";
  if ((first & 0xe000) !== 0x2000) return "reserved";
  // Tunnels (Teredo, 6to4) hold an IPv4 address that would be reached instead; 2001:db8::/32 and 3fff::/20 are for documents.
  const tunnelled = (first === 0x2001 && second < 0x0200) || first === 0x2002;
  const documentation = (first === 0x2001 && second === 0x0db8) || (first === 0x3fff && second < 0x1000);
  return tunnelled || documentation ? "reserved" : "internet";
}

/** Four decimal numbers as one of 32 bits; undefined for anything else. */
function parseIpv4(text: string): number | undefined {
  if (!/^\d{1,3}(\.\d{1,3}){3}$/.test(text)) return undefined;
  const parts = text.split(".").map(Number);
  return parts.every((part) => part <= 255) ? parts.reduce((sum, part) => sum * 256 + part, 0) : undefined;
}

/** Eight groups of 16 bits; the URL parser knows every spelling and writes the one that is read here. */
function parseIpv6(text: string): number[] | undefined {
  const url = /^[\da-f:.]+$/i.test(text) ? parseUrl(`http://[${text}]/`) : undefined;
  if (!url) return undefined;
  const [left = "", right] = url.hostname.slice(1, -1).split("::");
  const before = groupsOf(left);
  const after = right === undefined ? [] : groupsOf(right);
  return [...before, ...new Array<number>(8 - before.length - after.length).fill(0), ...after];
}

function groupsOf(text: string): number[] {
  return text === "" ? [] : text.split(":").map((group) => Number.parseInt(group, 16));
}
