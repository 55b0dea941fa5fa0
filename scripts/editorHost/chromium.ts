import { readdir } from "node:fs/promises";
import path from "node:path";
import { cacheFolder, PlainError, runCommand } from "../project";
import { findSystemTool, requireSystemTool, type SystemTool } from "./systemTools";

/** Where Chrome and Edge stand on Windows, below each of the folders for programs. */
const windowsPlaces = ["ProgramFiles", "ProgramFiles(x86)", "LOCALAPPDATA"].flatMap((variable) => {
  const folder = process.env[variable];
  return folder === undefined ? [] : ["Google/Chrome/Application/chrome.exe", "Microsoft/Edge/Application/msedge.exe"].map((name) => path.join(folder, name));
});

const systemChromium: SystemTool = {
  programs: ["chromium", "google-chrome", "google-chrome-stable", "microsoft-edge"],
  places: ["/Applications/Google Chrome.app/Contents/MacOS/Google Chrome", "/Applications/Chromium.app/Contents/MacOS/Chromium", ...windowsPlaces],
  debianPackage: "chromium",
  purpose: "show pages to the tests",
  otherwise: "Where there is no such package (Ubuntu has a snap only), install Google Chrome, or set CHROMIUM_PATH to the program of any Chromium.",
};

const downloadFolder = path.join(cacheFolder, "browsers");

/**
 * Path of a Chromium: `CHROMIUM_PATH`, the system's, the system's package when run as root, or Playwright's own build
 * downloaded into the cache. Throws a plain error that says what is missing where none can be had.
 */
export async function findChromium(): Promise<string> {
  const present = process.env["CHROMIUM_PATH"] ?? (await findSystemTool(systemChromium)) ?? (await downloaded());
  if (present) return present;
  try {
    return await requireSystemTool(systemChromium);
  } catch (missing) {
    await download().catch(() => {
      throw missing;
    });
    const program = await downloaded();
    if (!program) throw missing;
    return program;
  }
}

async function downloaded(): Promise<string | null> {
  const files = await readdir(downloadFolder, { recursive: true }).catch(() => []);
  const program = files.find((file) => /^(chrome-)?headless[-_]shell(\.exe)?$/.test(path.basename(file)));
  return program ? path.join(downloadFolder, program) : null;
}

async function download(): Promise<void> {
  console.log("Trying Playwright's own Chromium, into .cache ...");
  const installer = path.join(path.dirname(require.resolve("playwright-core/package.json")), "cli.js");
  // The libraries it stands on come from the system's packages, which only root can install.
  const libraries = process.getuid?.() === 0 ? ["--with-deps"] : [];
  const env = { ...process.env, PLAYWRIGHT_BROWSERS_PATH: downloadFolder };
  await runCommand(process.execPath, [installer, "install", "--only-shell", ...libraries, "chromium"], { env, quiet: true });
  if (!(await downloaded())) throw new PlainError("Playwright's installer left no browser behind.");
}
