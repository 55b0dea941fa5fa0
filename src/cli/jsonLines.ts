import { createReadStream, statSync } from "node:fs";
import { createInterface } from "node:readline";
import * as valibot from "valibot";
import { BadInputError } from "./arguments";

/** One line of a JSON-lines file: what it holds, or what is wrong with it. `line` is 1-based. */
export type JsonLine<T> = { readonly line: number; readonly value: T } | { readonly line: number; readonly raw: unknown; readonly problem: string };

/** Reads a JSON-lines file line by line; blank lines are passed over. Throws `BadInputError` when the file cannot be read. */
export async function* readJsonLines<Schema extends valibot.GenericSchema>(path: string, schema: Schema): AsyncGenerator<JsonLine<valibot.InferOutput<Schema>>> {
  if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) throw new BadInputError(`${path}: no such file`);
  let line = 0;
  for await (const text of createInterface({ input: createReadStream(path, "utf8"), crlfDelay: Infinity })) {
    line += 1;
    if (text.trim() !== "") yield parseLine(text, line, schema);
  }
}

function parseLine<Schema extends valibot.GenericSchema>(text: string, line: number, schema: Schema): JsonLine<valibot.InferOutput<Schema>> {
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch {
    return { line, raw: undefined, problem: "it is not JSON" };
  }
  const parsed = valibot.safeParse(schema, raw);
  if (parsed.success) return { line, value: parsed.output };
  const [issue] = parsed.issues;
  const where = valibot.getDotPath(issue);
  return { line, raw, problem: `${where === null ? "" : `${where}: `}${issue.message}` };
}
