import { mkdir } from "node:fs/promises";
import path from "node:path";
import type { Page } from "playwright-core";
import { openWindow, startBrowser, type EditorWindow } from "../../../scripts/editorHost/browser";
import { installServedEditor } from "../../../scripts/editorHost/install";
import { startEditorServer, type EditorServer } from "../../../scripts/editorHost/server";
import type { Settings } from "../../../scripts/editorHost/settings";
import { cacheFolder, projectRoot } from "../../../scripts/project";
import { copySampleProject } from "../../../scripts/sampleProject";
import { vsixPath } from "../../../scripts/vsix";

export interface SessionOptions {
  /** Names the folder of the run; one session of a name at a time. */
  readonly name: string;
  readonly settings?: Settings;
  readonly workspaceTrust?: boolean;
  /** Command line put before the server's, such as a tracer. */
  readonly wrapper?: readonly string[];
  /** Further extensions to install beside ours. */
  readonly vsixes?: readonly string[];
  /** Opens an empty window instead of the sample project. */
  readonly withoutFolder?: boolean;
  /** Changes the installed extensions before a window is opened; the session then has an installation of its own. */
  readonly prepareExtensions?: (folder: string) => Promise<void>;
  /** Changes the copy of the sample project before it is opened. */
  readonly prepareWorkspace?: (workspace: string) => Promise<void>;
}

/** A window on a copy of the sample project, in a VS Code with the VSIX installed. */
export interface Session {
  readonly page: Page;
  readonly window: EditorWindow;
  readonly server: EditorServer;
  readonly workspace: string;
  /** Closes the window, the browser and the server with all its processes. */
  stop(): Promise<void>;
}

/** Starts a VS Code with the VSIX installed and opens a window on a fresh copy of the sample project. */
export async function startSession(options: SessionOptions): Promise<Session> {
  const parent = path.join(cacheFolder, "run", "workspaces", options.name);
  const workspace = await copySampleProject(parent);
  await options.prepareWorkspace?.(workspace);
  const server = await startEditorServer({
    editor: await installServedEditor(),
    folder: path.join(cacheFolder, "run", options.name),
    vsixes: [vsixPath(), ...(options.vsixes ?? [])],
    shareInstallation: options.prepareExtensions === undefined,
    settings: options.settings,
    workspaceTrust: options.workspaceTrust,
    wrapper: options.wrapper,
  });
  try {
    await options.prepareExtensions?.(server.extensionsFolder);
    const browser = await startBrowser();
    const window = await openWindow(browser, { origin: server.origin, workspace: options.withoutFolder ? undefined : workspace });
    const stop = async (): Promise<void> => {
      await browser.close();
      await server.stop();
    };
    return { page: window.page, window, server, workspace, stop };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

/** Keeps a picture of the window under test/artifacts. */
export async function takePicture(page: Page, name: string): Promise<void> {
  const folder = path.join(projectRoot, "test", "artifacts");
  await mkdir(folder, { recursive: true });
  await page.screenshot({ path: path.join(folder, `${name}.png`) });
}

/** Keeps a picture of the window whenever a test of the surrounding suite fails. */
export function pictureFailures(session: () => Session | undefined): void {
  afterEach(async function () {
    const current = session();
    if (this.currentTest?.state === "failed" && current) await takePicture(current.page, `failed-${this.currentTest.title.replaceAll(/\W+/g, "-")}`);
  });
}
