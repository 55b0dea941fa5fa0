import { statSync } from "node:fs";
import path from "node:path";
import { vsixPath } from "../vsix";
import { starterPath } from "./engines";
import type { Figure } from "./table";

/** Sizes of what is installed on this machine. The VSIX must have been packaged. */
export function sizeFigures(): Promise<readonly Figure[]> {
  const vsix = vsixPath();
  const megabytes = (file: string): number => (statSync(file, { throwIfNoEntry: false })?.size ?? 0) / 1e6;
  const starter: Figure = { name: "starter model", measured: `${megabytes(starterPath).toFixed(1)} MB`, goal: "" };
  const size = megabytes(vsix);
  if (size === 0) return Promise.resolve([starter, { name: "VSIX", measured: "not packaged", goal: "npm run package makes it" }]);
  return Promise.resolve([starter, { name: path.basename(vsix), measured: `${size.toFixed(1)} MB`, goal: "at most 30 MB", met: size <= 30 }]);
}
