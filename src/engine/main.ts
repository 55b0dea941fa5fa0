import { createMessageConnection, StreamMessageReader, StreamMessageWriter, type CancellationToken } from "vscode-jsonrpc/node";
import { EngineMethod, EngineNotification, EXIT_LIBRARY_FAILED, PROTOCOL_VERSION, type ChatParams, type CompareParams, type CompleteParams, type EngineLogLine, type HelloParams, type HelloResult, type LoadParams, type LoadResult, type MeasureParams, type MemoryResult, type UnloadParams } from "../protocol/engine";
import { EngineService } from "./engineService";
import { startLlama } from "./llamaRuntime";
import { EvaluationError } from "./llamaSequence";

/**
 * Entry of the engine process. It speaks JSON-RPC on its standard input and output, opens nothing else, and ends when
 * its input ends: when the host goes, in any way, so does the engine.
 */
function main(): void {
  const connection = createMessageConnection(new StreamMessageReader(process.stdin), new StreamMessageWriter(process.stdout));
  // Words of libraries must not fall into the message stream.
  console.log = console.info = console.debug = (...words: unknown[]) => process.stderr.write(`${words.map(String).join(" ")}\n`);

  const log = (line: EngineLogLine): void => void connection.sendNotification(EngineNotification.log, line);
  const service = new EngineService((threads, backend) => startLlama(threads, log, backend).catch(endWithoutLibrary), () => performance.now(), () => void connection.sendNotification(EngineNotification.evaluationHangs));

  connection.onRequest(EngineMethod.hello, (params: HelloParams): HelloResult => {
    if (params.protocolVersion !== PROTOCOL_VERSION) log({ level: "error", message: `the host speaks protocol ${String(params.protocolVersion)}` });
    else service.prepare(params);
    return { protocolVersion: PROTOCOL_VERSION, processId: process.pid, runtime: `${process.release.name} ${process.version}` };
  });
  connection.onRequest(EngineMethod.load, (params: LoadParams, token: CancellationToken) => service.load(params, signalOf(token)).then(endWithoutDevice));
  connection.onRequest(EngineMethod.unload, (params: UnloadParams) => service.unload(params.role));
  connection.onRequest(EngineMethod.complete, (params: CompleteParams, token: CancellationToken) => service.complete(params, signalOf(token)).catch(endWhereBroken));
  connection.onRequest(EngineMethod.chat, (params: ChatParams, token: CancellationToken) =>
    service.chat(params, (text) => void connection.sendNotification(EngineNotification.chatDelta, { streamId: params.streamId, text }), signalOf(token)).catch(endWhereBroken));
  connection.onRequest(EngineMethod.compare, (params: CompareParams, token: CancellationToken) => service.compare(params, signalOf(token)).catch(endWhereBroken));
  connection.onRequest(EngineMethod.measure, (params: MeasureParams, token: CancellationToken) =>
    service.measure(params, (share) => void connection.sendNotification(EngineNotification.measureProgress, { measureId: params.measureId, share }), signalOf(token)).catch(endWhereBroken));
  connection.onRequest(EngineMethod.memory, (): MemoryResult => ({ residentBytes: process.memoryUsage.rss() }));

  connection.onClose(endProcess);
  process.stdin.on("end", endProcess);
  process.stdin.on("close", endProcess);
  connection.listen();
}

/**
 * Ends at once: native evaluation may be under way on another thread, and nothing here needs saving. The process in
 * which the library tries its binaries goes too, where it hangs in a driver: the host has made a group of us.
 */
function endProcess(): void {
  if (process.platform !== "win32") killQuietly(-process.pid);
  killQuietly(process.pid);
}

/** A process that was not started as the leader of a group has none by its id. */
function killQuietly(id: number): void {
  try {
    process.kill(id, "SIGKILL");
  } catch {
    // Nobody is there.
  }
}

/** Without the library there is nothing to do here; the host tries another runtime. */
function endWithoutLibrary(error: unknown): never {
  process.stderr.write(`the library did not start: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(EXIT_LIBRARY_FAILED);
}

/**
 * After a lost device or another failure in the middle of an evaluation every later request fails too. A new process
 * begins afresh, and the host counts this one's end as a crash.
 */
function endWhereBroken(error: unknown): never {
  if (!(error instanceof EvaluationError)) throw error;
  process.stderr.write(`an evaluation failed: ${error.message}\n`);
  endProcess();
  throw error;
}

/** The same for a load: a device that is gone is not the file's fault. */
function endWithoutDevice(result: LoadResult): LoadResult {
  if (result.outcome !== "failed" || !/device ?lost/i.test(result.detail)) return result;
  process.stderr.write(`the device was lost: ${result.detail}\n`);
  endProcess();
  return result;
}

function signalOf(token: CancellationToken): AbortSignal {
  const controller = new AbortController();
  if (token.isCancellationRequested) controller.abort();
  token.onCancellationRequested(() => { controller.abort(); });
  return controller.signal;
}

main();
