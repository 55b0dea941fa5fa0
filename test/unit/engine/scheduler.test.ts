import assert from "node:assert/strict";
import fc from "fast-check";
import { Scheduler, type Priority, type Turn } from "../../../src/engine/scheduler";
import { isAbortError } from "../../../src/core/util/abort";

const never = (): AbortSignal => new AbortController().signal;

/** A promise and its key. */
function gate(): { opened: Promise<void>; open: () => void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => { open = resolve; });
  return { opened, open };
}

/** Lets everything that can go on go on. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("engine/scheduler", () => {
  it("one at a time, in order of arrival", async () => {
    const scheduler = new Scheduler();
    const log: string[] = [];
    const work = (name: string) => async (): Promise<void> => {
      log.push(`${name} begins`);
      await settled();
      log.push(`${name} ends`);
    };
    await Promise.all(["a", "b", "c"].map((name) => scheduler.run("chat", work(name), never())));
    assert.deepEqual(log, ["a begins", "a ends", "b begins", "b ends", "c begins", "c ends"]);
  });

  it("who waits with a higher priority goes first", async () => {
    const scheduler = new Scheduler();
    const order: string[] = [];
    const { opened, open } = gate();
    const first = scheduler.run("chat", () => opened, never());
    const others = (["indexing", "warming", "chat", "completion"] as const).map((priority) => scheduler.run(priority, async () => { order.push(priority); }, never()));
    open();
    await Promise.all([first, ...others]);
    assert.deepEqual(order, ["completion", "chat", "warming", "indexing"]);
  });

  it("running work lets a higher priority in between its steps, and goes on after it", async () => {
    const scheduler = new Scheduler();
    const log: string[] = [];
    let completion: Promise<void> | undefined;
    await scheduler.run("chat", async (turn) => {
      log.push("chat 1");
      completion = scheduler.run("completion", async (inner) => {
        log.push("completion 1");
        await inner.next();
        log.push("completion 2");
      }, never());
      await turn.next();
      log.push("chat 2");
    }, never());
    await completion;
    assert.deepEqual(log, ["chat 1", "completion 1", "completion 2", "chat 2"]);
  });

  it("it does not give way to its own priority or a lower one", async () => {
    const scheduler = new Scheduler();
    const log: string[] = [];
    let others: Promise<unknown> | undefined;
    await scheduler.run("chat", async (turn) => {
      others = Promise.all((["chat", "warming"] as const).map((priority) => scheduler.run(priority, async () => { log.push(priority); }, never())));
      await turn.next();
      log.push("first");
    }, never());
    await others;
    assert.deepEqual(log, ["first", "chat", "warming"]);
  });

  it("aborted while it waits: rejects at once, never runs, and loses nobody's turn", async () => {
    const scheduler = new Scheduler();
    const { opened, open } = gate();
    const controller = new AbortController();
    const first = scheduler.run("chat", () => opened, never());
    const aborted = scheduler.run("chat", async () => assert.fail("it ran"), controller.signal);
    const last = scheduler.run("chat", async () => "done", never());
    controller.abort();
    await assert.rejects(aborted, isAbortError);
    open();
    await first;
    assert.equal(await last, "done");
  });

  it("aborted before it came: rejects", async () => {
    await assert.rejects(new Scheduler().run("chat", async () => assert.fail("it ran"), AbortSignal.abort()), isAbortError);
  });

  it("aborted at work: the next step rejects", async () => {
    const scheduler = new Scheduler();
    const controller = new AbortController();
    const steps: number[] = [];
    const work = scheduler.run("chat", async (turn) => {
      for (let step = 0; step < 5; step++) {
        await turn.next();
        steps.push(step);
        if (step === 1) controller.abort();
      }
    }, controller.signal);
    await assert.rejects(work, isAbortError);
    assert.deepEqual(steps, [0, 1]);
    assert.equal(await scheduler.run("chat", async () => "next", never()), "next");
  });

  it("aborted after its turn was over: nothing happens", async () => {
    const scheduler = new Scheduler();
    const controller = new AbortController();
    const { opened, open } = gate();
    const first = scheduler.run("chat", () => opened, never());
    const second = scheduler.run("chat", async () => { controller.abort(); return "ran"; }, controller.signal);
    const third = scheduler.run("chat", async () => "third", never());
    open();
    await first;
    assert.deepEqual(await Promise.all([second, third]), ["ran", "third"]);
  });

  it("work that throws gives its turn back", async () => {
    const scheduler = new Scheduler();
    await assert.rejects(scheduler.run("chat", async () => { throw new Error("broken"); }, never()), /broken/);
    assert.equal(await scheduler.run("chat", async () => "next", never()), "next");
  });

  it("property: whoever comes, fails, or gives up, one works at a time and no turn is lost", async () => {
    const job = fc.record({
      priority: fc.constantFrom<Priority>("completion", "chat", "warming", "indexing"),
      steps: fc.nat(4), startAt: fc.nat(6), abortAt: fc.option(fc.nat(8)), fails: fc.boolean(),
    });
    await fc.assert(fc.asyncProperty(fc.array(job, { maxLength: 10 }), async (jobs) => {
      const scheduler = new Scheduler();
      const atWork = new Set<number>();
      const ends = jobs.map(({ priority, steps, startAt, abortAt, fails }, index) => {
        const controller = new AbortController();
        const started = ticks(startAt).then(() => scheduler.run(priority, (turn) => works(turn, index, steps, fails, atWork), controller.signal));
        if (abortAt !== null) void ticks(abortAt).then(() => { controller.abort(); });
        return started.then(() => "done", (error: unknown) => (isAbortError(error) ? "aborted" : "failed"));
      });
      for (const [index, end] of (await Promise.all(ends)).entries()) {
        assert.ok(end !== "aborted" || jobs[index]?.abortAt !== null);
        assert.ok(end !== "failed" || jobs[index]?.fails);
      }
      assert.equal(await scheduler.run("indexing", async () => "free", never()), "free");
    }), { numRuns: 300 });
  });
});

/** Works some steps; while it holds its turn nobody else may. */
async function works(turn: Turn, index: number, steps: number, fails: boolean, atWork: Set<number>): Promise<void> {
  for (let step = 0; step < steps; step++) {
    atWork.add(index);
    assert.equal(atWork.size, 1, "two at work");
    await ticks(1);
    atWork.delete(index);
    await turn.next();
  }
  if (fails) throw new Error("broken");
}

async function ticks(count: number): Promise<void> {
  for (let tick = 0; tick < count; tick++) await Promise.resolve();
}
