import path from "node:path";
import { parentPort, workerData } from "node:worker_threads";
import { answerFromIndex } from "../../core/chat/indexAnswer";
import { contextForQuestion } from "../../core/chat/questionContext";
import { INDEX_PROTOCOL_VERSION, type FileOutline, type FromIndexWorker, type IndexMethod, type IndexMethods, type IndexRequest, type IndexWorkerData, type OpenParams, type ToIndexWorker } from "../../protocol/indexWorker";
import { createOutlineMaker } from "../syntax/treeSitterOutline";
import { createSourceGate } from "./sourceGate";
import { createWorkspaceIndex, type WorkspaceIndex } from "./workspaceIndex";

/** The worker thread's entry: answers requests of `protocol/indexWorker.ts`, one at a time per file, until its host ends it. */
const STATISTICS_EVERY_MS = 500;
/** A question that comes while the first walk is under way waits this long, then is answered from what is there. */
const WAIT_FOR_INDEX_MS = 4_000;
const OUTLINE_ITEMS = 5_000;

const port = parentPort;
if (!port) throw new Error("index worker: started outside a worker thread");
const send = (message: FromIndexWorker) => port.postMessage(message);
const handle = createHandler(workerData as IndexWorkerData);
const running = new Set<number>();
const cancelled = new Set<number>();

port.on("message", (message: ToIndexWorker) => {
  if (message.kind === "request") void answer(message);
  else if (running.has(message.id)) cancelled.add(message.id);
});

async function answer(request: IndexRequest): Promise<void> {
  running.add(request.id);
  // One turn of the event loop, so that a cancellation already on its way is seen before work begins.
  await new Promise((resolve) => setImmediate(resolve));
  try {
    const result = cancelled.has(request.id) ? undefined : await handle(request);
    if (result !== undefined && !cancelled.has(request.id)) send({ kind: "result", id: request.id, result });
  } catch (error) {
    send({ kind: "error", id: request.id, message: error instanceof Error ? error.message : String(error) });
  }
  running.delete(request.id);
  cancelled.delete(request.id);
}

/** Dispatches by method; holds the one index of this thread. */
function createHandler({ grammarsPath }: IndexWorkerData): (request: IndexRequest) => Promise<IndexMethods[IndexMethod]["result"]> {
  const outlines = createOutlineMaker({ locate: (file) => path.join(grammarsPath, file) });
  let index: WorkspaceIndex | undefined;
  let gate = createSourceGate(undefined);
  const inOrder = createQueue();
  const progress = throttled(() => index && send({ kind: "statistics", statistics: index.statistics() }), STATISTICS_EVERY_MS);
  /** The index with every change told so far taken in; unfinished when that takes too long, which answers then say. */
  const current = async (): Promise<WorkspaceIndex> => {
    if (!index) throw new Error("the index has not been opened");
    const opened = index;
    await Promise.race([inOrder(() => undefined).then(() => opened.settled()), new Promise((resolve) => setTimeout(resolve, WAIT_FOR_INDEX_MS))]);
    return opened;
  };
  const open = async (params: OpenParams) => {
    if (params.protocolVersion !== INDEX_PROTOCOL_VERSION) throw new Error("the index worker belongs to another version of Ghostlight; reload the window");
    index = createWorkspaceIndex(params, outlines, progress);
    gate = createSourceGate(params);
    return index.build();
  };
  return async (request) => {
    switch (request.method) {
      case "open":
        return open(request.params);
      case "outline":
        return forHost(await outlines.outline(request.params.path, request.params.text, request.params.languageId));
      case "context": {
        const { question, budgetTokens } = request.params;
        return gate.context(contextForQuestion(question, (await current()).symbols, budgetTokens));
      }
      case "answer":
        return answerFromIndex(request.params.question, (await current()).symbols);
      case "update":
        return inOrder(() => index?.update(request.params.path, request.params.text));
      case "remove":
        return inOrder(() => index?.remove(request.params.path));
      default:
        return request satisfies never;
    }
  };
}

/** An outline is copied on the host's own thread, so a giant one is cut and says so. */
function forHost(outline: FileOutline): FileOutline {
  const { definitions, calls, imports, note } = outline;
  if (Math.max(definitions.length, calls.length, imports.length) <= OUTLINE_ITEMS) return outline;
  return {
    ...outline,
    note: [note, `only the first ${OUTLINE_ITEMS} definitions, calls and imports`].filter(Boolean).join("; "),
    definitions: definitions.slice(0, OUTLINE_ITEMS),
    calls: calls.slice(0, OUTLINE_ITEMS),
    imports: imports.slice(0, OUTLINE_ITEMS),
  };
}

/** Changes are taken in one after the other: the last word about a file must be the one that stays. */
function createQueue(): (change: () => Promise<void> | void) => Promise<null> {
  let last: Promise<unknown> = Promise.resolve();
  return async (change) => {
    last = last.then(change).catch(() => undefined);
    await last;
    return null;
  };
}

function throttled(action: () => void, everyMs: number): (atOnce: boolean) => void {
  let last = 0;
  return (atOnce) => {
    const now = performance.now();
    if (!atOnce && now - last < everyMs) return;
    last = now;
    action();
  };
}
