/**
 * The host's side of the chat panel, without an editor: owns the turns, writes the journal before it asks, streams to
 * whichever view is attached, and ends every turn with exactly one of done, stopped, failed. A turn that has ended may
 * get a correction by an endpoint beside it, where the person asks for one.
 */
import type { KeptView, TurnView, UnnumberedHostMessage } from "../../protocol/chatView";
import type { Log } from "../util/log";
import type { AnswerContext, Answerer, AnswerOutcome } from "./answerer";
import type { EditorFocus } from "./answer";
import type { CorrectionOutcome, Corrector } from "./correction";
import { Offers, type Routing } from "./offers";
import { canBeCorrected, endedCorrection, givesWay, interruptedTurns, isAnswered, standingText, turnsOf, type Correction, type TranscriptEvent, type TranscriptJournal, type Turn, type TurnEnd } from "./transcript";
import { basisOf, correctionEnd, correctionView, endOf, turnView } from "./turnView";

/** Turns that a view shows; older ones stay on disk. Long transcripts have frozen other people's panels. */
const SHOWN_TURNS = 40;

/** What a view is told in place of keeping the conversation, when the disk refuses. */
const NOT_KEPT = "This conversation cannot be kept on disk, so it will be gone when the window closes.";

export interface ConversationParts {
  readonly answerer: Answerer;
  /** Asks an endpoint for a correction; absent where none can be asked. */
  readonly corrector?: Corrector;
  /** Absent: nothing is offered and nothing counted. */
  readonly routing?: Routing;
  readonly journal: TranscriptJournal;
  readonly log: Log;
  /** A new identifier of letters, digits and dashes. */
  readonly newId: () => string;
  readonly now: () => number;
  /** Takes every message for the view, in order. */
  readonly post: (message: UnnumberedHostMessage) => void;
  /** Hears whenever answering begins or ends. */
  readonly onAnswering: (answering: boolean) => void;
  /** Asks for the whole state to be posted: something other than a turn has changed. */
  readonly refresh: () => void;
}

/** One conversation. At most one turn is being answered or corrected at a time. */
export class Conversation {
  readonly #parts: ConversationParts;
  #turns: Turn[] = [];
  #partial = false;
  #notice: string | undefined;
  /** True while `undoClear` can put back what `clear` took away. */
  #cleared = false;
  #running: AbortController | undefined;
  /** Weighs whether to offer an endpoint; ended by whatever the person does next. */
  #weighing = new AbortController();
  #loaded: Promise<void> | undefined;
  readonly #offers: Offers | undefined;
  /** What a consent "for this conversation" covers: another one after each clear, and in each window. */
  #id: string | undefined;

  constructor(parts: ConversationParts) {
    this.#parts = parts;
    const { corrector, routing, post } = parts;
    this.#offers = corrector && routing && new Offers({ corrector, routing, post });
  }

  /** Reads the journal once. A journal that cannot be read is told in the panel, and the conversation starts empty. */
  load(): Promise<void> {
    this.#loaded ??= this.#read();
    return this.#loaded;
  }

  get answering(): boolean {
    return this.#running !== undefined;
  }

  turn(id: string): Turn | undefined {
    return this.#turns.find((turn) => turn.id === id);
  }

  /** Everything a view needs to show the conversation. */
  state(): { turns: TurnView[]; earlier: boolean; cleared: boolean; notice?: string; endpoint?: string; kept?: KeptView } {
    const shown = this.#turns.slice(-SHOWN_TURNS);
    const endpoint = this.#parts.corrector?.endpoint();
    const kept = this.#offers?.kept();
    return {
      turns: shown.map((turn) => turnView(turn, this.#offers?.offerFor(turn.id))),
      earlier: this.#partial || shown.length < this.#turns.length,
      cleared: this.#cleared,
      ...(this.#notice === undefined ? {} : { notice: this.#notice }),
      ...(endpoint === undefined ? {} : { endpoint }),
      ...(kept === undefined ? {} : { kept }),
    };
  }

  /** Asks and waits for the end. Ignored while another turn is being answered or corrected. */
  async ask(question: string, focus?: EditorFocus, replaces?: string): Promise<void> {
    const answered = await this.#alone(async (signal) => {
      await this.load();
      await this.#forgetCleared();
      this.#offers?.movedOn();
      const history = this.#turns.filter(isAnswered).map((turn) => ({ ...turn, text: standingText(turn) }));
      const turn = await this.#begin(question, focus, replaces);
      const outcome = await this.#answer(turn, focus, history, signal);
      await this.#finish(turn.id, outcome);
      return outcome.outcome === "done" ? { turn: turn.id, outcome } : undefined;
    });
    if (answered !== undefined) await this.#weigh(answered.turn, answered.outcome);
  }

  /**
   * Asks the endpoint to correct a turn's answer and waits for the end. Sending is the gate's to allow: this only asks.
   * Ignored while something runs, and for a turn that is whole already. The draft stays whatever happens.
   */
  async askEndpoint(id: string): Promise<void> {
    await this.#alone(async (signal) => {
      await this.load();
      const turn = this.turn(id);
      const endpoint = this.#parts.corrector?.endpoint();
      if (turn === undefined || !canBeCorrected(turn)) return;
      if (endpoint === undefined) return this.#parts.refresh(); // it is no longer set up: the view must not offer it
      this.#offers?.asking(id);
      await this.#setCorrection(turn, { endpoint, text: "", state: { state: "answering" } }, { event: "correctionAsked", turn: id, time: this.#parts.now(), endpoint });
      const outcome = await this.#correct(turn, signal);
      this.#offers?.asked(turn, outcome, mayHaveLeft(turn.correction));
      await this.#finishCorrection(id, outcome);
    });
  }

  /** The person turned an offer down. */
  declineEndpoint(id: string): void {
    this.#offers?.declined(id);
  }

  /** Asks a turn's question again. A stopped or failed turn gives way to the new one; an answered one stays. */
  async askAgain(id: string, focus?: EditorFocus): Promise<void> {
    const turn = this.turn(id);
    if (turn !== undefined) await this.ask(turn.question, focus, givesWay(turn) ? id : undefined);
  }

  stop(): void {
    this.#running?.abort();
    this.#weighing.abort();
  }

  /** Empties the conversation; until the next question it can be put back. Rejects where the disk refuses. */
  async clear(): Promise<void> {
    await this.load();
    if (this.#turns.length === 0) return;
    this.stop();
    await this.#parts.journal.clear();
    this.#turns = [];
    this.#partial = false;
    this.#cleared = true;
    this.#id = undefined;
    this.#offers?.forget();
    this.#parts.refresh();
  }

  /** Puts back what `clear` took away. Ignored once it has been forgotten. */
  async undoClear(): Promise<void> {
    if (!this.#cleared) return;
    this.#cleared = false;
    await this.#parts.journal.restoreCleared();
    await this.#read();
    this.#parts.refresh();
  }

  /** Really deletes what `clear` took away. */
  async #forgetCleared(): Promise<void> {
    if (!this.#cleared) return;
    this.#cleared = false;
    try {
      await this.#parts.journal.forgetCleared();
    } catch (error) {
      this.#parts.log.warn(`chat: what was cleared is still on disk (${nameOf(error)})`);
      this.#tell("What was cleared could not be deleted from disk. It will be tried again at the next start.");
    }
  }

  async #read(): Promise<void> {
    try {
      const { events, partial } = await this.#parts.journal.load();
      this.#turns = interruptedTurns(turnsOf(events));
      this.#partial = partial;
    } catch (error) {
      this.#parts.log.warn(`chat: the transcript could not be read (${nameOf(error)})`);
      this.#tell("Earlier questions could not be read from disk.");
    }
  }

  /** The question is on disk before anybody is asked. */
  async #begin(question: string, focus: EditorFocus | undefined, replaces: string | undefined): Promise<Turn> {
    const { newId, now, post } = this.#parts;
    const turn: Turn = { id: newId(), question, time: now(), text: "", end: { state: "answering" }, ...(focus === undefined ? {} : { focus }) };
    const replaced = replaces === undefined ? {} : { replaces };
    await this.#append({ event: "asked", turn: turn.id, time: turn.time, question, ...replaced });
    this.#turns = [...this.#turns.filter(({ id }) => id !== replaces), turn];
    post({ type: "turnStarted", turn: turnView(turn), ...replaced });
    return turn;
  }

  async #answer(turn: Turn, focus: EditorFocus | undefined, history: readonly Turn[], signal: AbortSignal): Promise<AnswerOutcome> {
    const { answerer, log, post } = this.#parts;
    const open = (): boolean => !signal.aborted && this.turn(turn.id)?.end.state === "answering";
    const listener = {
      onContext: (context: AnswerContext): void => {
        if (!open()) return;
        this.#change(turn.id, { context });
        post({ type: "context", turn: turn.id, basis: basisOf(context) });
      },
      onDelta: (text: string): void => {
        if (!open() || text === "") return;
        this.#change(turn.id, { text: (this.turn(turn.id)?.text ?? "") + text });
        post({ type: "delta", turn: turn.id, text });
      },
    };
    const question = { text: turn.question, ...(focus === undefined ? {} : { focus }) };
    try {
      // The person's stop counts at once, whether or not the answerer has noticed.
      return await Promise.race([answerer.answer(question, history, listener, signal), stopped(signal)]);
    } catch (error) {
      if (signal.aborted) return { outcome: "stopped" };
      log.error(`chat: answering failed unexpectedly (${nameOf(error)})`);
      return { outcome: "failed", cause: "Something went wrong while answering. The log has the details.", retry: true };
    }
  }

  async #finish(id: string, outcome: AnswerOutcome): Promise<void> {
    const turn = this.turn(id);
    if (turn?.end.state !== "answering") return; // cleared meanwhile
    const ended = endOf(turn, outcome, this.#parts.now());
    this.#change(id, { end: ended.end, text: ended.event.text, ...(ended.event.context === undefined ? {} : { context: ended.event.context }) });
    this.#parts.post(ended.message);
    await this.#append(ended.event);
  }

  /** One thing runs at a time; undefined where something else does. */
  async #alone<T>(action: (signal: AbortSignal) => Promise<T>): Promise<T | undefined> {
    if (this.#running !== undefined) return undefined;
    const running = new AbortController();
    this.#running = running;
    this.#weighing.abort();
    this.#parts.onAnswering(true);
    try {
      return await action(running.signal);
    } finally {
      this.#running = undefined;
      this.#parts.onAnswering(false);
    }
  }

  /** Nobody waits for an offer, and one that cannot be made is no trouble of the person's. */
  async #weigh(id: string, outcome: Extract<AnswerOutcome, { outcome: "done" }>): Promise<void> {
    const turn = this.turn(id);
    if (turn === undefined || this.#offers === undefined) return;
    this.#weighing = new AbortController();
    const { signal } = this.#weighing;
    try {
      await this.#offers.answered(turn, outcome, signal);
    } catch (error) {
      if (!signal.aborted) this.#parts.log.warn(`chat: no offer could be made (${nameOf(error)})`);
    }
  }

  async #correct(turn: Turn, signal: AbortSignal): Promise<CorrectionOutcome> {
    const { corrector, log, newId, post } = this.#parts;
    if (corrector === undefined) return { outcome: "stopped" };
    const onDelta = (text: string): void => {
      const correction = this.turn(turn.id)?.correction;
      if (signal.aborted || text === "" || correction?.state.state !== "answering") return;
      this.#change(turn.id, { correction: { ...correction, text: correction.text + text } });
      post({ type: "correctionDelta", turn: turn.id, text });
    };
    try {
      return await Promise.race([corrector.correct(turn, (this.#id ??= newId()), onDelta, signal), stopped(signal)]);
    } catch (error) {
      if (signal.aborted) return { outcome: "stopped" };
      log.error(`chat: correcting failed unexpectedly (${nameOf(error)})`);
      return { outcome: "failed", cause: "Something went wrong while asking. The log has the details.", partial: "", retry: true };
    }
  }

  async #finishCorrection(id: string, outcome: CorrectionOutcome): Promise<void> {
    const turn = this.turn(id);
    if (turn?.correction?.state.state !== "answering") return; // cleared meanwhile
    const event = correctionEnd(id, outcome, turn.correction.text, this.#parts.now());
    await this.#setCorrection(turn, endedCorrection(turn.correction, event), event);
  }

  async #setCorrection(turn: Turn, correction: Correction, event: TranscriptEvent): Promise<void> {
    this.#change(turn.id, { correction });
    this.#parts.post({ type: "correction", turn: turn.id, correction: correctionView(turn, correction) });
    await this.#append(event);
  }

  #change(id: string, change: { text?: string; context?: AnswerContext; end?: TurnEnd; correction?: Correction }): void {
    this.#turns = this.#turns.map((turn) => (turn.id === id ? { ...turn, ...change } : turn));
  }

  /** A disk that refuses does not stop the conversation; the panel says that it is not kept. */
  async #append(event: TranscriptEvent): Promise<void> {
    try {
      await this.#parts.journal.append(event);
    } catch (error) {
      this.#parts.log.warn(`chat: the transcript could not be written (${nameOf(error)})`);
      this.#tell(NOT_KEPT);
    }
  }

  #tell(notice: string): void {
    if (this.#notice === notice) return;
    this.#notice = notice;
    this.#parts.refresh();
  }
}

/** Whether asking about a turn before may have sent something: everything but a refusal may. */
function mayHaveLeft(correction: Correction | undefined): boolean {
  return correction !== undefined && correction.state.state !== "refused";
}

function stopped(signal: AbortSignal): Promise<{ readonly outcome: "stopped" }> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve({ outcome: "stopped" });
    else signal.addEventListener("abort", () => resolve({ outcome: "stopped" }), { once: true });
  });
}

/** Names and codes only: messages may hold paths or text of the person's. */
function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  const code: unknown = "code" in error ? error.code : undefined;
  return typeof code === "string" ? code : error.name;
}
