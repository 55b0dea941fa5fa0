/**
 * The host's side of the chat panel, without an editor: owns the turns, writes the journal before it asks, streams to
 * whichever view is attached, and ends every turn with exactly one of done, stopped, failed.
 */
import type { TurnView, UnnumberedHostMessage } from "../../protocol/chatView";
import type { Log } from "../util/log";
import type { AnswerContext, Answerer, AnswerOutcome } from "./answerer";
import type { EditorFocus } from "./answer";
import { givesWay, interruptedTurns, turnsOf, type TranscriptEvent, type TranscriptJournal, type Turn, type TurnEnd } from "./transcript";

/** Turns that a view shows; older ones stay on disk. Long transcripts have frozen other people's panels. */
const SHOWN_TURNS = 40;

/** What a view is told in place of keeping the conversation, when the disk refuses. */
const NOT_KEPT = "This conversation cannot be kept on disk, so it will be gone when the window closes.";

export interface ConversationParts {
  readonly answerer: Answerer;
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

/** One conversation. At most one turn is being answered at a time. */
export class Conversation {
  readonly #parts: ConversationParts;
  #turns: Turn[] = [];
  #partial = false;
  #notice: string | undefined;
  /** True while `undoClear` can put back what `clear` took away. */
  #cleared = false;
  #running: AbortController | undefined;
  #loaded: Promise<void> | undefined;

  constructor(parts: ConversationParts) {
    this.#parts = parts;
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
  state(): { turns: TurnView[]; earlier: boolean; cleared: boolean; notice?: string } {
    const shown = this.#turns.slice(-SHOWN_TURNS);
    const earlier = this.#partial || shown.length < this.#turns.length;
    return { turns: shown.map(turnView), earlier, cleared: this.#cleared, ...(this.#notice === undefined ? {} : { notice: this.#notice }) };
  }

  /** Asks and waits for the end. Ignored while another turn is being answered. */
  async ask(question: string, focus?: EditorFocus, replaces?: string): Promise<void> {
    if (this.#running !== undefined) return;
    const running = new AbortController();
    this.#running = running;
    this.#parts.onAnswering(true);
    try {
      await this.load();
      await this.#forgetCleared();
      const history = this.#turns.filter((turn) => turn.end.state === "done" || turn.end.state === "stopped");
      const turn = await this.#begin(question, replaces);
      const end = await this.#answer(turn, focus, history, running.signal);
      await this.#finish(turn.id, end);
    } finally {
      this.#running = undefined;
      this.#parts.onAnswering(false);
    }
  }

  /** Asks a turn's question again. A stopped or failed turn gives way to the new one; an answered one stays. */
  async askAgain(id: string, focus?: EditorFocus): Promise<void> {
    const turn = this.turn(id);
    if (turn !== undefined) await this.ask(turn.question, focus, givesWay(turn) ? id : undefined);
  }

  stop(): void {
    this.#running?.abort();
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
  async #begin(question: string, replaces: string | undefined): Promise<Turn> {
    const { newId, now, post } = this.#parts;
    const turn: Turn = { id: newId(), question, time: now(), text: "", end: { state: "answering" } };
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

  #change(id: string, change: { text?: string; context?: AnswerContext; end?: TurnEnd }): void {
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

/** The turn as the view sees it. */
function turnView(turn: Turn): TurnView {
  const { id, question, text, context, end } = turn;
  return { id, question, text, status: end, ...(context === undefined ? {} : { basis: basisOf(context) }) };
}

function basisOf({ kind, model, sources, leftOut }: AnswerContext): NonNullable<TurnView["basis"]> {
  return {
    kind,
    ...(model === undefined ? {} : { model }),
    sources: sources.map(({ file, startLine, endLine, tokens }) => ({ file, startLine, endLine, tokens })),
    leftOut: leftOut.map(({ file, reason }) => ({ file, reason })),
  };
}

interface Ended {
  readonly end: TurnEnd;
  readonly event: Exclude<TranscriptEvent, { event: "asked" }>;
  readonly message: UnnumberedHostMessage;
}

function endOf(turn: Turn, outcome: AnswerOutcome, time: number): Ended {
  const told = { turn: turn.id, time, text: turn.text, ...(turn.context === undefined ? {} : { context: basisOf(turn.context) }) };
  switch (outcome.outcome) {
    case "done": {
      const { answer, model } = outcome;
      const context = basisOf({ ...answer, ...(model === undefined ? {} : { model }) });
      return {
        end: { state: "done" },
        event: { ...told, event: "answered", text: answer.text, context },
        message: { type: "done", turn: turn.id, text: answer.text, basis: context },
      };
    }
    case "stopped":
      return { end: { state: "stopped" }, event: { ...told, event: "stopped" }, message: { type: "stopped", turn: turn.id } };
    case "failed": {
      const failure = { cause: outcome.cause, retry: outcome.retry };
      return {
        end: { state: "failed", ...failure },
        event: { ...told, event: "failed", ...failure },
        message: { type: "failed", turn: turn.id, ...failure },
      };
    }
    default:
      return outcome satisfies never;
  }
}

function stopped(signal: AbortSignal): Promise<AnswerOutcome> {
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
