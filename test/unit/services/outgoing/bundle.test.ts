import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { build } from "esbuild";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { plantedSecrets } from "../../../support/plantedSecrets";

const token = plantedSecrets("bundle").find(({ kind }) => kind === "npm token")?.value ?? "";

/** What a bundle's user would do: nothing but the built file, in plain Node. */
const PROGRAM = `
import { createRedactor } from "./src/services/outgoing/redactor";
import { createSecretRules } from "./src/services/outgoing/secretRules";
const environment = { read: () => Promise.resolve([]), lookAgain: () => undefined };
createRedactor({ secrets: createSecretRules(), environment }).redact([process.argv[2] ?? ""], { redact: [{ pattern: /ACME-\\d+/gu, kind: "customer" }] } as never, new AbortController().signal)
  .then(({ texts }) => process.stdout.write(texts.join("")));
`;

describe("the redactor, bundled as the product is", () => {
  it("masks by all its rules in plain Node", async () => {
    const folder = mkdtempSync(path.join(tmpdir(), "bundle-"));
    try {
      const outfile = path.join(folder, "redactor.cjs");
      await build({ stdin: { contents: PROGRAM, resolveDir: process.cwd(), loader: "ts" }, outfile, bundle: true, minify: true, keepNames: true, platform: "node", target: "node20", format: "cjs", logLevel: "error" });
      // No folder of packages is found from there: what runs is in the one file.
      const shown = execFileSync(process.execPath, [outfile, `a('${token}', "ACME-77");`], { cwd: folder, encoding: "utf8" });
      assert.equal(shown, "a('GHOSTLIGHT_SECRET_1_PACKAGE_REGISTRY_TOKEN', \"GHOSTLIGHT_SECRET_2_CUSTOMER\");");
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
