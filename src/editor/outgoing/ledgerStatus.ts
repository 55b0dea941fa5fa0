import * as vscode from "vscode";
import { bytesInWords } from "../../core/util/bytes";
import type { Log } from "../../core/util/log";
import type { Ledger } from "../../services/network/ledger";

/** What the item shows. */
export interface LedgerStatusParts {
  readonly ledger: Pick<Ledger, "bytesToday" | "onChange">;
  readonly offlineOnly: () => boolean;
  readonly log: Log;
}

/** The status item that says how much left this machine today. A click shows the ledger. */
export class LedgerStatus implements vscode.Disposable {
  readonly #item = vscode.window.createStatusBarItem("ghostlight.ledger", vscode.StatusBarAlignment.Right, 99);
  readonly #subscription: vscode.Disposable;
  /** At midnight the day begins with nothing sent. */
  #midnight: NodeJS.Timeout | undefined;

  constructor(private readonly parts: LedgerStatusParts) {
    this.#item.name = "Ghostlight: what left this machine";
    this.#item.command = "ghostlight.showLedger";
    this.#subscription = parts.ledger.onChange(() => { this.refresh(); });
    this.refresh();
    this.#item.show();
  }

  /** Counts again. */
  refresh(): void {
    this.parts.ledger.bytesToday().then((bytes) => { this.#show(bytes); }, (error: unknown) => {
      this.parts.log.warn(`the ledger could not be read (${error instanceof Error ? error.name : "unknown"})`);
      this.#item.text = "$(warning) ledger unreadable";
      this.#item.tooltip = "The ledger could not be read, so nothing will be sent. The log has the reason.";
    });
    clearTimeout(this.#midnight);
    this.#midnight = setTimeout(() => { this.refresh(); }, new Date().setHours(24, 0, 1, 0) - Date.now());
  }

  dispose(): void {
    clearTimeout(this.#midnight);
    this.#subscription.dispose();
    this.#item.dispose();
  }

  #show(bytes: number): void {
    const words = `${bytesInWords(bytes)} left this machine today`;
    const offline = this.parts.offlineOnly();
    this.#item.text = `$(${bytes === 0 ? "shield" : "cloud-upload"}) ${bytesInWords(bytes)}`;
    this.#item.tooltip = `${words}.${offline ? " Offline only: nothing can be sent." : ""}`;
    this.#item.accessibilityInformation = { label: words, role: "button" };
  }
}
