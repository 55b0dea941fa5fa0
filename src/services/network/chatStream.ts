import { createParser, type EventSourceParser } from "eventsource-parser";
import { parseChatChunk, withoutControlCharacters } from "./chatChunk";
import { piecesOf, type Deadlines, type Patience, type Phase } from "./deadlines";
import { AnswerError, failureOfError, looksLikeMarkup } from "./failure";

/** How an answer ended, after its text was handed out. */
export interface ChatAnswer {
  readonly finish: "stop" | "length";
  /** As the server counts; null where it does not say. */
  readonly promptTokens: number | null;
  readonly answerTokens: number | null;
}

/**
 * Reads an answer of `/chat/completions`: an event stream, or one JSON object from a server that ignores `stream`. `onText`
 * gets each piece as it comes, without control characters. Throws an `AnswerError` for whatever is no whole answer.
 */
export async function readChatAnswer(body: AsyncIterable<Uint8Array>, patience: Patience, deadlines: Deadlines, onText: (text: string) => void): Promise<ChatAnswer> {
  // The decoder drops a byte order mark and keeps the beginning of a character that was cut in two.
  const decoder = new TextDecoder("utf-8");
  const reader = createChatReader(patience.mostLine, onText);
  for await (const piece of piecesOf(body, patience, deadlines, reader.phase)) reader.push(decoder.decode(piece, { stream: true }));
  reader.push(decoder.decode());
  return reader.end();
}

/** Takes an answer apart, however it was cut into pieces. */
export interface ChatReader {
  push(text: string): void;
  /** After the last piece. Throws an `AnswerError` where the answer is not whole. */
  end(): ChatAnswer;
  phase(): Phase;
}

/** Makes a reader; `mostLine` is the most characters of a line in a stream. */
export function createChatReader(mostLine: number, onText: (text: string) => void): ChatReader {
  const answer = createAnswer(onText);
  const lines = createLines(mostLine, answer.take, answer.fail);
  const parts: string[] = [];
  let beginning = "";
  let form: "unknown" | "events" | "json" = "unknown";

  const decide = (ended: boolean): void => {
    const start = beginning.trimStart();
    if (start === "" && beginning.length <= LONGEST_BEGINNING) return;
    if (!ended && start.length < LONGEST_MARK && !start.includes("\n")) return;
    form = formOf(start);
    if (form === "events") lines.push(beginning);
    else parts.push(beginning);
  };
  return {
    push: (text) => {
      if (form === "events") lines.push(text);
      else if (form === "json") parts.push(text);
      else {
        beginning += text;
        decide(false);
      }
    },
    end: () => {
      if (form === "unknown") decide(true);
      if (form === "json") answer.takeWhole(parts.join(""));
      else lines.end();
      return answer.end();
    },
    phase: answer.phase,
  };
}

/** Blanks that may stand before an answer; some servers send them to keep a connection alive. */
const LONGEST_BEGINNING = 4_096;
/** Characters after which it is known what an answer begins with. */
const LONGEST_MARK = 20;

/** A page of markup with a status of 200 is what a network that wants a sign-in puts in the way. */
function formOf(start: string): "events" | "json" {
  if (start.startsWith("{")) return "json";
  if (looksLikeMarkup(start)) throw new AnswerError({ kind: "captivePortal" });
  if (/^(:|data|event|id|retry|error)/.test(start)) return "events";
  throw new AnswerError({ kind: "malformed" });
}

/**
 * Feeds whole lines to the parser. It would scan an unfinished line from its start with every piece, so a line sent byte by
 * byte would cost the square of its length.
 */
function createLines(mostLine: number, onData: (data: string) => void, onError: (error: unknown) => void) {
  const parser: EventSourceParser = createParser({
    onEvent: ({ data }) => { onData(data); },
    // llama-server before 2025 wrote `error: {…}` as a field of its own.
    onError: ({ field, value }) => { if (field === "error") onError(value ?? ""); },
  });
  const parts: string[] = [];
  let length = 0;
  return {
    push: (text: string): void => {
      const end = Math.max(text.lastIndexOf("\n"), text.lastIndexOf("\r")) + 1;
      if (end > 0) {
        parts.push(text.slice(0, end));
        const whole = parts.splice(0).join("");
        length = 0;
        if (longestLine(whole) > mostLine) throw new AnswerError({ kind: "tooLarge" });
        parser.feed(whole);
      }
      parts.push(text.slice(end));
      length += text.length - end;
      if (length > mostLine) throw new AnswerError({ kind: "tooLarge" });
    },
    /** An event at the very end may lack the blank line that ends it. Half a line is a connection that broke off. */
    end: (): void => {
      const rest = parts.splice(0).join("");
      try {
        parser.feed(`${rest}\n\n`);
      } catch (error) {
        throw rest !== "" && error instanceof AnswerError && error.failure.kind === "malformed" ? new AnswerError({ kind: "cut" }) : error;
      }
    },
  };
}

function longestLine(text: string): number {
  return text.split(/[\r\n]/).reduce((most, line) => Math.max(most, line.length), 0);
}

/** What has been understood of an answer. */
function createAnswer(onText: (text: string) => void) {
  let finish: string | null = null;
  let promptTokens: number | null = null;
  let answerTokens: number | null = null;
  let begun = false;
  let done = false;

  const takeChunk = (json: string): void => {
    const chunk = parseChatChunk(json);
    finish = chunk.finish ?? finish;
    promptTokens = chunk.promptTokens ?? promptTokens;
    answerTokens = chunk.answerTokens ?? answerTokens;
    const text = withoutControlCharacters(chunk.text);
    if (text === "") return;
    begun = true;
    onText(text);
  };
  return {
    /** An answer in one piece is whole even where it gives no reason for its end. */
    takeWhole: (json: string): void => {
      takeChunk(json);
      done = true;
    },
    take: (data: string): void => {
      if (done || data.trim() === "") return;
      if (data.trim() === "[DONE]") done = true;
      else takeChunk(data);
    },
    fail: (value: unknown): void => { throw new AnswerError(failureOfError(typeof value === "string" ? readError(value) : value)); },
    phase: () => (done ? "over" : begun ? "text" : "first"),
    end: (): ChatAnswer => {
      // Text without a reason for its end and without the last word is a connection that broke off.
      if (!done && finish === null) throw new AnswerError({ kind: "cut" });
      if (finish === "content_filter") throw new AnswerError({ kind: "filtered" });
      if (!begun) throw new AnswerError({ kind: "empty" });
      return { finish: finish === "length" || finish === "max_tokens" ? "length" : "stop", promptTokens, answerTokens };
    },
  };
}

function readError(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
