/** The system's Chromium for tests of the panel. Nothing is downloaded: where there is none, the test says how to get it. */
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { chromium, type Browser } from "playwright-core";

const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge"];
const places = [
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
  "C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe",
];

/** Path of a Chromium on this machine; `CHROMIUM_PATH` names another one. */
export function findChromium(): string {
  const named = process.env["CHROMIUM_PATH"];
  const onPath = (process.env["PATH"] ?? "").split(delimiter).flatMap((folder) => names.map((name) => join(folder, name)));
  const found = [...(named === undefined ? [] : [named]), ...onPath, ...places].find(isExecutable);
  if (found !== undefined) return found;
  throw new Error(
    "These tests need Chromium or Chrome and found none. On Debian or Ubuntu: `sudo apt-get install chromium`; " +
      "elsewhere install Chrome, or set CHROMIUM_PATH to the browser's executable.",
  );
}

/** A headless browser that talks to nobody of its own accord. The caller closes it. */
export function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: findChromium(),
    headless: true,
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
