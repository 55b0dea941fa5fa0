/** `npm start`: builds, packages and opens a real VS Code with the VSIX installed, on a copy of the sample project. */
import path from "node:path";
import { findDesktopEditor, openDesktopEditor } from "./desktopEditor";
import { installServedEditor } from "./editorHost/install";
import { startEditorServer } from "./editorHost/server";
import { cacheFolder, runMain } from "./project";
import { copySampleProject } from "./sampleProject";
import { buildAndPackage } from "./vsix";

const hints = `
Things to try in the sample project:
  - open src/totals.ts, go to the empty line in countByUnit and type:   for (let i = 0;
    Ghost text shows the rest; Tab accepts it.
  - open the Ghostlight panel (the lamp on the left) and ask:   Where is an item taken from the shelf?
    Click a place in the answer and it opens.
`;

async function main(): Promise<void> {
  console.log("1/3 Building and packaging the extension ...");
  const vsix = await buildAndPackage();
  console.log("2/3 Looking for a VS Code ...");
  const desktop = await findDesktopEditor();
  const workspace = await copySampleProject(path.join(cacheFolder, "start"));
  if (desktop) {
    console.log(`3/3 Opening ${desktop}. This ends when its window is closed.\n${hints}`);
    return openDesktopEditor(desktop, vsix, workspace);
  }
  await serve(vsix, workspace);
}

async function serve(vsix: string, workspace: string): Promise<void> {
  console.log("No desktop VS Code can be opened here, so a VS Code is served to your browser.");
  const editor = await installServedEditor();
  console.log(`3/3 Starting VS Code ${editor.version} ...`);
  const server = await startEditorServer({ editor, vsixes: [vsix], folder: path.join(cacheFolder, "run", "start") });
  console.log(`\nOpen this address in a browser on this machine:\n\n  ${server.origin}/?folder=${encodeURI(workspace)}\n${hints}\nCtrl-C ends it.`);
  await new Promise<void>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => resolve());
  });
  await server.stop();
  console.log("\nEnded.");
}

runMain(main);
