import { spawn, type ChildProcess } from "node:child_process";
import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { get } from "node:http";
import { createServer } from "node:net";
import path from "node:path";
import { once } from "node:events";
import { PlainError, runCommand } from "../project";
import type { ServedEditor } from "./install";
import { writeUserSettings, type Settings } from "./settings";

export interface EditorServerOptions {
  readonly editor: ServedEditor;
  /** Everything of this run goes here; emptied first. */
  readonly folder: string;
  /** Installed before the server starts. */
  readonly vsixes?: readonly string[];
  /** Shares one installation of the same VSIX files among the servers of this process, beside `folder`: installing takes seconds. */
  readonly shareInstallation?: boolean;
  readonly settings?: Settings | undefined;
  /** Workspace trust as people have it: folders open restricted until trusted. Off by default. */
  readonly workspaceTrust?: boolean | undefined;
  /** Lets a page run an extension's test suite; see extensionTests.ts. */
  readonly testDriver?: boolean;
  /** Put before the server's command line, for example a tracer with its options. */
  readonly wrapper?: readonly string[] | undefined;
  readonly env?: NodeJS.ProcessEnv;
}

/** A running VS Code server. */
export interface EditorServer {
  readonly origin: string;
  readonly port: number;
  /** The server's process, or its wrapper's; leader of a process group of its own. */
  readonly processId: number;
  readonly userFolder: string;
  /** Where the extensions are installed. */
  readonly extensionsFolder: string;
  readonly logFile: string;
  /** Ends the server and every process it started. Safe to call twice. */
  stop(): Promise<void>;
}

/** Starts a VS Code server on a free port of this machine's own address; throws when it is not ready within a minute. */
export async function startEditorServer(options: EditorServerOptions): Promise<EditorServer> {
  const layout = await prepareFolder(options);
  await installExtensions(options, layout);
  const port = await freePort();
  const [command = "", ...args] = [...(options.wrapper ?? []), ...serverCommand(options, layout, port)];
  const child = spawn(command, args, { cwd: options.folder, env: serverEnvironment(options, layout), detached: true, stdio: ["ignore", "pipe", "pipe"] });
  const log = createWriteStream(layout.log);
  child.stdout.pipe(log, { end: false });
  child.stderr.pipe(log, { end: false });
  const origin = `http://127.0.0.1:${port}`;
  const stop = stopOnce(child);
  await untilHealthy(`${origin}/healthz`, child).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  return { origin, port, processId: child.pid ?? 0, userFolder: layout.user, extensionsFolder: layout.extensions, logFile: layout.log, stop };
}

interface Layout {
  readonly user: string;
  readonly extensions: string;
  readonly data: string;
  readonly temporary: string;
  readonly config: string;
  readonly log: string;
}

async function prepareFolder(options: EditorServerOptions): Promise<Layout> {
  const inside = (name: string): string => path.join(options.folder, name);
  const layout = { user: inside("user"), extensions: options.shareInstallation ? sharedExtensions(options) : inside("extensions"), data: inside("data"), temporary: inside("tmp"), config: inside("config.yaml"), log: inside("server.log") };
  await rm(options.folder, { recursive: true, force: true });
  for (const folder of [layout.user, layout.data, layout.temporary]) await mkdir(folder, { recursive: true });
  // Without a file of its own the server would read, or write, the one in the person's home.
  await writeFile(layout.config, "");
  await writeUserSettings(layout.user, { ...options.settings, ...(options.workspaceTrust ? { "security.workspace.trust.enabled": true, "security.workspace.trust.startupPrompt": "never" } : {}) });
  return layout;
}

function serverCommand(options: EditorServerOptions, layout: Layout, port: number): string[] {
  return [
    ...baseCommand(options.editor, layout),
    "--bind-addr", `127.0.0.1:${port}`,
    "--auth", "none",
    "--disable-telemetry", "--disable-update-check", "--disable-getting-started-override", "--ignore-last-opened",
    ...(options.workspaceTrust ? [] : ["--disable-workspace-trust"]),
    ...(options.testDriver && options.editor.wantsTestDriver ? ["--vscode-option", "enable-smoke-test-driver"] : []),
  ];
}

function baseCommand(editor: ServedEditor, layout: Layout): string[] {
  return [editor.node, editor.entry, "--config", layout.config, "--user-data-dir", layout.user, "--extensions-dir", layout.extensions];
}

function serverEnvironment(options: EditorServerOptions, layout: Layout): NodeJS.ProcessEnv {
  // What npm and the outer Node leave in the environment would change how the inner one runs.
  const inherited = Object.entries(process.env).filter(([name]) => !/^(npm_|NODE_|VSCODE_|ELECTRON_|MOCHA_|PASSWORD)/.test(name));
  // No extension gallery: the workbench would ask it what the opened project might like.
  const quiet = { XDG_DATA_HOME: layout.data, TMPDIR: layout.temporary, EXTENSIONS_GALLERY: '{"serviceUrl":""}' };
  return { ...Object.fromEntries(inherited), ...quiet, ...options.env };
}

/** Installations of this process by their folder. */
const installations = new Map<string, Promise<void>>();

function sharedExtensions({ folder, vsixes = [] }: EditorServerOptions): string {
  return path.join(path.dirname(folder), `extensions-${createHash("sha256").update(vsixes.join("\n")).digest("hex").slice(0, 8)}`);
}

async function installExtensions(options: EditorServerOptions, layout: Layout): Promise<void> {
  if (!options.shareInstallation) return installInto(options, layout);
  const installation = installations.get(layout.extensions) ?? rm(layout.extensions, { recursive: true, force: true }).then(() => installInto(options, layout));
  installations.set(layout.extensions, installation);
  await installation;
}

async function installInto(options: EditorServerOptions, layout: Layout): Promise<void> {
  await mkdir(layout.extensions, { recursive: true });
  for (const vsix of options.vsixes ?? []) {
    const [node = "", ...args] = [...baseCommand(options.editor, layout), "--install-extension", vsix];
    await runCommand(node, args, { cwd: options.folder, env: serverEnvironment(options, layout), quiet: true });
  }
}

async function freePort(): Promise<number> {
  const probe = createServer();
  probe.listen(0, "127.0.0.1");
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  await once(probe, "close");
  if (address === null || typeof address === "string") throw new Error("No free port was given.");
  return address.port;
}

async function untilHealthy(url: string, child: ChildProcess): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (Date.now() < deadline) {
    if (child.exitCode !== null || child.signalCode !== null) throw new PlainError(`The VS Code server ended at once (code ${child.exitCode ?? child.signalCode}).`);
    if (await answers(url)) return;
    // There is no event for "listens now" from outside: ask again shortly.
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new PlainError("The VS Code server was not ready within a minute.");
}

function answers(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get(url, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.once("error", () => resolve(false));
  });
}

function stopOnce(child: ChildProcess): () => Promise<void> {
  let stopping: Promise<void> | null = null;
  return () => (stopping ??= stopGroup(child));
}

/** Asks the whole process group to end, and ends it by force when that takes more than five seconds. */
async function stopGroup(child: ChildProcess): Promise<void> {
  if (child.pid === undefined) return;
  const group = -child.pid;
  const ended = child.exitCode !== null || child.signalCode !== null ? Promise.resolve() : once(child, "exit").then(() => undefined);
  signal(group, "SIGTERM");
  const force = setTimeout(() => signal(group, "SIGKILL"), 5_000);
  await ended;
  clearTimeout(force);
  // The leader is gone; what it left behind in the group goes too.
  signal(group, "SIGKILL");
}

function signal(group: number, name: NodeJS.Signals): void {
  try {
    process.kill(group, name);
  } catch {
    // The group has ended already.
  }
}
