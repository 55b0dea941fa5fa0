import { createPrivateKey, generateKeyPairSync, randomBytes, sign, type KeyObject } from "node:crypto";

/** A certificate that nobody signed but its own key, for servers of tests. PEM texts. */
export interface TestCertificate {
  readonly key: string;
  readonly cert: string;
}

/**
 * Makes a self-signed certificate (X.509 v3, P-256), because Node can read certificates but not write them. `name` becomes
 * its DNS name; a number is the address 127.0.0.x. The days count from now, and may lie in the past.
 */
export function makeCertificate(name: string, days: { readonly from: number; readonly to: number } = { from: -1, to: 30 }): TestCertificate {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const alternative = /^[\d.]+$/.test(name) ? der(0x87, Buffer.from(name.split(".").map(Number))) : der(0x82, Buffer.from(name));
  const subjectAlternative = sequence(objectId(0x55, 0x1d, 0x11), der(0x04, sequence(alternative)));
  const body = sequence(
    der(0xa0, integer(Buffer.from([2]))),
    integer(Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    ecdsaWithSha256,
    nameOf(name),
    sequence(time(days.from), time(days.to)),
    nameOf(name),
    publicKey.export({ type: "spki", format: "der" }),
    der(0xa3, sequence(subjectAlternative)),
  );
  return { key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(), cert: pem(sequence(body, ecdsaWithSha256, bitString(signed(body, privateKey)))) };
}

const ecdsaWithSha256 = sequence(objectId(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02));

function signed(body: Buffer, key: KeyObject): Buffer {
  return sign("sha256", body, createPrivateKey(key.export({ type: "pkcs8", format: "pem" })));
}

function nameOf(text: string): Buffer {
  return sequence(der(0x31, sequence(objectId(0x55, 0x04, 0x03), der(0x0c, Buffer.from(text)))));
}

function time(days: number): Buffer {
  const text = new Date(Date.now() + days * 86_400_000).toISOString().replace(/[-:T]|\.\d+/g, "");
  return der(0x18, Buffer.from(text));
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return der(0x30, Buffer.concat(parts));
}

function objectId(...bytes: readonly number[]): Buffer {
  return der(0x06, Buffer.from(bytes));
}

function integer(bytes: Buffer): Buffer {
  return der(0x02, bytes);
}

function bitString(bytes: Buffer): Buffer {
  return der(0x03, Buffer.concat([Buffer.from([0]), bytes]));
}

function der(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

function pem(bytes: Buffer): string {
  return `-----BEGIN CERTIFICATE-----\n${(bytes.toString("base64").match(/.{1,64}/g) ?? []).join("\n")}\n-----END CERTIFICATE-----\n`;
}
