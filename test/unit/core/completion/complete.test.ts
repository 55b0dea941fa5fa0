import assert from "node:assert/strict";
import fc from "fast-check";
import { complete, DEBOUNCE_MS, freshMemory, type CompletionMemory, type CompletionPorts, type Engines } from "../../../../src/core/completion/complete";
import type { Outcome } from "../../../../src/core/completion/outcome";
import { abortError } from "../../../../src/core/util/abort";
import type { CompleteResult, CompletionLimits, CompletionPlan, PromptChunk } from "../../../../src/protocol/engine";
import { completeResultOf, generationOf, tokensOf } from "../../../support/engineResults";
import { snapshotAt } from "../../../support/snapshotNotation";

type Answer = (plan: CompletionPlan, limits: CompletionLimits, signal: AbortSignal) => Promise<CompleteResult>;

/** Ports that write down in which order they were asked. */
class FakePorts implements CompletionPorts {
  readonly asked: string[] = [];
  readonly plans: CompletionPlan[] = [];
  readonly limits: CompletionLimits[] = [];
  contextSize: number | undefined = 2_048;
  excluded: string | undefined;
  head: readonly PromptChunk[] = [];
  answer: Answer = async () => completeResultOf(generationOf(tokensOf(" 1", ";")));
  #now = 0;

  readonly clock = (): number => this.#now++;
  readonly wait = async (milliseconds: number, signal: AbortSignal): Promise<void> => {
    this.asked.push(`wait ${String(milliseconds)}`);
    if (signal.aborted) throw abortError();
  };
  readonly exclusions = { excludedBecause: async (): Promise<string | undefined> => { this.asked.push("exclusions"); return this.excluded; } };
  readonly heads = { head: (): readonly PromptChunk[] => { this.asked.push("head"); return this.head; } };
  readonly engine = {
    contextSize: (): number | undefined => this.contextSize,
    family: (): string => "qwen",
    complete: (plan: CompletionPlan, limits: CompletionLimits, _drafts: readonly string[], signal: AbortSignal): Promise<CompleteResult> => {
      this.asked.push("engine");
      this.plans.push(plan);
      this.limits.push(limits);
      return this.answer(plan, limits, signal);
    },
  };
}

interface Request {
  readonly ports?: FakePorts;
  readonly memory?: CompletionMemory;
  readonly explicit?: boolean;
  readonly threshold?: number;
  readonly engines?: Engines;
  readonly settle?: boolean;
  readonly signal?: AbortSignal;
}

function ask(notation: string, { ports = new FakePorts(), memory = freshMemory(), explicit = false, threshold = 0.5, engines = "both", settle = false, signal = new AbortController().signal }: Request = {}): Promise<Outcome> {
  return complete(snapshotAt(notation), { explicit, threshold, engines, settle }, memory, ports, signal);
}

describe("core/completion/complete", () => {
  it("asks in order: the exclusions, the wait, the head, the engine; and shows what was generated", async () => {
    const ports = new FakePorts();
    const outcome = await ask("const a =|", { ports });
    assert.deepEqual(ports.asked, ["exclusions", `wait ${String(DEBOUNCE_MS)}`, "head", "engine"]);
    assert.ok(outcome.outcome === "shown" && outcome.voice === "model" && outcome.text === " 1;");
    assert.deepEqual({ ...outcome.counts, totalMs: 0 }, { promptTokens: 100, evaluatedTokens: 2, draftTokens: 0, generatedTokens: 2, firstTokenMs: 5, totalMs: 0 });
  });

  it("an explicit request does not wait", async () => {
    const ports = new FakePorts();
    await ask("a|", { ports, explicit: true });
    assert.deepEqual(ports.asked, ["exclusions", "head", "engine"]);
  });

  it("a place that is not worth it asks nobody", async () => {
    const ports = new FakePorts();
    const outcome = await ask("con|st", { ports });
    assert.ok(outcome.outcome === "nothing" && outcome.reason === "middleOfWord");
    assert.deepEqual(ports.asked, []);
  });

  it("typing along what is shown asks nobody", async () => {
    const ports = new FakePorts();
    const memory = freshMemory();
    const first = await ask("const a =|", { ports, memory });
    ports.asked.length = 0;
    const second = await ask("const a = |", { ports, memory });
    assert.ok(first.outcome === "shown" && second.outcome === "shown");
    assert.deepEqual([second.held, second.text, second.confidence, second.counts.evaluatedTokens], [true, "1;", first.confidence, 0]);
    assert.deepEqual(ports.asked, []);
  });

  it("leaving what is shown asks the engine again", async () => {
    const ports = new FakePorts();
    const memory = freshMemory();
    await ask("const a =|", { ports, memory });
    await ask("const a =x|", { ports, memory });
    assert.equal(ports.plans.length, 2);
  });

  it("an excluded file reaches no prompt, also explicitly", async () => {
    for (const explicit of [false, true]) {
      const ports = new FakePorts();
      ports.excluded = "its name is that of a secret";
      const outcome = await ask("a|", { ports, explicit });
      assert.ok(outcome.outcome === "nothing" && outcome.reason === "excluded" && outcome.detail === ports.excluded);
      assert.equal(ports.plans.length, 0);
    }
  });

  it("no model ready: nothing", async () => {
    const ports = new FakePorts();
    ports.contextSize = undefined;
    const outcome = await ask("a|", { ports });
    assert.ok(outcome.outcome === "nothing" && outcome.reason === "notReady");
    assert.equal(ports.plans.length, 0);
  });

  it("what the engine is unsure of is not shown and not remembered", async () => {
    const ports = new FakePorts();
    const memory = freshMemory();
    ports.answer = async () => completeResultOf(generationOf(tokensOf(" x", 0.2), "unsure"));
    const outcome = await ask("a|", { ports, memory });
    assert.ok(outcome.outcome === "nothing" && outcome.reason === "unsure" && outcome.counts.evaluatedTokens === 2);
    assert.equal(memory.stage.shown, undefined);
  });

  it("the next key during the wait cancels before anybody is asked", async () => {
    const ports = new FakePorts();
    const outcome = await ask("a|", { ports, signal: AbortSignal.abort() });
    assert.equal(outcome.outcome, "cancelled");
    assert.deepEqual(ports.asked, ["exclusions"]);
  });

  it("a cancelled answer is not shown, but its counts stay", async () => {
    const ports = new FakePorts();
    ports.answer = async () => completeResultOf(generationOf(tokensOf(" 1"), "cancelled"));
    const outcome = await ask("a|", { ports });
    assert.ok(outcome.outcome === "cancelled" && outcome.counts.evaluatedTokens === 2);
  });

  it("an answer that comes after the signal is not shown", async () => {
    const ports = new FakePorts();
    const controller = new AbortController();
    const memory = freshMemory();
    ports.answer = async () => {
      controller.abort();
      return completeResultOf(generationOf(tokensOf(" 1")));
    };
    assert.equal((await ask("a|", { ports, memory, signal: controller.signal })).outcome, "cancelled");
    assert.equal(memory.stage.shown, undefined);
  });

  it("an engine that dies is an outcome with its cause", async () => {
    const ports = new FakePorts();
    ports.answer = async () => { throw new Error("the engine process ended (SIGKILL)"); };
    const outcome = await ask("a|", { ports });
    assert.ok(outcome.outcome === "failed" && outcome.cause === "the engine process ended (SIGKILL)");
  });

  it("the head is looked at only with a new anchor, never while typing on a line", async () => {
    const ports = new FakePorts();
    const memory = freshMemory();
    ports.answer = async () => completeResultOf(generationOf([], "unsure"));
    ports.head = [{ path: "b.ts", text: "b" }];
    for (const notation of ["x\na|", "x\nab|", "x\nabc|"]) {
      await ask(notation, { ports, memory });
      ports.head = [{ path: "c.ts", text: "c" }];
    }
    assert.equal(ports.asked.filter((name) => name === "head").length, 1);
    assert.deepEqual(ports.plans.map((plan) => plan.head[0]?.path), ["b.ts", "b.ts", "b.ts"]);
    await ask("y\nabc|", { ports, memory });
    assert.equal(ports.plans.at(-1)?.head[0]?.path, "c.ts");
  });

  it("limits: one line outside blocks, several where one starts, never more than a quarter of the context", async () => {
    const ports = new FakePorts();
    await ask("a = |", { ports });
    await ask("if (a) {|", { ports });
    ports.contextSize = 128;
    await ask("if (b) {|", { ports, threshold: 0 });
    assert.deepEqual(ports.limits.map(({ maxLines, threshold }) => [maxLines > 1, threshold]), [[false, 0.5], [true, 0.5], [true, 0]]);
    assert.ok((ports.limits[1]?.maxTokens ?? 0) > (ports.limits[0]?.maxTokens ?? 0));
    assert.equal(ports.limits[2]?.maxTokens, 32);
  });

  it("property: whatever the ports do, it never rejects", async () => {
    const behaviour = fc.constantFrom("fine", "throws", "throwsText", "aborts");
    await fc.assert(fc.asyncProperty(behaviour, behaviour, behaviour, behaviour, fc.boolean(), async (wait, exclusions, head, engine, explicit) => {
      const ports = new FakePorts();
      const act = (kind: string): void => {
        if (kind === "throws") throw new Error("broken");
        const words: unknown = "broken";
        if (kind === "throwsText") throw words;
        if (kind === "aborts") throw abortError();
      };
      const rude: CompletionPorts = {
        clock: ports.clock,
        wait: async () => { act(wait); },
        exclusions: { excludedBecause: async () => { act(exclusions); return undefined; } },
        heads: { head: () => { act(head); return []; } },
        engine: { contextSize: () => 512, family: () => "qwen", complete: async () => { act(engine); return completeResultOf(generationOf(tokensOf(" 1"))); } },
      };
      const outcome = await complete(snapshotAt("a|"), { explicit, threshold: 0.5, engines: "both" }, freshMemory(), rude, new AbortController().signal);
      const kinds = [exclusions, explicit ? "fine" : wait, head, engine];
      const first = kinds.find((kind) => kind !== "fine");
      assert.equal(outcome.outcome, first === undefined ? "shown" : first === "aborts" ? "cancelled" : "failed");
    }));
  });
});
