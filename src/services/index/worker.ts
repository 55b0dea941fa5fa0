import path from "node:path";
import { workerData } from "node:worker_threads";
import { answerFromIndex } from "../../core/chat/indexAnswer";
import { placesToCompare } from "../../core/chat/placesToCompare";
import { contextForQuestion } from "../../core/chat/questionContext";
import { INDEX_PROTOCOL_VERSION, type CheckedCode, type FileOutline, type IndexMethod, type IndexMethods, type IndexRequest, type IndexStatistics, type IndexWorkerData, type OpenParams, type ParseVerdict } from "../../protocol/indexWorker";
import { createOutlineMaker, PARSE_TIME_LIMIT_MS, type OutlineMaker } from "../syntax/treeSitterOutline";
import { createSourceGate } from "./sourceGate";
import { createQueue, serveRequests, throttled } from "./workerPort";
import { createWorkspaceIndex, type WorkspaceIndex } from "./workspaceIndex";

/** The worker thread's entry: answers requests of `protocol/indexWorker.ts`, one at a time per file, until its host ends it. */
const STATISTICS_EVERY_MS = 500;
/** A question that comes while the first walk is under way waits this long, then is answered from what is there. */
const WAIT_FOR_INDEX_MS = 4_000;
const OUTLINE_ITEMS = 5_000;
const MOST_CHECKED_BLOCKS = 20;
/** Milliseconds for all blocks of one answer. */
const CHECK_TIME_LIMIT_MS = 600;

const handle = createHandler(workerData as IndexWorkerData);
const send = serveRequests<IndexMethods, IndexStatistics>((request) => handle(request));

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
      case "checkCode":
        return checked(outlines, request.params.blocks);
      case "places":
        return gate.places(placesToCompare(request.params.question, (await current()).symbols));
      case "context": {
        const { question, budgetTokens, compared } = request.params;
        return gate.context(contextForQuestion(question, (await current()).symbols, budgetTokens, compared));
      }
      case "answer":
        return answerFromIndex(request.params.question, (await current()).symbols, request.params.compared);
      case "update":
        return inOrder(() => index?.update(request.params.path, request.params.text));
      case "remove":
        return inOrder(() => index?.remove(request.params.path));
      default:
        return request satisfies never;
    }
  };
}

/** Blocks after the first so many, or after the time for all of them, stay unchecked: somebody may be waiting for an outline. */
async function checked(outlines: OutlineMaker, blocks: readonly CheckedCode[]): Promise<readonly ParseVerdict[]> {
  const start = performance.now();
  const verdicts: ParseVerdict[] = [];
  for (const block of blocks) {
    const left = CHECK_TIME_LIMIT_MS - (performance.now() - start);
    verdicts.push(verdicts.length >= MOST_CHECKED_BLOCKS || left <= 0 ? "unchecked" : await outlines.verdict(block, Math.min(left, PARSE_TIME_LIMIT_MS)));
  }
  return verdicts;
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
