/** Writes one JSON object as one line to standard output; resolves when it has been handed on, so lines are flushed as they come. */
export function writeJsonLine(value: unknown): Promise<void> {
  return write(process.stdout, `${JSON.stringify(value)}\n`);
}

/** Writes words to standard output, for a person. */
export function writeWords(text: string): Promise<void> {
  return write(process.stdout, `${text}\n`);
}

/** Writes words to standard error: with `--json`, standard output holds JSON only. */
export function writeError(text: string): Promise<void> {
  return write(process.stderr, `${text}\n`);
}

function write(stream: NodeJS.WriteStream, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(text, (error) => {
      if (error) reject(error);
      else resolve();
    });
  });
}
