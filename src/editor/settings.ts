import * as vscode from "vscode";
import { parseSettings, SETTINGS, USER_ONLY_SETTINGS, type SettingProblem, type Settings } from "../core/settings/settings";

/** The settings as they stand, and what was wrong with their values. */
export interface SettingsReading {
  readonly settings: Settings;
  readonly problems: readonly SettingProblem[];
}

/** Reads every setting. Those that name a path or a program come from user values only, whatever a workspace says. */
export function readSettings(): SettingsReading {
  const configuration = vscode.workspace.getConfiguration("ghostlight");
  return parseSettings((name) => {
    const { key } = SETTINGS[name];
    return USER_ONLY_SETTINGS.includes(name) ? configuration.inspect(key)?.globalValue : configuration.get(key);
  });
}

/** Calls `listener` with a fresh reading whenever a setting of ours changed. */
export function onSettingsChange(listener: (reading: SettingsReading) => void): vscode.Disposable {
  return vscode.workspace.onDidChangeConfiguration((event) => {
    if (event.affectsConfiguration("ghostlight")) listener(readSettings());
  });
}
