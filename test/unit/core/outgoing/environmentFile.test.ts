import assert from "node:assert/strict";
import fc from "fast-check";
import { environmentValues, isEnvironmentFileName, spellingsOf } from "../../../../src/core/outgoing/environmentFile";

const base64Of = (text: string) => Buffer.from(text).toString("base64");

describe("environment files", () => {
  it("are known by name", () => {
    for (const name of [".env", ".env.local", ".env.production", ".env-ci", ".env_old", "production.env", ".envrc", ".dev.vars", ".dev.vars.staging", ".flaskenv", ".ENV"]) assert.ok(isEnvironmentFileName(name), name);
    for (const name of ["env", "environment.ts", ".environment", "env.ts", "env.d.ts", ".envoy.yaml"]) assert.ok(!isEnvironmentFileName(name), name);
  });

  const cases: readonly (readonly [text: string, values: readonly string[]])[] = [
    ["A=quiet-otter-41", ["quiet-otter-41"]],
    ["export A=quiet-otter-41\r\nB = loud-heron-7\r\n", ["quiet-otter-41", "loud-heron-7"]],
    ["A='quiet otter' # mine\nB=\"loud heron\"\nC=`calm ibis`", ["quiet otter", "loud heron", "calm ibis"]],
    ["A=quiet-otter # mine", ["quiet-otter # mine", "quiet-otter"]],
    ["A=quiet#otter41", ["quiet#otter41"]],
    ["A=\"quiet\\notter\"", ["quiet\\notter", "quiet\notter"]],
    ["A=\"quiet \\\"otter\\\"\"", ["quiet \\\"otter\\\"", "quiet \"otter\""]],
    ["A=\"first line of the key\nsecond line of the key\"\nB=loud-heron", ["first line of the key\nsecond line of the key", "first line of the key", "second line of the key", "loud-heron"]],
    ["A=\"no end of the quote\nB=loud-heron", ["\"no end of the quote", "loud-heron"]],
    ["A: quiet-otter", ["quiet-otter"]],
    ["# A=quiet-otter\n# a remark: with words\n#B='loud-heron'", ["quiet-otter", "loud-heron"]],
    ["URL=postgres://shop:quiet77@db/shop", ["postgres://shop:quiet77@db/shop", "quiet77"]],
    ["DEBUG=true\nHOST=localhost\nPORT=3000\nURL=http://localhost:3000/api\nMODE=development\nV=1.22.333\nT=30000ms\nDB=postgres\nKEY=changeme\nX=${OTHER}\nY=your-api-key-here\nS=short", []],
    ["\uFEFFA=quiet-otter", ["quiet-otter"]],
    ["A=\nB==\nC", []],
    ["PIN=83920174", ["83920174"]],
  ];
  for (const [text, values] of cases) it(JSON.stringify(text).slice(0, 90), () => assert.deepEqual(environmentValues(text), values));

  it("values are also known in other spellings", () => {
    assert.deepEqual(spellingsOf("a\"b/c\nd", base64Of), ["a\"b/c\nd", "a\\\"b/c\\nd", "a\\\"b\\/c\\nd", "a\"b/c\r\nd", "a%22b%2Fc%0Ad"]);
    assert.deepEqual(spellingsOf("quiet-otter", base64Of), ["quiet-otter", "cXVpZXQtb3R0ZXI"]);
    assert.deepEqual(spellingsOf("\ud800half-pair", base64Of)[0], "\ud800half-pair");
  });

  it("any text is read, without an end to the time", () => {
    fc.assert(fc.property(fc.array(fc.constantFrom("A=", "\"", "'", "\n", "#", " ", "\\", "export ", "x", "://u:p@"), { maxLength: 40 }), (pieces) => environmentValues(pieces.join("")).every((value) => value.length >= 6)));
    const started = performance.now();
    environmentValues("A=\"".repeat(50_000));
    environmentValues("A='x\n".repeat(20_000));
    assert.ok(performance.now() - started < 2_000);
  });
});
