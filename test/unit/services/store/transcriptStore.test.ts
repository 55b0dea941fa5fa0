import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { appendFile, chmod, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TranscriptEvent } from "../../../../src/core/chat/transcript";
import { TranscriptStore } from "../../../../src/services/store/transcriptStore";
import { KILLED_ITSELF } from "../../../support/killed";
import { whereThereAre } from "../../../support/systemParts";

const asked = (turn: string, question = "?"): TranscriptEvent => ({ event: "asked", turn, time: 1, question });

describe("services/store: transcript", () => {
  let folder: string;
  let journal: string;
  const stores: TranscriptStore[] = [];
  const store = (readLimit?: number): TranscriptStore => {
    const made = new TranscriptStore(join(folder, "chat"), readLimit === undefined ? {} : { readLimit });
    stores.push(made);
    return made;
  };
  const turns = async (from: TranscriptStore): Promise<string> => (await from.load()).events.map(({ turn }) => turn).join(" ");

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "ghostlight-store-"));
    journal = join(folder, "chat", "transcript.jsonl");
  });
  afterEach(async () => {
    await Promise.all(stores.splice(0).map((open) => open.close()));
    await rm(folder, { recursive: true, force: true });
  });

  it("starts empty and makes nothing until something is said", async () => {
    assert.deepEqual(await store().load(), { events: [], partial: false });
    assert.deepEqual(await readdir(folder), []);
  });

  it("keeps lines in the order given, also when they are not waited for", async () => {
    const first = store();
    await Promise.all(["a", "b", "c", "d"].map((turn) => first.append(asked(turn))));
    assert.equal(await turns(store()), "a b c d");
  });

  it("has the line on disk when append resolves", async () => {
    await store().append(asked("a", "line\u2028separator\nand break"));
    const text = await readFile(journal, "utf8");
    assert.equal(text.split("\n").length, 2);
    assert.equal((JSON.parse(text) as { question: string }).question, "line\u2028separator\nand break");
  });

  whereThereAre("file modes", () => {
    it("is readable by its owner only", async () => {
      await store().append(asked("a"));
      assert.equal((await stat(journal)).mode & 0o077, 0);
    });
  });

  it("after a cut last line, the next question still stands alone", async () => {
    const before = store();
    await before.append(asked("a"));
    await before.append(asked("b"));
    await before.close();
    await truncate(journal, (await stat(journal)).size - 5);
    const after = store();
    assert.equal(await turns(after), "a");
    await after.append(asked("c"));
    assert.equal(await turns(store()), "a c");
  });

  it("survives NUL bytes that a power cut left", async () => {
    await store().append(asked("a"));
    await appendFile(journal, Buffer.alloc(4096));
    const after = store();
    await after.append(asked("b"));
    assert.equal(await turns(store()), "a b");
  });

  it("reads a long journal from its end", async () => {
    const long = store();
    for (let index = 0; index < 50; index++) await long.append(asked(`t${index}`, "ü".repeat(100)));
    const { events, partial } = await store(1000).load();
    assert.equal(partial, true);
    assert.equal(events.at(-1)?.turn, "t49");
    assert.ok(events.length >= 2 && events.length < 10);
  });

  it("clear empties, restore puts back before what came since", async () => {
    const open = store();
    await open.append(asked("a"));
    await open.clear();
    assert.equal(await readFile(journal, "utf8").catch(() => "gone"), "gone");
    await open.append(asked("b"));
    await open.restoreCleared();
    assert.equal(await turns(open), "a b");
  });

  it("clear, then forget: nothing of it is left in the folder", async () => {
    const open = store();
    await open.append(asked("a"));
    await open.clear();
    await open.forgetCleared();
    assert.deepEqual(await readdir(join(folder, "chat")), []);
    await open.restoreCleared();
    assert.equal(await turns(open), "");
  });

  it("what was cleared in an earlier session is deleted at the next start", async () => {
    const earlier = store();
    await earlier.append(asked("a"));
    await earlier.clear();
    await earlier.close();
    await store().load();
    assert.deepEqual(await readdir(join(folder, "chat")), []);
  });

  it("clearing an empty conversation is no error", () => store().clear());

  it("says that it could not write, and goes on when it can again", async function () {
    await writeFile(join(folder, "chat"), "a file where the folder should be");
    const open = store();
    await assert.rejects(open.append(asked("a")));
    await rm(join(folder, "chat"));
    await open.append(asked("b"));
    assert.equal(await turns(open), "b");
    await chmod(join(folder, "chat"), 0o700);
  });

  it("loses no question when the process is killed in mid-stream", () => {
    const script = `
      const { TranscriptStore } = require(${JSON.stringify(join(__dirname, "../../../../src/services/store/transcriptStore.ts"))});
      const open = new TranscriptStore(${JSON.stringify(join(folder, "chat"))});
      open.append({ event: "asked", turn: "a", time: 1, question: "kept?" }).then(() => {
        void open.append({ event: "answered", turn: "a", time: 2, text: "x".repeat(1e6), context: { kind: "index", sources: [], leftOut: [] } });
        process.kill(process.pid, "SIGKILL");
      });`;
    assert.throws(() => execFileSync(process.execPath, ["--import", "tsx", "--eval", script], { stdio: "ignore" }), KILLED_ITSELF);
    return store().load().then(({ events }) => assert.equal(events[0]?.turn, "a"));
  });
});
