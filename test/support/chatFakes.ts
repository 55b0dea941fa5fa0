/** Who answers, who corrects and where a conversation is kept, played by a test. */
import type { AnswerListener, AnswerOutcome, Answerer } from "../../src/core/chat/answerer";
import type { CorrectionOutcome, Corrector } from "../../src/core/chat/correction";
import type { TranscriptEvent, TranscriptJournal, Turn } from "../../src/core/chat/transcript";
import type { WouldSend } from "../../src/core/routing/offer";

/** An answerer that the test plays: each question waits until `end` or `crash` is called. */
export class PlayedAnswerer implements Answerer {
  readonly asked: { question: string; history: string[]; listener: AnswerListener; signal: AbortSignal }[] = [];
  readonly #ends: { resolve(outcome: AnswerOutcome): void; reject(error: Error): void }[] = [];
  #hear: (() => void) | undefined;

  answer(question: { text: string }, history: readonly Turn[], listener: AnswerListener, signal: AbortSignal): Promise<AnswerOutcome> {
    this.asked.push({ question: question.text, history: history.map(({ question: text }) => text), listener, signal });
    this.#hear?.();
    return new Promise((resolve, reject) => this.#ends.push({ resolve, reject }));
  }
  /** Resolves when the next question has arrived. */
  heard(): Promise<void> {
    return new Promise((resolve) => (this.#hear = resolve));
  }
  end(outcome: AnswerOutcome): void {
    this.#ends.shift()?.resolve(outcome);
  }
  crash(): void {
    this.#ends.shift()?.reject(new Error("secret text of the person's"));
  }
}

/** A journal in memory that can be told to refuse. */
export class MemoryJournal implements TranscriptJournal {
  events: TranscriptEvent[] = [];
  cleared: TranscriptEvent[] = [];
  refuses = false;
  async load(): Promise<{ events: TranscriptEvent[]; partial: boolean }> {
    return { events: [...this.events], partial: false };
  }
  async append(event: TranscriptEvent): Promise<void> {
    if (this.refuses) throw Object.assign(new Error("no space"), { code: "ENOSPC" });
    this.events.push(event);
  }
  async clear(): Promise<void> {
    this.cleared = this.events.splice(0);
  }
  async restoreCleared(): Promise<void> {
    this.events.unshift(...this.cleared.splice(0));
  }
  async forgetCleared(): Promise<void> {
    this.cleared = [];
  }
}

/** A corrector that the test plays: each request waits until `end` or `crash` is called. */
export class PlayedCorrector implements Corrector {
  name: string | undefined = "Lab";
  would: WouldSend | { because: string } | undefined = { endpoint: "Lab", files: 3, bytes: 4_130 };
  offersAsked = 0;
  readonly asked: { turn: Turn; conversation: string; onDelta(text: string): void; signal: AbortSignal }[] = [];
  readonly #ends: { resolve(outcome: CorrectionOutcome): void; reject(error: Error): void }[] = [];
  #hear: (() => void) | undefined;

  endpoint(): string | undefined {
    return this.name;
  }
  async offer(): Promise<WouldSend | { because: string } | undefined> {
    this.offersAsked++;
    return this.would;
  }
  correct(turn: Turn, conversation: string, onDelta: (text: string) => void, signal: AbortSignal): Promise<CorrectionOutcome> {
    this.asked.push({ turn, conversation, onDelta, signal });
    this.#hear?.();
    return new Promise((resolve, reject) => this.#ends.push({ resolve, reject }));
  }
  /** Resolves when the next request has arrived. */
  heard(): Promise<void> {
    return new Promise((resolve) => (this.#hear = resolve));
  }
  end(outcome: CorrectionOutcome): void {
    this.#ends.shift()?.resolve(outcome);
  }
  crash(): void {
    this.#ends.shift()?.reject(new Error("secret text of the person's"));
  }
}
