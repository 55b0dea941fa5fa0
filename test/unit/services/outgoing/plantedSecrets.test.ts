import assert from "node:assert/strict";
import { combinePolicies } from "../../../../src/core/outgoing/policy";
import { createRedactor } from "../../../../src/services/outgoing/redactor";
import { createSecretRules } from "../../../../src/services/outgoing/secretRules";
import { FILE_TEMPLATES } from "../../../support/plantedFiles";
import { leakedPiece, plantedSecrets, type PlantedSecret } from "../../../support/plantedSecrets";

const signal = new AbortController().signal;
const policy = combinePolicies([]);
const nothing = { read: () => Promise.resolve([]), lookAgain: () => undefined };

interface Planting {
  readonly file: string;
  readonly secret: PlantedSecret;
  readonly text: string;
}

/** Every file type with `count` secrets each, in turn; with new values for each file. */
function plantings(count: number): Planting[] {
  return FILE_TEMPLATES.flatMap(({ file, write }, type) => {
    const secrets = plantedSecrets(file);
    return Array.from({ length: Math.min(count, secrets.length) }, (_, index) => {
      const secret = secrets[(type * count + index) % secrets.length];
      assert.ok(secret);
      return { file, secret, text: write(secret.name, secret.value) };
    });
  });
}

/** Sends each planting as a request of its own, by a redactor that has seen nothing yet: words around the secret must be enough. */
async function leaks(planted: readonly Planting[]): Promise<string[]> {
  const found: string[] = [];
  const secrets = createSecretRules();
  for (const { file, secret, text } of planted) {
    const { texts, restorer } = await createRedactor({ secrets, environment: nothing }).redact(["Explain this file.", text, "It does not work."], policy, signal);
    const piece = leakedPiece(secret, texts.join("\n"));
    if (piece !== "") found.push(`${file}: ${secret.kind}: ${text}`);
    assert.deepEqual(texts.map((sent) => restorer.restore(sent)), ["Explain this file.", text, "It does not work."]);
  }
  return found;
}

describe("planted secrets", () => {
  it("the file types are sixty or more, the secrets of many kinds", () => {
    assert.ok(new Set(FILE_TEMPLATES.map(({ file }) => file.split(".").at(-1))).size >= 60);
    assert.ok(plantedSecrets("one").length >= 40);
    assert.ok(plantings(5).length >= 300);
  });

  it("300 in 60 file types: none leaves", async () => assert.deepEqual(await leaks(plantings(5)), []));

  it("every kind in every file type: none leaves", async () => assert.deepEqual(await leaks(plantings(99)), [])).timeout(60_000);
});
