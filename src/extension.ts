import * as vscode from "vscode";
import type { CompletionPorts } from "./core/completion/complete";
import { neverAborted } from "./core/util/abort";
import { parseEndpoints } from "./core/outgoing/endpoints";
import type { Log } from "./core/util/log";
import { createWait } from "./core/util/wait";
import { registerChatView } from "./editor/chatView";
import { registerForgetRecall } from "./editor/forgetRecall";
import { registerInlineCompletion } from "./editor/inlineCompletion";
import { registerMenu } from "./editor/menu";
import { createBackends, findBackends, registerFindGpu } from "./editor/models/graphics";
import { registerAirGapKit } from "./editor/models/airGapKit";
import { createModels, type Models } from "./editor/models/createModelLibrary";
import { ModelMeasure } from "./editor/models/modelMeasure";
import { registerModelActions } from "./editor/models/modelActions";
import { createModelsView } from "./editor/models/modelsView";
import { registerModelsToken } from "./editor/models/modelsToken";
import { createLastGood } from "./editor/lastGood";
import { loadOptionsOf, ModelUse } from "./editor/modelUse";
import { registerEndpointCompletion } from "./editor/outgoing/endpointCompletion";
import { chosenEndpoint, registerEndpoints } from "./editor/outgoing/endpoints";
import { registerGrants } from "./editor/outgoing/grants";
import { LedgerStatus } from "./editor/outgoing/ledgerStatus";
import { registerLedgerView } from "./editor/outgoing/ledgerView";
import { createOutgoing, type Outgoing } from "./editor/outgoing/outgoing";
import { PromptHead } from "./editor/promptHead";
import { onSettingsChange, readSettings } from "./editor/settings";
import { StatusItem } from "./editor/statusItem";
import { WorkspaceKnowledge } from "./editor/workspaceKnowledge";
import { WorkspaceRecall } from "./editor/workspaceRecall";
import type { ModelRole } from "./protocol/engine";
import type { Backends } from "./services/engine/backends";
import { createChatEngine } from "./services/engine/chatEngine";
import { createCompletionEngine } from "./services/engine/completionEngine";
import { libraryVersion } from "./services/engine/driverKey";
import { EngineSupervisor } from "./services/engine/engineSupervisor";
import { createLocalAnswerer } from "./services/engine/localAnswerer";
import { Measurements } from "./services/engine/measure";
import { createMeaningComparer } from "./services/engine/meaning";
import { createRuntimeMemory } from "./services/engine/runtimeMemory";
import { threadsFor } from "./services/engine/threads";
import type { ModelLibrary } from "./services/models/modelLibrary";
import { ModelIdentities } from "./services/models/modelIdentity";
import { checkPeriodically } from "./services/models/periodicCheck";
import { readTogether } from "./services/models/togetherFile";
import { createEndpointCorrector } from "./services/network/endpointCorrector";
import { createAcceptanceStore, type AcceptanceStore } from "./services/store/acceptances";
import { createRoutingStore, type FileRoutingStore } from "./services/store/routingStore";
import { TranscriptStore } from "./services/store/transcriptStore";

/** What tests inside the editor may look at; nothing else uses it. */
export interface GhostlightApi {
  readonly engineState: () => EngineSupervisor["state"];
  readonly engineProcessId: () => number | undefined;
  /** Hears of the engine's states until the returned function is called. */
  readonly onEngineState: (listener: (state: EngineSupervisor["state"]) => void) => () => void;
  readonly standIn: ModelUse["standIn"];
  readonly timings: () => Timings;
}

/** Milliseconds for the bench, on the extension host's clock. */
export interface Timings {
  readonly activationMs: number;
  /** From the end of activation to the first ready model; undefined until then. */
  readonly readyMs: number | undefined;
}

/** Everything that features share, built once and ended with the extension. */
interface Services {
  readonly log: Log & { show(): void };
  readonly supervisor: EngineSupervisor;
  readonly knowledge: WorkspaceKnowledge;
  readonly recall: WorkspaceRecall;
  readonly acceptances: AcceptanceStore;
  readonly status: StatusItem;
  readonly models: ModelUse;
  readonly outgoing: Outgoing;
  readonly library: ModelLibrary;
  readonly kit: Models["kit"];
  readonly measure: ModelMeasure;
  readonly backends: Backends;
  readonly ledgerStatus: LedgerStatus;
  readonly routing: FileRoutingStore;
  readonly ports: CompletionPorts;
  /** The chat model or the endpoint may have become another one. */
  readonly modelChange: vscode.EventEmitter<void>;
}

/** What is still being written when the extension ends: VS Code waits for `deactivate` and for nothing else, five seconds at most. */
const lastWrites = new Set<() => Promise<unknown>>();

/** Ends what has to reach the disk before the extension host ends. */
export async function deactivate(): Promise<void> {
  const writes = [...lastWrites].map((write) => write());
  lastWrites.clear();
  await Promise.all(writes);
}

/** Composition root: reads settings, builds services, registers features. */
export function activate(context: vscode.ExtensionContext): GhostlightApi {
  const startedAt = performance.now();
  let reading = readSettings();
  const settings = () => reading.settings;
  const services = buildServices(context, settings);
  registerFeatures(context, services, settings);

  const apply = (): Promise<void> => {
    const problems = reading.problems.map((problem) => problem.message);
    services.status.setProblems("settings", problems);
    const endpointProblems = parseEndpoints(settings().endpoints).problems;
    services.status.setProblems("endpoints", endpointProblems);
    services.ledgerStatus.refresh();
    const loadProblems = (["completion", "chat"] as const).flatMap((role) => loadOptionsOf(role, settings()).problems);
    services.status.setProblems("load options", loadProblems);
    for (const problem of [...problems, ...endpointProblems, ...loadProblems]) services.log.warn(problem);
    const backend = services.backends.chosen(settings().engineGpu);
    services.supervisor.configure({ runtime: settings().engineRuntime, threads: threadsFor(settings().engineThreads), ...(backend === services.supervisor.backend ? {} : { backend }) });
    // Recall's index is not built where recall is not to speak.
    if (settings().completionEngines !== "model") services.recall.warm();
    return services.models.apply(settings());
  };
  // The engine's start overlaps with everything that follows.
  if (settings().completionEngines !== "recall" || settings().chatModel !== "" || settings().embeddingModel !== "") void services.supervisor.prepare();
  context.subscriptions.push(onSettingsChange((changed) => {
    reading = changed;
    services.modelChange.fire();
    services.library.changed();
    void apply();
  }));
  // What reads files waits until the editor has its thread back: activation stays under 100 ms.
  setTimeout(() => {
    // The index comes after the models: on a small machine both at once would make ghost text late.
    void apply().finally(() => {
      services.knowledge.warm();
      void findBackends(services.backends, settings, apply, services.log);
    });
  }, 0);
  const activatedAt = performance.now();
  let readyMs: number | undefined;
  const firstReady = services.supervisor.onState.on((state) => {
    if (state.state !== "ready") return;
    readyMs = performance.now() - activatedAt;
    services.log.info(`activated in ${(activatedAt - startedAt).toFixed(0)} ms, engine ready ${readyMs.toFixed(0)} ms later`);
    firstReady.dispose();
  });
  return {
    engineState: () => services.supervisor.state,
    engineProcessId: () => services.supervisor.processId,
    onEngineState: (listener) => {
      const listening = services.supervisor.onState.on(listener);
      return () => { listening.dispose(); };
    },
    standIn: (role) => services.models.standIn(role),
    timings: () => ({ activationMs: activatedAt - startedAt, readyMs }),
  };
}

function buildServices(context: vscode.ExtensionContext, settings: () => ReturnType<typeof readSettings>["settings"]): Services {
  const own = <T extends vscode.Disposable>(item: T): T => {
    context.subscriptions.push(item);
    return item;
  };
  const inExtension = (...path: string[]): string => vscode.Uri.joinPath(context.extensionUri, ...path).fsPath;
  const inStorage = (file: string): string => vscode.Uri.joinPath(context.globalStorageUri, file).fsPath;
  const clock = (): number => performance.now();
  const wait = createWait({ setTimeout, clearTimeout: (timer) => { clearTimeout(timer as ReturnType<typeof setTimeout>); } });
  const ended = new AbortController();
  own({ dispose: () => { ended.abort(); } });

  const log = own(vscode.window.createOutputChannel("Ghostlight", { log: true }));
  const version = libraryVersion(inExtension("dist"));
  const backends = createBackends({ context, version, log });
  const supervisor = own(new EngineSupervisor({
    backend: backends.chosen(settings().engineGpu),
    onBackendSetAside: (backend, how) => { backends.setAside(backend, how); },
    entry: inExtension("dist", "engine.mjs"),
    runtime: settings().engineRuntime,
    threads: threadsFor(settings().engineThreads),
    memory: createRuntimeMemory(inStorage("runtime.json")),
    log,
    clock,
    wait: (milliseconds) => wait(milliseconds, ended.signal),
  }));
  const knowledge = own(new WorkspaceKnowledge({ workerPath: inExtension("dist", "indexWorker.js"), grammarsPath: inExtension("dist", "grammars"), meaning: createMeaningComparer(supervisor, log), log }));
  const { recall, acceptances } = buildRecall(context, knowledge, log, own);
  const status = own(new StatusItem({ engineState: () => supervisor.state, settings }));
  const modelChange = own(new vscode.EventEmitter<void>());
  own(supervisor.onState.on(() => {
    status.refresh();
    modelChange.fire();
  }));
  const report = (source: string, problems: readonly string[]): void => { status.setProblems(source, problems); };
  const identities = new ModelIdentities(inStorage("models.json"));
  const measure: ModelMeasure = new ModelMeasure({ supervisor, measurements: new Measurements(inStorage("measurements.json")), identities, library: () => library, settings, apply: () => models.apply(settings()), libraryVersion: version, log });
  const models: ModelUse = own(new ModelUse({ supervisor, log, extensionFolder: context.extensionUri.fsPath, identities, report, loadOptions: (role, now) => loadOptionsOf(role, now).options, tuning: (sha256, role) => measure.tuningOf(sha256, role), onUnmeasured: (role, path) => { void measure.firstUse(role, path); }, lastGood: createLastGood(context.globalState), onStandIn: () => { library.changed(); }, choose: useModel }));
  const outgoing = own(createOutgoing({ context, settings, excludedBecause: (file) => knowledge.excludedBecause(file), log }));
  const ledgerStatus = own(new LedgerStatus({ ledger: outgoing.network.ledger, offlineOnly: () => settings().offlineOnly, log }));
  const { library, kit } = createModels({ context, settings, standIn: (role) => models.standIn(role), use: useModel, network: outgoing.network, identities, log });
  own(library);
  void checkPeriodically({ identities, wait, onChanged: () => { void models.apply(settings()); }, log }, ended.signal);
  const routing = own(createRoutingStore(context.storageUri ? vscode.Uri.joinPath(context.storageUri, "routing.json").fsPath : null, (problem) => { log.warn(problem); }));
  const heads = own(new PromptHead({ knowledge, log, wanted: () => supervisor.loaded("completion")?.usesHead === true }));
  const together = readTogether(context.extensionUri.fsPath);
  if (together.problem !== undefined) log.error(together.problem);
  const ports: CompletionPorts = { engine: createCompletionEngine(supervisor, undefined, () => measure.timeBudgetMs()), recall, together: together.weights, heads, exclusions: knowledge, wait, clock };
  return { log, supervisor, knowledge, recall, acceptances, status, models, outgoing, library, kit, measure, backends, ledgerStatus, routing, ports, modelChange };
}

/** Recall and the counts of what was accepted; both are kept in the workspace's own storage, nowhere without one. */
function buildRecall(context: vscode.ExtensionContext, knowledge: WorkspaceKnowledge, log: Log, own: <T extends vscode.Disposable>(item: T) => T): Pick<Services, "recall" | "acceptances"> {
  const storage = context.storageUri && vscode.Uri.joinPath(context.storageUri, "recall");
  const recall = own(new WorkspaceRecall({
    knowledge,
    workerPath: vscode.Uri.joinPath(context.extensionUri, "dist", "recallWorker.js").fsPath,
    weightsPath: vscode.Uri.joinPath(context.extensionUri, "models", "recall", "weights.json").fsPath,
    storageFolder: storage?.fsPath ?? null,
    version: String((context.extension.packageJSON as { version?: unknown }).version),
    log,
  }));
  lastWrites.add(() => recall.end());
  const acceptances = own(createAcceptanceStore(storage ? vscode.Uri.joinPath(storage, "acceptances.json").fsPath : null, (problem) => { log.warn(problem); }));
  return { recall, acceptances };
}

/** Which file a role uses is a setting of the person's, so that it holds in every window. */
async function useModel(role: ModelRole, path: string): Promise<void> {
  await vscode.workspace.getConfiguration("ghostlight").update(`${role}.model`, path === "" ? undefined : path, vscode.ConfigurationTarget.Global);
}

/** Each feature on its own: one that fails to start is logged and must not take the others with it (house style 10). */
function registerFeatures(context: vscode.ExtensionContext, services: Services, settings: () => ReturnType<typeof readSettings>["settings"]): void {
  const { supervisor, knowledge, status, log, ports, outgoing } = services;
  const chatEngine = createChatEngine(supervisor);
  const features: readonly (readonly [name: string, register: () => vscode.Disposable])[] = [
    ["menu", () => registerMenu({ engineState: () => supervisor.state, settings, restartEngine: async () => {
      await supervisor.restart();
      await services.models.applyAnew(settings());
    }, showLog: () => { log.show(); } })],
    ["forgetting recall", () => registerForgetRecall({ forgetIndex: () => services.recall.forget(), forgetAcceptances: () => { services.acceptances.forget(); }, log, showLog: () => { log.show(); } })],
    ["models", () => createModelsView({ state: () => services.library.state(), onChange: (listener) => services.library.onChange(listener), onFirstSight: () => { void services.library.look(neverAborted).catch((error: unknown) => { log.warn(`models: ${String(error)}`); }); } })],
    ["what can be done with models", () => vscode.Disposable.from(registerModelActions({ library: services.library, use: useModel, measure: (path, signal) => services.measure.measure(path, signal), log }), registerModelsToken({ settings, keys: outgoing.keys }), registerAirGapKit(services.kit))],
    ["the graphics processor", () => registerFindGpu({ backends: services.backends, settings, apply: () => services.models.apply(settings()), supervisor, log })],
    ["ledger", () => registerLedgerView({ ledger: outgoing.network.ledger, file: outgoing.ledgerFile })],
    ["endpoints", () => registerEndpoints({ settings, keys: outgoing.keys, client: outgoing.client })],
    ["standing consents", () => registerGrants(outgoing.grants)],
    ["completion by an endpoint", () => registerEndpointCompletion({ client: outgoing.client, endpoint: () => chosenEndpoint(settings()), log })],
    ["ghost text", () => registerInlineCompletion({
      ports,
      settings,
      log,
      onRequest: () => status.requestBegan(),
      onFollowUp: (followUp) => { status.followedUp(followUp); },
      onShown: (voice, path) => { services.acceptances.shown(voice, path); },
      onAccepted: (voice, text, path) => {
        services.acceptances.accepted(voice, path);
        log.info(`completion: accepted, by ${voice}, ${String(text.length)} characters`);
      },
    })],
    ["chat", () => registerChatView({
      extensionUri: context.extensionUri,
      answerer: createLocalAnswerer({ knowledge: () => knowledge.current, engine: chatEngine }),
      corrector: createEndpointCorrector({ endpoint: () => chosenEndpoint(settings()), client: outgoing.client, gate: outgoing.network.gate, knowledge: () => knowledge.current, placeOf: (path) => knowledge.placeOf(path) }),
      routing: { store: services.routing, checkCode: (blocks, signal) => knowledge.current.checkCode(blocks, signal) },
      journal: new TranscriptStore(vscode.Uri.joinPath(context.storageUri ?? context.globalStorageUri, "chat").fsPath),
      log,
      chatModel: () => chatEngine.model()?.name,
      onDidChangeChatModel: services.modelChange.event,
    })],
  ];
  for (const [name, register] of features) {
    try {
      context.subscriptions.push(register());
    } catch (error) {
      log.error(`${name} did not start: ${String(error)}`);
    }
  }
}
