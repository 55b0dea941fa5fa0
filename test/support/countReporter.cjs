// Mocha's `spec` reporter that also adds one JSON line {"passed","failed"} to the file named by
// GHOSTLIGHT_TEST_COUNTS, so that `.ci/run` can sum several mocha runs. A pending test counts as failed:
// a test that could not run has shown nothing.
const { appendFileSync } = require("node:fs");
const { reporters, Runner } = require("mocha");

module.exports = class CountReporter extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    runner.once(Runner.constants.EVENT_RUN_END, () => {
      const file = process.env.GHOSTLIGHT_TEST_COUNTS;
      if (!file) return;
      const { passes, failures, pending } = runner.stats;
      appendFileSync(file, `${JSON.stringify({ passed: passes, failed: failures + pending })}\n`);
    });
  }
};
