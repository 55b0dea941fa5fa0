import * as vscode from "vscode";
import type { Endpoint } from "../../core/outgoing/endpoint";
import { DEFAULT_ENDPOINT_CONTEXT, parseEndpoints } from "../../core/outgoing/endpoints";
import { HOST_CLASS_WORDS } from "../../core/outgoing/disclosureWords";
import type { HostClass } from "../../core/outgoing/disclosure";
import { readDestination } from "../../core/outgoing/origin";
import type { Settings } from "../../core/settings/settings";
import type { EndpointClient } from "../../services/network/endpointClient";
import { cancellableProgress } from "../cancellableProgress";
import type { EndpointKeys } from "./endpointKeys";

/** What the commands act on. */
export interface EndpointParts {
  readonly settings: () => Settings;
  readonly keys: EndpointKeys;
  readonly client: EndpointClient;
}

/** The endpoint that is asked, from user settings; undefined where none is set up, or none of the name that was chosen. */
export function chosenEndpoint({ endpoints, chatEndpoint }: Settings): Endpoint | undefined {
  const usable = parseEndpoints(endpoints).endpoints;
  return chatEndpoint === "" ? usable[0] : usable.find(({ name }) => name === chatEndpoint);
}

/** Registers what sets endpoints up: adding one, choosing one, its key, and offline-only. */
export function registerEndpoints(parts: EndpointParts): vscode.Disposable {
  return vscode.Disposable.from(
    vscode.commands.registerCommand("ghostlight.addEndpoint", () => addEndpoint(parts)),
    vscode.commands.registerCommand("ghostlight.chooseEndpoint", () => chooseEndpoint(parts)),
    vscode.commands.registerCommand("ghostlight.setEndpointKey", () => setKey(parts)),
    vscode.commands.registerCommand("ghostlight.toggleOfflineOnly", () => toggleOfflineOnly(parts.settings())),
  );
}

const SWITCHES: Readonly<Record<HostClass, string>> = { yourNetwork: "network.allowYourNetwork", internet: "network.allowInternet" };

/** Leads through an endpoint's setup; Escape at any step leaves everything as it was. */
async function addEndpoint(parts: EndpointParts): Promise<void> {
  const address = await askAddress();
  if (address === undefined) return;
  const { origin, hostClass, host } = address;
  if (!(await allow(parts.settings(), hostClass, host))) return;
  const key = await vscode.window.showInputBox({ title: `Key for ${origin}`, prompt: "Kept in the editor's secret store, and sent to this address only. Leave it empty where none is needed.", password: true, ignoreFocusOut: true });
  if (key === undefined) return;
  if (key !== "") await parts.keys.set(origin, key);
  const name = await askName(parts.settings(), host);
  if (name === undefined) return;
  const draft: Endpoint = { name, url: address.base, model: "?", fim: "none", contextSize: DEFAULT_ENDPOINT_CONTEXT, inputPrice: null, outputPrice: null };
  const model = await askModel(parts, draft);
  if (model === undefined) return;
  const fim = await askFim();
  if (fim === undefined) return;
  const entry = { name, url: address.base, model, ...(fim === "none" ? {} : { fim }) };
  await update("endpoints", [...parts.settings().endpoints, entry]);
  if (parts.settings().chatEndpoint !== "") await update("chat.endpoint", name);
  void vscode.window.showInformationMessage(`Ghostlight: ${name} can be asked now. Nothing is sent before you have seen it and agreed.`, "Open Settings").then((choice) => {
    if (choice !== undefined) void vscode.commands.executeCommand("workbench.action.openSettings", "ghostlight.endpoints");
  });
}

async function askAddress(): Promise<{ base: string; origin: string; host: string; hostClass: HostClass } | undefined> {
  const text = await vscode.window.showInputBox({
    title: "Add an Endpoint: its address",
    prompt: "Address of an OpenAI-compatible interface, such as http://192.168.1.20:8080/v1 or https://api.example.com/v1",
    ignoreFocusOut: true,
    validateInput: (value) => (value.trim() === "" ? undefined : problemOfAddress(value)),
  });
  if (text === undefined || text.trim() === "" || problemOfAddress(text) !== undefined) return undefined;
  const [endpoint] = parseEndpoints([{ name: "new", url: text, model: "?" }]).endpoints;
  const destination = endpoint && readDestination(endpoint.url);
  if (endpoint === undefined || destination === undefined || "refused" in destination) return undefined;
  return { base: endpoint.url, origin: destination.origin, host: destination.host, hostClass: destination.hostClass };
}

function problemOfAddress(text: string): string | undefined {
  const { endpoints, problems } = parseEndpoints([{ name: "new", url: text, model: "?" }]);
  const destination = endpoints[0] && readDestination(endpoints[0].url);
  if (destination !== undefined && "refused" in destination) return destination.refused;
  return problems[0]?.replace(/^.*entry 1: /, "");
}

/** Endpoints of a class may be asked only once the person has switched that class on. */
async function allow(settings: Settings, hostClass: HostClass, host: string): Promise<boolean> {
  if (hostClass === "internet" ? settings.allowInternet : settings.allowYourNetwork) return true;
  const yes = { label: `$(check) Allow requests to ${HOST_CLASS_WORDS[hostClass]}`, detail: "Each request is still shown to you first. The setting can be taken back at any time." };
  const no = { label: "$(home) Keep everything local", detail: "The endpoint is not added." };
  const choice = await vscode.window.showQuickPick([yes, no], { title: `${host} is on ${HOST_CLASS_WORDS[hostClass]}`, placeHolder: "May endpoints there be asked?", ignoreFocusOut: true });
  if (choice !== yes) return false;
  await update(SWITCHES[hostClass], true);
  return true;
}

async function askName(settings: Settings, host: string): Promise<string | undefined> {
  const taken = parseEndpoints(settings.endpoints).endpoints.map(({ name }) => name.toLowerCase());
  const problem = (value: string): string | undefined => (value.trim() === "" ? "It needs a name." : taken.includes(value.trim().toLowerCase()) ? "This name is taken." : undefined);
  const name = await vscode.window.showInputBox({ title: "Add an Endpoint: its name", prompt: "What you call it", value: taken.includes(host) ? "" : host, ignoreFocusOut: true, validateInput: problem });
  return name === undefined || problem(name) !== undefined ? undefined : name.trim();
}

/** Lists the server's models where the person lets it be asked; a name that is typed always counts. */
async function askModel({ client }: EndpointParts, draft: Endpoint): Promise<string | undefined> {
  const ask = { label: "$(list-unordered) List the server's models", detail: "Asks the server; you are shown the request first." };
  const type = { label: "$(edit) Type the model's name" };
  const how = await vscode.window.showQuickPick([ask, type], { title: "Add an Endpoint: its model", ignoreFocusOut: true });
  if (how === undefined) return undefined;
  const models = how === ask ? await listModels(client, draft) : [];
  if (models.length > 0) return vscode.window.showQuickPick([...models], { title: "Add an Endpoint: its model", ignoreFocusOut: true });
  const name = await vscode.window.showInputBox({ title: "Add an Endpoint: its model", prompt: "The model's name as the server knows it", ignoreFocusOut: true });
  return name === undefined || name.trim() === "" ? undefined : name.trim();
}

async function listModels(client: EndpointClient, draft: Endpoint): Promise<readonly string[]> {
  const listed = await cancellableProgress(`Asking ${draft.name} for its models`, (signal) => {
    return client.models(draft, signal).catch(() => undefined);
  });
  if (listed?.outcome === "done") return listed.models;
  if (listed?.outcome === "failed") void vscode.window.showWarningMessage(`Ghostlight: ${listed.cause}`, "OK");
  if (listed?.outcome === "refused" && listed.by !== "person") void vscode.window.showWarningMessage(`Ghostlight: ${listed.because}`, "OK");
  return [];
}

async function askFim(): Promise<Endpoint["fim"] | undefined> {
  const items: (vscode.QuickPickItem & { fim: Endpoint["fim"] })[] = [
    { label: "It answers in the panel only", fim: "none" },
    { label: "It completes through /infill", description: "llama-server", fim: "infill" },
    { label: "It completes through /v1/completions with a suffix", description: "servers that offer it", fim: "completions" },
  ];
  return (await vscode.window.showQuickPick(items, { title: "Add an Endpoint: completions between a prefix and a suffix", ignoreFocusOut: true }))?.fim;
}

async function chooseEndpoint({ settings }: EndpointParts): Promise<void> {
  const { endpoints } = parseEndpoints(settings().endpoints);
  if (endpoints.length === 0) return void vscode.commands.executeCommand("ghostlight.addEndpoint");
  const now = chosenEndpoint(settings())?.name;
  const items = endpoints.map(({ name, url, model }) => ({ label: name, description: `${model}, ${url}`, picked: name === now }));
  const chosen = await vscode.window.showQuickPick(items, { title: "Which endpoint may be asked?", placeHolder: now === undefined ? "None is chosen" : `Now: ${now}` });
  if (chosen !== undefined) await update("chat.endpoint", chosen.label);
}

async function setKey({ settings, keys }: EndpointParts): Promise<void> {
  const items = parseEndpoints(settings().endpoints).endpoints.flatMap(({ name, url }) => {
    const destination = readDestination(url);
    return "refused" in destination ? [] : [{ label: name, description: destination.origin }];
  });
  if (items.length === 0) return void vscode.window.showInformationMessage("Ghostlight: no endpoint is set up yet.", "Add an Endpoint").then((choice) => choice === undefined ? undefined : vscode.commands.executeCommand("ghostlight.addEndpoint"));
  const chosen = items.length === 1 ? items[0] : await vscode.window.showQuickPick(items, { title: "Whose key?" });
  if (chosen === undefined) return;
  const key = await vscode.window.showInputBox({ title: `Key for ${chosen.description}`, prompt: "Kept in the editor's secret store, and sent to this address only. Leave it empty to remove the key that is there.", password: true, ignoreFocusOut: true });
  if (key === undefined) return;
  await (key === "" ? keys.delete(chosen.description) : keys.set(chosen.description, key));
  void vscode.window.showInformationMessage(`Ghostlight: the key for ${chosen.description} was ${key === "" ? "removed" : "stored"}.`, "OK");
}

async function toggleOfflineOnly({ offlineOnly }: Settings): Promise<void> {
  await update("network.offlineOnly", !offlineOnly);
  void vscode.window.showInformationMessage(offlineOnly ? "Ghostlight: offline-only is off. Requests that you agree to may leave again." : "Ghostlight: offline-only is on. Nothing is sent and nothing is downloaded.", "OK");
}

/** User settings only: no workspace has a say in where something goes. */
async function update(key: string, value: unknown): Promise<void> {
  await vscode.workspace.getConfiguration("ghostlight").update(key, value, vscode.ConfigurationTarget.Global);
}
