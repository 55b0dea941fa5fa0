import * as vscode from "vscode";
import type { EngineState } from "../core/engine/engineState";
import { statusText, type StatusFacts } from "../core/engine/statusText";
import { explainFollowUp, explainOutcome, type FollowUp, type Outcome } from "../core/completion/outcome";
import { completionEnabledFor, type Settings } from "../core/settings/settings";

/** What the status item listens to. */
export interface StatusItemParts {
  readonly engineState: () => EngineState;
  readonly settings: () => Settings;
}

/** A request shorter than this does not make the item flicker. */
const THINKING_AFTER_MS = 250;

/**
 * The status item: the one place that says what is going on. A click opens the menu of what can be done about it.
 * With it goes a language status item, whose button restarts a failed engine.
 */
export class StatusItem implements vscode.Disposable {
  readonly #item = vscode.window.createStatusBarItem("ghostlight.status", vscode.StatusBarAlignment.Right, 100);
  readonly #languageItem = vscode.languages.createLanguageStatusItem("ghostlight.engine", { pattern: "**" });
  readonly #editorChange: vscode.Disposable;
  readonly #problems = new Map<string, readonly string[]>();
  #thinking = 0;
  #lastRequest = "";

  constructor(private readonly parts: StatusItemParts) {
    this.#item.name = "Ghostlight";
    this.#item.command = "ghostlight.showMenu";
    this.#languageItem.name = "Ghostlight";
    this.#editorChange = vscode.window.onDidChangeActiveTextEditor(() => { this.refresh(); });
    this.refresh();
    this.#item.show();
  }

  /** Words about what is not usable, by where they come from; an empty list takes them back. */
  setProblems(source: string, problems: readonly string[]): void {
    if (problems.length === 0) this.#problems.delete(source);
    else this.#problems.set(source, problems);
    this.refresh();
  }

  /** A request has begun; call the result when it has ended. */
  requestBegan(): (outcome: Outcome) => void {
    let counted = false;
    const timer = setTimeout(() => { counted = true; this.#thinking += 1; this.refresh(); }, THINKING_AFTER_MS);
    return (outcome) => {
      clearTimeout(timer);
      if (outcome.outcome !== "cancelled") this.#lastRequest = explainOutcome(outcome);
      if (counted) this.#thinking -= 1;
      this.refresh();
    };
  }

  /** The model has spoken about what is shown already. */
  followedUp(followUp: FollowUp): void {
    this.#lastRequest = explainFollowUp(followUp) ?? this.#lastRequest;
    this.refresh();
  }

  /** Draws the present facts. */
  refresh(): void {
    const facts = this.#facts();
    const status = statusText(facts);
    this.#item.text = `$(${status.icon}) ${status.text}`;
    this.#item.tooltip = this.#lastRequest === "" ? status.detail : `${status.detail}\n${this.#lastRequest}`;
    this.#item.accessibilityInformation = { label: `${status.text}. ${status.detail}`, role: "button" };
    this.#item.backgroundColor = status.severity === "error" ? new vscode.ThemeColor("statusBarItem.errorBackground") : undefined;
    this.#languageItem.text = status.text;
    this.#languageItem.detail = status.detail;
    this.#languageItem.severity = { normal: vscode.LanguageStatusSeverity.Information, warning: vscode.LanguageStatusSeverity.Warning, error: vscode.LanguageStatusSeverity.Error }[status.severity];
    this.#languageItem.command = facts.engine.state === "failed" ? { command: "ghostlight.restartEngine", title: "Restart" } : { command: "ghostlight.showMenu", title: "Open menu" };
  }

  dispose(): void {
    this.#editorChange.dispose();
    this.#item.dispose();
    this.#languageItem.dispose();
  }

  #facts(): StatusFacts {
    const languageId = vscode.window.activeTextEditor?.document.languageId;
    return {
      engine: this.parts.engineState(),
      completionOff: languageId !== undefined && !completionEnabledFor(this.parts.settings(), languageId),
      recallAlone: this.parts.settings().completionEngines === "recall",
      thinking: this.#thinking > 0,
      problems: [...this.#problems.values()].flat(),
    };
  }
}
