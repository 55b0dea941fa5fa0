import { readFileSync } from "node:fs";
import { workerData } from "node:worker_threads";
import { Corpus } from "../../core/recall/corpus";
import { recall } from "../../core/recall/recall";
import { parseRecallWeights, type RecallWeights } from "../../core/recall/weights";
import { RECALL_PROTOCOL_VERSION, type RecallAnswerData, type RecallMethods, type RecallOpenParams, type RecallRequest, type RecallStatistics, type RecallWorkerData, type SuggestParams } from "../../protocol/recallWorker";
import { RecallIndex } from "./recallIndex";
import { serveRequests, throttled } from "./workerPort";

/** Entry of recall's thread: answers requests of `protocol/recallWorker.ts` until its host ends it. */
const STATISTICS_EVERY_MS = 500;
/** Nobody has asked for so long: time for what would keep a request waiting. */
const QUIET_MS = 300;
/** The index is stored after this long without a change when many files changed, and with any change when the window closes. */
const SAVE_AFTER_MS = 30_000;
/** Fewer changed files are read again faster than 100 MB are written. */
const MANY_CHANGES = 25;

const handle = createHandler(workerData as RecallWorkerData);
const send = serveRequests<RecallMethods, RecallStatistics>((request) => handle(request));

/** Dispatches by method; holds the one index of this thread. */
function createHandler({ weightsPath }: RecallWorkerData): (request: RecallRequest) => Promise<RecallMethods[keyof RecallMethods]["result"]> {
  const weights = once(() => parseRecallWeights(JSON.parse(readFileSync(weightsPath, "utf8"))));
  let index: RecallIndex | undefined;
  let lastRequest = -Infinity;
  let saving: NodeJS.Timeout | undefined;
  const sinceRequest = (): number => performance.now() - lastRequest;
  const turns = {
    pause: () => new Promise<void>((resolve) => setImmediate(resolve)),
    quiet: async () => {
      for (let rest = sinceRequest(); rest < QUIET_MS; rest = sinceRequest()) await new Promise((resolve) => setTimeout(resolve, Math.max(1, QUIET_MS - rest)));
    },
  };
  const tell = throttled(() => index && send({ kind: "statistics", statistics: index.statistics() }), STATISTICS_EVERY_MS);
  const progress = (ended: boolean): void => {
    tell(ended);
    if (!ended) return;
    clearTimeout(saving);
    saving = setTimeout(() => void index?.save(MANY_CHANGES), SAVE_AFTER_MS).unref();
  };
  const open = async (params: RecallOpenParams): Promise<RecallStatistics> => {
    if (params.protocolVersion !== RECALL_PROTOCOL_VERSION) throw new Error("recall's worker belongs to another version of Ghostlight; reload the window");
    index = new RecallIndex(params, turns, progress);
    await index.build();
    await index.settled();
    return index.statistics();
  };
  /** Before there is an index the open document answers alone. */
  const suggest = (snapshot: SuggestParams): RecallAnswerData => {
    lastRequest = performance.now();
    return recall(snapshot, index?.corpus ?? new Corpus(), weights());
  };
  const change = async (done: Promise<void> | undefined): Promise<null> => {
    await done;
    return null;
  };
  return async (request) => {
    switch (request.method) {
      case "open":
        return open(request.params);
      case "suggest":
        return suggest(request.params);
      case "update":
        return change(index?.update(request.params.path, request.params.text));
      case "remove":
        return change(index?.remove(request.params.path));
      case "forget":
        return change(index?.forget());
      case "close":
        clearTimeout(saving);
        return change(index?.close());
      default:
        return request satisfies never;
    }
  };
}

/** Reads at the first need, then keeps; what throws is tried again. */
function once(read: () => RecallWeights): () => RecallWeights {
  let kept: RecallWeights | undefined;
  return () => (kept ??= read());
}
