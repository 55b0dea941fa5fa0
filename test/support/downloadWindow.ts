/**
 * A window that downloads, in a process of its own. Forked by `downloadWindows.ts`: takes orders over the channel and
 * tells every step and the outcome.
 */
import { downloads } from "./downloads.js";
import type { WindowOrder, WindowWord } from "./downloadWindows.js";

const tell = (word: WindowWord): void => { process.send?.(word); };
const running = new Map<number, AbortController>();

process.on("message", (order: WindowOrder) => {
  if ("stop" in order) {
    running.get(order.number)?.abort(order.stop === "cancel" ? "cancel" : undefined);
    return;
  }
  const stop = new AbortController();
  running.set(order.number, stop);
  const made = downloads({ folder: order.folder, parts: { now: () => performance.now(), rhythm: order.rhythm } });
  const push = made.states.push.bind(made.states);
  made.states.push = (...states) => {
    for (const state of states) if (state.state === "running") tell({ number: order.number, step: state.step, bytes: state.progress.bytes });
    return push(...states);
  };
  void made.get(order.source, stop.signal).then((outcome) => {
    made.remove();
    tell({ number: order.number, outcome });
  });
});
process.on("disconnect", () => { process.exit(0); });
tell({ number: 0, step: "ready", bytes: 0 });
