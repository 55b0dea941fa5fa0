import { runCommand } from "../project";

export interface VsixOptions {
  /** Folder with the manifest and everything that ships. */
  readonly folder: string;
  /** Path of the file to make. */
  readonly out: string;
  /** The marketplace's name of one platform; without it the package is for all. */
  readonly target?: string;
}

/**
 * Makes a VSIX of a folder as it stands; the same files with the same modes give the same bytes, whatever their times.
 * vsce's advice about bundling is not printed: what can be bundled is; the rest is found by its layout.
 */
export async function createVsix({ folder, out, target }: VsixOptions): Promise<void> {
  const options = ["--no-dependencies", "--no-rewrite-relative-links", "--skip-license", "--allow-missing-repository", ...(target ? ["--target", target] : [])];
  // With a date given, vsce sorts the entries and stamps them alike: sorted as the locale has it, stamped in local time.
  const env = { ...process.env, SOURCE_DATE_EPOCH: "946684800", TZ: "UTC", LC_ALL: "C" };
  await runCommand(process.execPath, [require.resolve("@vscode/vsce/vsce"), "package", ...options, "--out", out], { cwd: folder, env, quiet: true });
}
