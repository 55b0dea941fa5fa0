import { cp, rm } from "node:fs/promises";
import path from "node:path";
import { projectRoot } from "./project";

/** Copies the sample project to a fresh folder named `pantry` below `parent` and returns its path: what a person or a test changes stays there. */
export async function copySampleProject(parent: string): Promise<string> {
  const target = path.join(parent, "pantry");
  await rm(target, { recursive: true, force: true });
  await cp(path.join(projectRoot, "test", "fixtures", "sample"), target, { recursive: true });
  return target;
}
