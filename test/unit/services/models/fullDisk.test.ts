import assert from "node:assert/strict";
import { existsSync, rmSync } from "node:fs";
import path from "node:path";
import { createRandom, randomBelow } from "../../../../src/core/evaluation/random";
import { workFolder } from "../../../../src/services/models/modelDownload";
import { downloads, sourceAt, testChunk, type Downloads } from "../../../support/downloads";
import { modelBytes, modelServer, sha256Of, type ModelServer } from "../../../support/modelServer";
import { countedDisk, mountedDisk, type SmallDisk } from "../../../support/smallDisk";

const rounds = process.env["GHOSTLIGHT_FULL"] === "1" ? 100 : 8;
const bytes = modelBytes(600_000);
const sha256 = sha256Of(bytes);

describe("a disk that runs full", () => {
  let server: ModelServer;
  before(async () => { server = await modelServer(bytes); });
  after(() => server.close());

  async function meet(small: SmallDisk, room: number): Promise<number> {
    const made: Downloads = downloads({ folder: small.folder, parts: { disk: small.disk } });
    try {
      const source = sourceAt(`${server.url}/m.gguf`, sha256, bytes.length);
      const outcome = await made.get(source);
      assert.ok(outcome.outcome === "failed" && outcome.trouble === "diskFull", JSON.stringify(outcome));
      assert.match(outcome.because, /ran full.*is kept.*make room, then resume/);
      assert.equal(made.final(source), undefined);
      small.grow(bytes.length * 3);
      const asked = server.requests.length;
      assert.equal((await made.get(source)).outcome, "done");
      assert.ok(made.final(source)?.equals(bytes));
      assert.deepEqual(made.unfinished(source), []);
      return room - (server.requests[asked]?.offset ?? 0);
    } finally {
      made.remove();
      small.remove();
    }
  }

  it(`of this system, or through an opener that stops, leaves no wrong file and keeps what came (${String(rounds * 2)} times)`, async function () {
    this.timeout(300_000);
    const random = createRandom("full");
    let real = 0;
    let most = 0;
    for (let round = 0; round < rounds; round++) {
      const room = 4_096 * (10 + randomBelow(random, 120));
      const mounted = mountedDisk(room);
      if (mounted) {
        real += 1;
        await meet(mounted, room);
      }
      const stops = 1 + randomBelow(random, bytes.length - 1);
      most = Math.max(most, await meet(countedDisk(stops), stops));
    }
    console.log(`      ${String(real)} disks in memory and ${String(rounds)} openers ran full: 0 wrong files; at most ${String(most)} bytes came twice`);
    // The piece that did not fit had come as well.
    assert.ok(most <= testChunk + 65_536, String(most));
  });

  it("is told apart from a part that somebody removed", async () => {
    const small = countedDisk(bytes.length * 2);
    const made = downloads({ folder: small.folder, parts: { disk: { ...small.disk, freeBytes: async () => { rmSync(workFolder(small.folder, source), { recursive: true, force: true }); return 2 ** 50; } } } });
    const source = sourceAt(`${server.url}/m.gguf`, sha256, bytes.length);
    try {
      const outcome = await made.get(source);
      assert.ok(outcome.outcome === "failed" && outcome.trouble === "vanished" && outcome.retry, JSON.stringify(outcome));
      assert.equal(existsSync(path.join(small.folder, source.fileName)), false);
    } finally {
      made.remove();
      small.remove();
    }
  });
});
