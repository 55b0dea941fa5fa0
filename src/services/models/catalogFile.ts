import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseCatalog, type CatalogModel } from "../../core/models/catalog";

/** The catalog that ships with the extension; a sentence for the log where it cannot be used, and then no rows. */
export function readCatalog(extensionFolder: string): { readonly models: readonly CatalogModel[]; readonly problem?: string } {
  try {
    const result = parseCatalog(readFileSync(join(extensionFolder, "models", "catalog.json"), "utf8"));
    return "models" in result ? result : { models: [], problem: `models/catalog.json: ${result.problems.join("; ")}` };
  } catch {
    return { models: [], problem: "models/catalog.json is missing; install the extension again" };
  }
}
