import assert from "node:assert/strict";
import { Emitter } from "../../../../src/core/util/emitter";

describe("core/util/emitter", () => {
  it("listeners hear in order, until they are disposed", () => {
    const heard: string[] = [];
    const emitter = new Emitter<number>();
    emitter.on((value) => heard.push(`first ${String(value)}`));
    const second = emitter.on((value) => heard.push(`second ${String(value)}`));
    emitter.fire(1);
    second.dispose();
    emitter.fire(2);
    emitter.dispose();
    emitter.fire(3);
    assert.deepEqual(heard, ["first 1", "second 1", "first 2"]);
  });

  it("one that throws does not keep the others from hearing", () => {
    const emitter = new Emitter<number>();
    let heard = 0;
    emitter.on(() => { throw new Error("broken"); });
    emitter.on(() => { heard += 1; });
    assert.throws(() => { emitter.fire(1); }, /broken/);
    assert.equal(heard, 1);
  });

  it("one that leaves while others are told changes nothing for them", () => {
    const emitter = new Emitter<number>();
    let heard = 0;
    const first = emitter.on(() => { first.dispose(); });
    emitter.on(() => { heard += 1; });
    emitter.fire(1);
    assert.equal(heard, 1);
  });
});
