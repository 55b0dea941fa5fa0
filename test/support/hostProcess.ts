import { createInterface } from "node:readline";
import { ModelFolder } from "./engineModels";
import { RealEngine } from "./realEngine";

/**
 * A host to be killed: starts an engine, loads a model of the given file, says the engine's process id, and keeps the
 * engine busy until it is ended.
 */
async function main(): Promise<void> {
  const engine = new RealEngine();
  const [file] = process.argv.slice(2);
  await engine.load(file ?? new ModelFolder().model());
  createInterface(process.stdin).on("line", () => process.kill(process.pid, "SIGKILL"));
  process.stdout.write(`${String(engine.processId)}\n`);
  for (;;) await engine.complete({ prefix: "const value = index;\n".repeat(170) }, { fresh: true });
}

void main();
