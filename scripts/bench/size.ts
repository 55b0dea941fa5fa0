import { readdirSync, statSync } from "node:fs";
import path from "node:path";
import { projectRoot } from "../project";
import { starterPath } from "./engines";
import type { Figure } from "./table";

/** Sizes of what is installed. The VSIX must have been packaged. */
export function sizeFigures(): Promise<readonly Figure[]> {
  const vsix = readdirSync(projectRoot).find((name) => name.endsWith(".vsix"));
  const megabytes = (file: string): number => statSync(file).size / 1e6;
  const starter: Figure = { name: "starter model", measured: `${megabytes(starterPath).toFixed(1)} MB`, goal: "" };
  if (vsix === undefined) return Promise.resolve([starter, { name: "VSIX", measured: "not packaged", goal: "npm run package makes it" }]);
  const size = megabytes(path.join(projectRoot, vsix));
  return Promise.resolve([starter, { name: vsix, measured: `${size.toFixed(1)} MB`, goal: "at most 30 MB", met: size <= 30 }]);
}
