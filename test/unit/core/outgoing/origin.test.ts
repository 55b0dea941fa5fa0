import { strict as assert } from "node:assert";
import fc from "fast-check";
import { classOfAddress, isAddress } from "../../../../src/core/outgoing/addresses.js";
import { addressesRefused, askable, readDestination, readRedirect, type Destination } from "../../../../src/core/outgoing/origin.js";

function read(url: string): Destination {
  const found = readDestination(url);
  assert.ok(!("refused" in found), `${url}: ${"refused" in found ? found.refused : ""}`);
  return found;
}

describe("the class of an address", () => {
  const classes: readonly (readonly [string, string])[] = [
    ["127.0.0.1", "yourNetwork"], ["127.255.255.254", "yourNetwork"], ["10.0.0.1", "yourNetwork"], ["172.16.0.1", "yourNetwork"], ["172.31.255.255", "yourNetwork"], ["192.168.7.7", "yourNetwork"],
    ["::1", "yourNetwork"], ["fc00::1", "yourNetwork"], ["fdff:ffff::1", "yourNetwork"], ["::ffff:10.0.0.1", "yourNetwork"], ["::ffff:7f00:1", "yourNetwork"],
    ["8.8.8.8", "internet"], ["172.15.255.255", "internet"], ["172.32.0.1", "internet"], ["11.0.0.0", "internet"], ["192.167.255.255", "internet"], ["223.255.255.255", "internet"],
    ["2606:4700::1111", "internet"], ["2001:4860:4860::8888", "internet"], ["::ffff:8.8.8.8", "internet"], ["64:ff9b::8.8.8.8", "internet"],
    ["169.254.169.254", "linkLocal"], ["::ffff:169.254.169.254", "linkLocal"], ["fe80::1", "linkLocal"], ["fe80::1%eth0", "linkLocal"], ["febf::1", "linkLocal"],
    ["0.0.0.0", "reserved"], ["0.1.2.3", "reserved"], ["100.64.0.1", "reserved"], ["100.127.255.255", "reserved"], ["192.0.0.8", "reserved"], ["192.0.2.1", "reserved"], ["198.18.0.1", "reserved"], ["198.51.100.1", "reserved"],
    ["203.0.113.9", "reserved"], ["224.0.0.1", "reserved"], ["239.255.255.250", "reserved"], ["240.0.0.1", "reserved"], ["255.255.255.255", "reserved"],
    ["::", "reserved"], ["::7f00:1", "reserved"], ["::ffff:0.0.0.0", "reserved"], ["64:ff9b::127.0.0.1", "reserved"], ["64:ff9b::a9fe:a9fe", "reserved"], ["64:ff9b:1::1", "reserved"], ["fec0::1", "reserved"], ["ff02::1", "reserved"],
    ["2001:db8::1", "reserved"], ["2002:7f00:1::", "reserved"], ["2001::1", "reserved"], ["3fff::1", "reserved"], ["4000::1", "reserved"], ["", "reserved"], ["name", "reserved"], ["1.2.3", "reserved"], ["1.2.3.256", "reserved"], ["1:2", "reserved"],
  ];
  for (const [address, expected] of classes) {
    it(`${address || "(nothing)"} is ${expected}`, () => { assert.equal(classOfAddress(address), expected); });
  }

  it("is told for every IPv4 address, and the same in its IPv6 form", () => {
    fc.assert(fc.property(fc.ipV4(), (address) => {
      assert.ok(isAddress(address));
      assert.equal(classOfAddress(`::ffff:${address}`), classOfAddress(address));
    }));
  });
});

describe("an address that may be asked", () => {
  const sound: readonly (readonly [string, string, string])[] = [
    ["https://api.example.com/v1", "https://api.example.com:443", "internet"],
    ["HTTPS://API.Example.COM:8443/v1?x#y", "https://api.example.com:8443", "internet"],
    ["https://bücher.example/", "https://xn--bcher-kva.example:443", "internet"],
    // The first letter is Cyrillic: shown, it is plainly another name.
    ["https://аpi.example.com/", "https://xn--pi-6kc.example.com:443", "internet"],
    ["https://8.8.8.8/", "https://8.8.8.8:443", "internet"],
    ["https://[2606:4700::1111]/", "https://[2606:4700::1111]:443", "internet"],
    ["http://localhost:8080", "http://localhost:8080", "yourNetwork"],
    ["http://model.localhost", "http://model.localhost:80", "yourNetwork"],
    ["http://gpu-box:8000/v1", "http://gpu-box:8000", "yourNetwork"],
    ["http://studio.local:11434", "http://studio.local:11434", "yourNetwork"],
    ["http://box.home.arpa", "http://box.home.arpa:80", "yourNetwork"],
    ["https://llm.internal", "https://llm.internal:443", "yourNetwork"],
    ["http://192.168.1.20:8000", "http://192.168.1.20:8000", "yourNetwork"],
    ["http://[::1]:8080", "http://[::1]:8080", "yourNetwork"],
    ["http://[fd00::7]", "http://[fd00::7]:80", "yourNetwork"],
    // Other spellings of 127.0.0.1 are that address, and of its class.
    ["http://2130706433/", "http://127.0.0.1:80", "yourNetwork"],
    ["http://0x7f.1/", "http://127.0.0.1:80", "yourNetwork"],
    ["http://0177.0.0.1/", "http://127.0.0.1:80", "yourNetwork"],
    ["http://127.1/", "http://127.0.0.1:80", "yourNetwork"],
    ["http://１２７.0.0.1/", "http://127.0.0.1:80", "yourNetwork"],
    ["http://%31%32%37.0.0.1/", "http://127.0.0.1:80", "yourNetwork"],
    ["http://[::ffff:127.0.0.1]/", "http://[::ffff:7f00:1]:80", "yourNetwork"],
  ];
  for (const [url, origin, hostClass] of sound) {
    it(`${url} is ${origin}`, () => {
      const found = read(url);
      assert.deepEqual([found.origin, found.hostClass], [origin, hostClass]);
    });
  }

  it("has no fragment", () => { assert.equal(read("https://a.example/x?y#z").href, "https://a.example/x?y"); });

  const refused: readonly (readonly [string, RegExp])[] = [
    ["http://api.example.com/", /needs https/], ["http://8.8.8.8/", /needs https/], ["http://localhost.example.com/", /needs https/], ["http://127.0.0.1.example.com/", /needs https/], ["http://mylocal.evil/", /needs https/],
    ["https://user@api.example.com/", /user name/], ["https://user:pass@api.example.com/", /user name/], ["https://@api.example.com/", /user name/], ["https://:@api.example.com/", /user name/], ["https://api.example.com:443@evil.example/", /user name/],
    ["ftp://api.example.com/", /Only https/], ["file:///etc/passwd", /must begin/], ["file://host/etc/passwd", /Only https/], ["ws://localhost/", /Only https/], ["javascript:alert(1)", /must begin/], ["data:text/plain,x", /must begin/],
    ["https:api.example.com", /must begin/], ["https:/api.example.com", /must begin/], ["https:///api.example.com", /must begin/], ["//api.example.com", /must begin/], ["api.example.com", /must begin/], ["", /must begin/], ["https://", /must begin/],
    ["https://api.example.com\\@evil.example/", /backslash/], ["https:\\\\api.example.com", /backslash/], ["https://api.example.com\n.evil.example/", /cannot be seen/], [" https://api.example.com", /cannot be seen/], ["https://api\t.example.com", /cannot be seen/], ["https://api.example.com/\u0000", /cannot be seen/],
    ["https://api\u200b.example.com/", /cannot be seen/], ["https://api.example.com/\u202e", /cannot be seen/], ["https://api\u00ad.example.com", /cannot be seen/],
    ["https://api.example.com./", /dot at its end/], ["http://localhost./", /dot at its end/], ["https://api.example.com:0/", /Port 0/], ["https://api.example.com:99999/", /cannot be read/], ["https://exa mple.com/", /cannot be seen/], ["https://[::1", /cannot be read/], ["https://256.1.1.1/", /cannot be read/], ["https://1.2.3.4.5/", /cannot be read/],
    ["http://169.254.169.254/latest/meta-data", /link-local/], ["https://169.254.169.254/", /link-local/], ["http://2852039166/", /link-local/], ["http://[::ffff:169.254.169.254]/", /link-local/], ["http://[fe80::1]/", /link-local/],
    ["http://0.0.0.0:8080/", /reserved/], ["http://0/", /reserved/], ["http://[::]/", /reserved/], ["http://255.255.255.255/", /reserved/], ["http://224.0.0.1/", /reserved/], ["http://[ff02::1]/", /reserved/], ["https://100.64.0.1/", /reserved/], ["https://[2002:7f00:1::]/", /reserved/], ["https://[64:ff9b::7f00:1]/", /reserved/],
    ["http://metadata.google.internal/", /credentials/], [`https://a.example/${"x".repeat(9000)}`, /too long/],
  ];
  for (const [url, why] of refused) {
    it(`${JSON.stringify(url.slice(0, 60))} is refused`, () => {
      const found = readDestination(url);
      assert.match("refused" in found ? found.refused : `${found.origin} was taken`, why);
    });
  }

  it("is read alike however often it was read before", () => {
    const first = read("https://bücher.example/ü");
    for (let time = 0; time < 30_000; time++) if (read("https://bücher.example/ü").origin !== first.origin) assert.fail(`at reading ${String(time)}`);
  });

  it("is never another host than a second reading of it gives", () => {
    fc.assert(fc.property(fc.oneof(fc.webUrl({ withQueryParameters: true }), fc.string(), fc.string({ unit: "binary" }).map((text) => `https://${text}`)), (text) => {
      const found = readDestination(text);
      if ("refused" in found) return;
      assert.deepEqual(readDestination(found.href), found);
      assert.equal(new URL(found.href).hostname.replace(/^\[|\]$/g, ""), found.host);
    }));
  });
});

describe("a redirect", () => {
  const from = read("https://models.example.com/a/b?c");
  const followed: readonly (readonly [string, string])[] = [["/d", "https://models.example.com/d"], ["d", "https://models.example.com/a/d"], ["https://cdn.example.net/x", "https://cdn.example.net/x"], ["//cdn.example.net/x", "https://cdn.example.net/x"]];
  for (const [location, href] of followed) {
    it(`to ${location} leads to ${href}`, () => {
      const target = readRedirect(from, location);
      assert.equal("refused" in target ? target.refused : target.href, href);
    });
  }

  for (const location of ["http://models.example.com/d", "http://127.0.0.1/", "https://127.0.0.1/", "https://localhost/", "https://10.0.0.1/", "//192.168.0.1/", "https://169.254.169.254/", "https://[::1]/", "https://u:p@cdn.example.net/", "//u@cdn.example.net", "file:///etc/passwd", "javascript:1", "\\\\cdn.example.net", "/\n", "https://cdn.example.net./", "http:d"]) {
    it(`to ${JSON.stringify(location)} is not followed`, () => { assert.ok("refused" in readRedirect(from, location)); });
  }

  it("in the own network keeps encryption", () => {
    const home = read("https://192.168.0.2/");
    assert.ok("refused" in readRedirect(home, "http://192.168.0.2/"));
    assert.ok(!("refused" in readRedirect(home, "https://192.168.0.3/")));
  });

  it("out of the own network is not followed", () => { assert.ok("refused" in readRedirect(read("http://localhost:80/"), "https://api.example.com/")); });
});

describe("what a name resolves to", () => {
  const world = read("https://api.example.com/");
  const home = read("http://studio.local/");

  it("must be of the class that was disclosed, each address", () => {
    assert.equal(addressesRefused(world, ["8.8.8.8", "2606:4700::1111"]), undefined);
    assert.equal(addressesRefused(home, ["192.168.0.2", "fd00::1"]), undefined);
    for (const wrong of ["127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "fd00::1", "fe80::1", "::ffff:127.0.0.1", "0.0.0.0", "64:ff9b::127.0.0.1", "nonsense"]) assert.match(addressesRefused(world, ["8.8.8.8", wrong]) ?? "", /leads to/, wrong);
    for (const wrong of ["8.8.8.8", "169.254.169.254", "0.0.0.0", "::ffff:169.254.1.1"]) assert.match(addressesRefused(home, ["192.168.0.2", wrong]) ?? "", /leads to/, wrong);
    assert.match(addressesRefused(world, []) ?? "", /no address/);
  });

  it("leaves out the link-local answers of mDNS, and does not ask them", () => {
    assert.equal(addressesRefused(home, ["fe80::1%eth0", "192.168.0.2"]), undefined);
    assert.deepEqual(askable(home, ["fe80::1%eth0", "192.168.0.2"]), ["192.168.0.2"]);
    assert.match(addressesRefused(home, ["fe80::1"]) ?? "", /no address/);
  });
});
