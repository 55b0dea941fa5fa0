/** The only histories that the ranker is fitted on. Everything else is refused: what checks the product must not have shaped it. */
export const FITTING_HISTORIES = [
  "fastify", "hono", "zod", "trpc", "httpx", "rich", "typer", "pydantic", "cobra", "fzf", "bat", "clap", "okhttp", "commons-lang", "jq", "json", "fmt",
] as const;

/** Throws where a folder of cases is not one of the histories that may be fitted on. */
export function requireFittingHistory(name: string): void {
  if (!FITTING_HISTORIES.some((allowed) => allowed === name)) throw new Error(`${name} is not a history that recall may be fitted on; see models/recall/fit/histories.ts`);
}
