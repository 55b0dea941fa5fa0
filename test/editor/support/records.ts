import { readdir, readFile, stat } from "node:fs/promises";
import path from "node:path";
import type { Session } from "./session";
import { patience } from "./workbench";

/** The lines of the extension's log so far, over all windows of the session, the oldest first. */
export async function logLines({ server }: Session): Promise<string[]> {
  const files = await filesBelow(path.join(server.userFolder, "logs"), /[\\/]ghostlight\.ghostlight[\\/].*\.log$/);
  const dated = await Promise.all(files.map(async (file) => ({ file, began: (await stat(file)).birthtimeMs })));
  dated.sort((left, right) => left.began - right.began);
  const texts = await Promise.all(dated.map(({ file }) => readFile(file, "utf8")));
  return texts.join("").split("\n").filter((line) => line !== "");
}

/** Waits for a line of the log that matches, `after` so many lines, and returns it. */
export async function untilLogged(session: Session, words: RegExp, after = 0): Promise<string> {
  const found = async (): Promise<string | undefined> => (await logLines(session)).slice(after).find((line) => words.test(line));
  return until(found, async () => `no line ${String(words)} came into the log:\n${(await logLines(session)).slice(after).join("\n")}`);
}

/** Paths of the stored index of recall, which is one at most. */
export async function storedIndexes({ server }: Session): Promise<string[]> {
  return filesBelow(path.join(server.userFolder, "User", "workspaceStorage"), /[\\/]recall\.index$/);
}

/** Waits for what nothing tells us from outside: asks again until there is a value. */
export async function until<T>(look: () => Promise<T | undefined>, otherwise: () => Promise<string>): Promise<T> {
  const deadline = Date.now() + patience;
  for (;;) {
    const value = await look();
    if (value !== undefined) return value;
    if (Date.now() > deadline) throw new Error(await otherwise());
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function filesBelow(folder: string, pattern: RegExp): Promise<string[]> {
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  return names.map((name) => path.join(folder, name)).filter((file) => pattern.test(file));
}
