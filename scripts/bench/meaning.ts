import path from "node:path";
import type { MeaningComparer } from "../../src/core/chat/meaning";
import { createRandom } from "../../src/core/evaluation/random";
import { neverAborted } from "../../src/core/util/abort";
import { silentLog } from "../../src/core/util/log";
import { createMeaningComparer } from "../../src/services/engine/meaning";
import { automaticThreads } from "../../src/services/engine/threads";
import { createCodeKnowledge, type CodeKnowledge } from "../../src/services/index/codeKnowledge";
import { projectRoot } from "../project";
import { startBenchEngine } from "./engines";
import type { Figure } from "./table";

/** Questions about this project's source that name nothing, each with the files that answer it. */
const QUESTIONS: readonly (readonly [question: string, ...files: string[]])[] = [
  ["how is a half finished transfer taken up after the connection broke", "services/models/downloadRun.ts", "services/models/downloadAttempt.ts", "services/models/partFile.ts", "services/models/modelDownload.ts"],
  ["what keeps two windows from fetching the same thing twice", "services/models/downloadLock.ts", "services/models/downloadTurn.ts"],
  ["where are passwords replaced before something is sent", "core/outgoing/redaction.ts", "services/outgoing/redactor.ts", "core/outgoing/placeholders.ts"],
  ["how do we notice that somebody tampered with the record of what left", "core/outgoing/ledgerChain.ts", "services/network/ledger.ts"],
  ["why does a suggestion not jump around while one types", "core/completion/stage.ts", "core/completion/held.ts"],
  ["who decides whether the person's own code or the neural network speaks", "core/completion/decide.ts", "core/completion/together.ts"],
  ["what happens when the child process dies again and again", "core/engine/restartPolicy.ts", "services/engine/engineSupervisor.ts"],
  ["how much memory will a file need before it is loaded", "core/models/estimate.ts", "core/models/memoryFit.ts"],
  ["how fast will a model write on this computer", "core/models/decodeSpeed.ts", "core/models/recommendation.ts"],
  ["which files must never be read into a prompt", "core/context/exclusions.ts", "core/context/secretNames.ts", "services/index/workspaceExclusions.ts"],
  ["where is it checked that an address is in a private network", "core/outgoing/addresses.ts", "core/outgoing/origin.ts"],
  ["how are things that cannot be seen in a text made known", "core/context/hiddenCharacters.ts"],
  ["what makes urgent work go before work that can wait", "engine/scheduler.ts"],
  ["how is the cache of keys and values reused from one request to the next", "engine/cachedSequence.ts", "engine/completionSession.ts"],
  ["where does a damaged header get refused", "core/models/gguf.ts", "core/models/modelFacts.ts"],
  ["how does an answer say where it comes from", "core/chat/answerText.ts", "webview/citations.ts", "webview/sourcesList.ts"],
  ["what is shown while nothing has been asked yet", "webview/emptyState.ts"],
  ["how is an unsure answer recognised", "core/routing/signals.ts", "core/routing/certainty.ts", "core/routing/offer.ts"],
  ["where are lines in other places with the same beginning looked for", "core/recall/votes.ts", "core/recall/corpus.ts", "core/recall/experts.ts", "core/recall/recall.ts"],
  ["how are the names of this file put into a line from another one", "core/recall/names.ts", "core/recall/alignment.ts", "core/recall/candidateFeatures.ts"],
  ["what does a company put down to forbid sending", "core/outgoing/policy.ts", "services/outgoing/policyFiles.ts"],
  ["how is a model carried to a computer that is never online", "services/models/airGap.ts", "core/models/kitManifest.ts", "services/models/airGapImport.ts", "editor/models/airGapKit.ts"],
  ["where is a graphics card tried before it is trusted", "services/engine/gpuProbe.ts", "engine/probe.ts", "services/engine/backends.ts"],
  ["how does text that arrives bit by bit become an answer on the screen", "core/chat/outbox.ts", "webview/turn.ts", "services/network/chatStream.ts"],
];
const CONTEXT_TOKENS = 3_000;
const SEEDS = 20;

/**
 * How often the place that answers a question is among what the index shows, and in the context of a written answer: by
 * words alone, with similarities drawn at random (what a model that knows nothing would do), with those of a model that
 * knew every answer (what no model can pass), and with the model that the variable GHOSTLIGHT_EMBEDDING_MODEL names.
 */
export async function meaningFigures(): Promise<readonly Figure[]> {
  const figures = [...(await figuresWith("words alone", [undefined])), ...(await figuresWith("similarities at random", Array.from({ length: SEEDS }, (_, seed) => randomComparer(seed)))), ...(await figuresWith("similarities that know the answer", [KNOWING]))];
  const model = process.env["GHOSTLIGHT_EMBEDDING_MODEL"];
  if (model === undefined) return figures;
  const engine = await startBenchEngine("embedding", path.resolve(model), 256, automaticThreads());
  try {
    return [...figures, ...(await figuresWith(path.basename(model), [createMeaningComparer(engine, silentLog)]))];
  } finally {
    engine.dispose();
  }
}

async function figuresWith(name: string, comparers: readonly (MeaningComparer | undefined)[]): Promise<Figure[]> {
  let [shown, inContext, milliseconds] = [0, 0, 0];
  for (const meaning of comparers) {
    const knowledge = await openSource(meaning);
    const startedAt = performance.now();
    for (const [text, ...files] of QUESTIONS) {
      const holds = (sources: readonly { readonly file: string }[]): boolean => sources.some(({ file }) => files.includes(file));
      if (holds((await knowledge.answerFromIndex({ text }, neverAborted)).sources)) shown += 1;
      if (holds((await knowledge.contextFor({ text }, CONTEXT_TOKENS, neverAborted)).sources)) inContext += 1;
    }
    milliseconds += performance.now() - startedAt;
    knowledge.dispose();
  }
  const asked = QUESTIONS.length * comparers.length;
  const share = (count: number): string => `${((100 * count) / asked).toFixed(0)} % of ${String(asked)}`;
  return [
    { name: `${name}: shown by the index`, measured: share(shown), goal: "" },
    { name: `${name}: in a context of ${String(CONTEXT_TOKENS)} tokens`, measured: share(inContext), goal: "" },
    { name: `${name}: a question and its context`, measured: `${(milliseconds / asked).toFixed(0)} ms`, goal: "" },
  ];
}

function randomComparer(seed: number): MeaningComparer {
  const random = createRandom(String(seed));
  return { available: () => true, compare: (_question, texts) => Promise.resolve(texts.map(() => random())) };
}

/** Each text begins with a comment or a path, and names its file. */
const KNOWING: MeaningComparer = {
  available: () => true,
  compare: (question, texts) => {
    const files = QUESTIONS.find(([text]) => text === question)?.slice(1) ?? [];
    return Promise.resolve(texts.map((text) => (files.some((file) => text.includes(file)) ? 1 : 0)));
  },
};

async function openSource(meaning: MeaningComparer | undefined): Promise<CodeKnowledge> {
  const dist = path.join(projectRoot, "dist");
  const knowledge = createCodeKnowledge({
    root: path.join(projectRoot, "src"), workerPath: path.join(dist, "indexWorker.js"), grammarsPath: path.join(dist, "grammars"),
    editorExcludes: [], userGlobs: [], readAbove: false, log: silentLog, meaning,
  });
  await knowledge.ready(neverAborted);
  return knowledge;
}
