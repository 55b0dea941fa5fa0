import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";

/** Settings values by their full name. */
export type Settings = Readonly<Record<string, unknown>>;

/** A window that shows the project and nothing else, and asks nobody on the network for anything. */
const quietSettings: Settings = {
  "chat.disableAIFeatures": true,
  "editor.inlineSuggest.enabled": true,
  "editor.minimap.enabled": false,
  "extensions.autoCheckUpdates": false,
  "extensions.autoUpdate": false,
  "extensions.ignoreRecommendations": true,
  "files.autoSave": "off",
  "git.enabled": false,
  "remote.autoForwardPorts": false,
  "security.workspace.trust.enabled": false,
  "telemetry.telemetryLevel": "off",
  "typescript.disableAutomaticTypeAcquisition": true,
  "typescript.surveys.enabled": false,
  "npm.fetchOnlinePackageInfo": false,
  "json.schemaDownload.enable": false,
  "update.mode": "none",
  "workbench.colorTheme": "Default Dark Modern",
  "workbench.enableExperiments": false,
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "workbench.settings.enableNaturalLanguageSearch": false,
  "workbench.startupEditor": "none",
  "workbench.tips.enabled": false,
};

/** Writes the user's settings into `userFolder`, fresh: VS Code rewrites the files while it runs. */
export async function writeUserSettings(userFolder: string, settings: Settings = {}): Promise<void> {
  await writeSettings(path.join(userFolder, "User"), { ...quietSettings, ...settings });
  // A served VS Code is a remote one: settings of machine scope count only where they stand for the server's machine.
  await writeSettings(path.join(userFolder, "Machine"), settings);
}

async function writeSettings(folder: string, settings: Settings): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, "settings.json"), `${JSON.stringify(settings, null, 2)}\n`);
}
