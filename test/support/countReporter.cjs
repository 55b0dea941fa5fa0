// Mocha's `spec` reporter that also adds one JSON line {"passed","failed"} to the file named by
// GHOSTLIGHT_TEST_COUNTS, so that `.ci/run` can sum several mocha runs. A pending test counts as failed:
// a test that could not run has shown nothing.
const { appendFileSync } = require("node:fs");
const { reporters, Runner } = require("mocha");

/** Milliseconds that a run may linger after its last test. */
const LINGER_MS = 30_000;

/** Something that was not disposed of keeps the process alive: say what kind it is, and end instead of hanging. */
function endWhatHangs(failures) {
  const timer = setTimeout(() => {
    console.error(`The tests have ended, but something keeps their process alive: ${process.getActiveResourcesInfo().join(", ")}`);
    process.exit(Math.min(failures, 255));
  }, LINGER_MS);
  timer.unref();
}

module.exports = class CountReporter extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    runner.once(Runner.constants.EVENT_RUN_END, () => {
      endWhatHangs(runner.failures);
      const file = process.env.GHOSTLIGHT_TEST_COUNTS;
      if (!file) return;
      const { passes, failures, pending } = runner.stats;
      appendFileSync(file, `${JSON.stringify({ passed: passes, failed: failures + pending })}\n`);
    });
  }
};
