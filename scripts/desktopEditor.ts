import { downloadAndUnzipVSCode, resolveCliPathFromVSCodeExecutablePath, SilentReporter } from "@vscode/test-electron";
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { writeUserSettings } from "./editorHost/settings";
import { findSystemTool } from "./editorHost/systemTools";
import { cacheFolder, runCommand } from "./project";

/** Command-line program of a desktop VS Code: the installed one, else a downloaded one; null where neither can be had or no screen is there. */
export async function findDesktopEditor(): Promise<string | null> {
  if (!hasScreen()) return null;
  const installed = await findSystemTool({
    // On Windows a script for another shell stands beside each under the plain name.
    programs: ["code", "code-insiders", "codium"].map((name) => (process.platform === "win32" ? `${name}.cmd` : name)),
    places: ["/Applications/Visual Studio Code.app/Contents/Resources/app/bin/code"],
  });
  if (installed) return installed;
  console.log("No VS Code is installed; trying to download one into .cache ...");
  return downloadAndUnzipVSCode({ cachePath: path.join(cacheFolder, "vscode-test"), reporter: new SilentReporter(), timeout: 15_000 }).then(
    (executable) => resolveCliPathFromVSCodeExecutablePath(executable),
    (error: unknown) => {
      console.log(`It cannot be downloaded here (${error instanceof Error ? error.message : String(error)}).`);
      return null;
    },
  );
}

/** Opens a folder in a desktop VS Code with the VSIX installed, in a profile of its own, and waits until the window is closed. The person's own settings and extensions are left alone. */
export async function openDesktopEditor(program: string, vsix: string, workspace: string): Promise<void> {
  const folder = path.join(cacheFolder, "run", "start");
  const userFolder = path.join(folder, "user");
  const profile = ["--user-data-dir", userFolder, "--extensions-dir", path.join(folder, "extensions")];
  // Electron refuses to run as root in its sandbox.
  if (process.getuid?.() === 0) profile.push("--no-sandbox");
  await mkdir(folder, { recursive: true });
  await writeUserSettings(userFolder);
  await runCommand(program, [...profile, "--install-extension", vsix, "--force"], { quiet: true });
  await runCommand(program, [...profile, "--new-window", "--wait", workspace]);
}

function hasScreen(): boolean {
  if (process.platform !== "linux") return true;
  return Boolean(process.env["DISPLAY"] ?? process.env["WAYLAND_DISPLAY"]);
}
