import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import type { SurePlace } from "./surePlace";

/**
 * Lines of files beside the sample project's, so that recall is sure how a line goes on: what stands before the place
 * stands before the same line elsewhere. The names are such as no model has read: only who knows the files can write them.
 */
const CELLAR = ["  let mustard = jars.pepper + 17;", "  mustard -= spoons.copper * 4;", "  const brine = mustard % kettles.steel;"] as const;
const ATTIC = ["  let lantern = wicks.cotton + 23;", "  lantern -= trunks.oak * 6;", "  const dust = lantern % rafters.pine;"] as const;
const GARDEN = ["  let clover = rakes.iron + 31;", "  clover -= hoses.rubber * 8;", "  const mulch = clover % barrows.tin;"] as const;

/** Characters of the last line that are typed. */
const TYPED = 18;

/** The line stands in three other files of the workspace. */
export const fromOtherFile: SurePlace = placeIn("src/pantry.ts", CELLAR);
/** The same in another new file, for a test that wants a fresh place. */
export const fromOtherFileAgain: SurePlace = placeIn("src/scullery.ts", CELLAR);
/** The line stands above in the same file and nowhere else. */
export const fromOpenFile: SurePlace = { ...placeIn("src/garden.ts", GARDEN), line: whole(GARDEN).length + begun(GARDEN).length + 2 };
/** The line stands only in files that are ignored; `expected` is what would come if they were read. */
export const fromIgnoredFile: SurePlace = placeIn("src/loft.ts", ATTIC);

/** Writes the files with the lines and the ones to type in; those that hold `fromIgnoredFile` are ignored, one by each kind of ignore file. */
export async function writeRecallFiles(workspace: string): Promise<void> {
  const write = async (file: string, lines: readonly string[]): Promise<void> => {
    await mkdir(path.dirname(path.join(workspace, file)), { recursive: true });
    await writeFile(path.join(workspace, file), `${lines.join("\n")}\n`);
  };
  await write(".ghostlightignore", ["attic/"]);
  await write(".gitignore", ["drafts/"]);
  for (const file of ["attic/boxes.ts", "drafts/boxes.ts"]) await write(file, whole(ATTIC));
  for (const file of ["src/cellar.ts", "src/larder.ts", "src/cupboard.ts"]) await write(file, whole(CELLAR));
  await write("src/garden.ts", [...whole(GARDEN), "", ...begun(GARDEN), "", "}"]);
  for (const [file, lines] of [["src/pantry.ts", CELLAR], ["src/scullery.ts", CELLAR], ["src/loft.ts", ATTIC]] as const) await write(file, [...begun(lines), "", "}"]);
}

type Lines = readonly [string, string, string];

function placeIn(file: string, [, , last]: Lines): SurePlace {
  const rest = last.slice(TYPED).replaceAll(/[.%]/g, "\\$&");
  return { file, line: 5, typed: last.slice(0, TYPED), expected: new RegExp(`^${rest}$`) };
}

function begun([first, second]: Lines): string[] {
  return ["/** Counts what stands here. */", "export function countThings(): void {", first, second];
}

function whole(lines: Lines): string[] {
  return [...begun(lines), lines[2], "}"];
}
