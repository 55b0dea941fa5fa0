import assert from "node:assert/strict";
import { whyPatternIsUnsafe } from "../../../../src/core/outgoing/patternSafety";

describe("patterns of policies", () => {
  for (const pattern of ["ACME-[0-9]{6}", "(?:internal|corp)\\.example", "\\bPROJ-\\d+\\b", "cust_[a-z0-9]{8,16}", "(?:v\\d+)?secret", "[^\\s\"']+@acme\\.example", "(?<id>[A-Z]{2})\\d{4}", "\\p{Lu}{3}-\\d{3}", "a{3}(?:b{2}){4}", "[(|)*+]x"]) {
    it(`accepts ${pattern}`, () => assert.equal(whyPatternIsUnsafe(pattern), undefined));
  }
  const refused: readonly (readonly [pattern: string, why: RegExp])[] = [
    ["(a+)+$", /repeats a group/], ["(a*)*b", /matches nothing|repeats a group/], ["x(a|aa)+", /repeats a group/], ["x(?:a{1,40}-)+", /repeats a group/], ["x((a+)b)+", /repeats a group/], ["x((?:a|b)c){2,}", /repeats a group/],
    ["x(?:a?){30}", /repeats a group/], ["(a)\\1", /refers back/], ["(?<n>a)\\k<n>", /refers back/], ["a(?=b)", /looks ahead/], ["(?<!a)b", /looks ahead/], ["a*b*c*d*e*f", /open repetitions/], ["a.*b.*c.*d.*e.*f", /open repetitions/],
    ["", /matches nothing/], ["a*", /matches nothing/], ["(", /no regular expression/], ["a\\-b", /no regular expression/], ["x".repeat(201), /longer than 200/], ["x(?:(?:a+){1}){1,5}", /repeats a group/],
  ];
  for (const [pattern, why] of refused) it(`refuses ${pattern.slice(0, 40)}`, () => assert.match(whyPatternIsUnsafe(pattern) ?? "accepted", why));
});
