/** How often a test repeats what is costly: `sample` times in an ordinary run, `full` times with GHOSTLIGHT_FULL=1. */
export function times(sample: number, full: number): number {
  return process.env["GHOSTLIGHT_FULL"] === "1" ? full : sample;
}
