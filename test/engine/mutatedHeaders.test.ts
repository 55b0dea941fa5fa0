import assert from "node:assert/strict";
import { randomNumbers } from "../../models/starter/train/random";
import { silentLog } from "../../src/core/util/log";
import { EngineMethod, type CompleteParams, type LoadResult } from "../../src/protocol/engine";
import { describeExit, EngineGoneError, EngineProcess, withLimit } from "../../src/services/engine/engineProcess";
import { ownRuntime } from "../../src/services/engine/runtimes";
import { leavesNoEngine } from "../support/childProcesses";
import { ModelFolder } from "../support/engineModels";
import { mutatedModel } from "../support/mutatedModels";
import { PLAN, SHORT } from "../support/realEngine";
import { ENGINE_ENTRY } from "../support/supervisors";

const FULL = process.env["GHOSTLIGHT_FULL"] === "1";
const COUNT = FULL ? 500 : 50;
const SEEDS = FULL ? [11, 12, 13, 14, 15, 16] : [11];
const LIMIT = "no end within the limit";
/** What the strict reader or the library may say of a file; everything else is no classification. */
const CODES = ["missing", "unreadable", "notGguf", "truncated", "damaged", "unsupportedArchitecture", "unknownFamily", "noVocabulary", "insufficientMemory", "libraryRefused"];

/** Damaged files through the real engine process: whatever becomes of it, this process lives and knows what became of it. */
describe(`engine: ${String(COUNT)} mutated headers`, function () {
  this.timeout(600_000);
  const models = new ModelFolder();
  const running: { engine?: EngineProcess } = {};
  after(() => { running.engine?.kill(); models.dispose(); });
  leavesNoEngine();

  const engine = async (): Promise<EngineProcess> => (running.engine ??= await EngineProcess.start({ runtime: { ...ownRuntime(), kind: "node" }, entry: ENGINE_ENTRY, threads: 1, log: silentLog }));

  async function outcomeOf(path: string): Promise<string> {
    const process = await engine();
    try {
      const load = { role: "completion", path, contextSize: 256, threads: 1 } as const;
      const result = await withLimit(process.request<LoadResult>(EngineMethod.load, load), 30_000, LIMIT);
      if (result.outcome === "failed") return result.code;
      if (result.outcome === "cancelled") return result.outcome;
      const request: CompleteParams = { plan: PLAN, limits: SHORT, drafts: [], fresh: true };
      await withLimit(process.request(EngineMethod.complete, request), 30_000, LIMIT);
      return "answered";
    } catch (error) {
      if (error instanceof EngineGoneError) {
        delete running.engine;
        return `ended: ${describeExit(error.exit)}`;
      }
      if (error instanceof Error && error.message === LIMIT) {
        process.kill();
        await process.exited;
        delete running.engine;
        return `ended: ${LIMIT}`;
      }
      return "requestFailed";
    }
  }

  for (const seed of SEEDS) it(`every one is refused, answered, or ends the engine alone; all are classified (seed ${String(seed)})`, async () => {
    const random = randomNumbers(seed);
    const counts = new Map<string, number>();
    const ends: string[] = [];
    for (let run = 0; run < COUNT; run++) {
      const { what, bytes } = mutatedModel(random);
      const outcome = await outcomeOf(models.file("mutated.gguf", bytes));
      counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
      if (outcome.startsWith("ended")) ends.push(`${outcome} (${what})`);
    }
    const words = [...counts].map(([outcome, count]) => `${outcome} ${String(count)}`).join(", ");
    console.log(`      ${words}${ends.map((end) => `\n      ${end}`).join("")}`);
    for (const outcome of counts.keys()) assert.ok(CODES.includes(outcome) || ["answered", "requestFailed"].includes(outcome) || outcome.startsWith("ended: "), outcome);
    assert.ok((counts.get("answered") ?? 0) + (counts.get("libraryRefused") ?? 0) >= COUNT / 10, `too few pass the reader: ${words}`);
    assert.ok(ends.length <= COUNT / 100, `the reader lets too many through that end the process: ${words}`);
    assert.equal(await outcomeOf(models.model()), "answered");
  });
});
