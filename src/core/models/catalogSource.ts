import type { CatalogModel } from "./catalog";
import type { DownloadSource } from "./downloadState";

/** Where the rows of the catalog are, unless a mirror is set. */
export const HUB = "https://huggingface.co";

/**
 * Where a row of the catalog is fetched from: by its commit where that is known; otherwise from the branch that has it
 * now, where the hash decides all the same. `mirror` is the base address of a mirror, empty for the hub.
 */
export function catalogSource(model: CatalogModel, mirror: string): DownloadSource {
  const base = (mirror === "" ? HUB : mirror).replace(/\/+$/, "");
  const revision = model.revision ?? "main";
  const file = model.file.split("/").map(encodeURIComponent).join("/");
  return { id: model.id, url: `${base}/${model.repository}/resolve/${revision}/${file}`, fileName: model.file.split("/").at(-1) ?? model.file, sha256: model.sha256, size: model.size, repository: model.repository, revision };
}
