import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { syntheticModel, type SyntheticModelOptions } from "../../models/starter/train/syntheticModel";

/** A folder for model files that is removed with its suite. Files with the same options are written once. */
export class ModelFolder {
  readonly path = mkdtempSync(path.join(tmpdir(), "ghostlight-models-"));
  readonly #written = new Map<string, string>();

  /** A tiny model with random weights. */
  model(options: SyntheticModelOptions = {}): string {
    const key = JSON.stringify(options);
    const known = this.#written.get(key);
    if (known !== undefined) return known;
    const file = this.file(`${options.family ?? "ghostlight"}-${String(this.#written.size)}.gguf`, syntheticModel(options));
    this.#written.set(key, file);
    return file;
  }

  /** A file with these bytes. */
  file(name: string, bytes: Uint8Array): string {
    const file = path.join(this.path, name);
    writeFileSync(file, bytes);
    return file;
  }

  folder(name: string): string {
    const folder = path.join(this.path, name);
    mkdirSync(folder);
    return folder;
  }

  dispose(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
