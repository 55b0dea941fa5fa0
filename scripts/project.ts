import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";

/** The repository's root folder. */
export const projectRoot = path.resolve(__dirname, "..");

/** What scripts fetch or write for themselves; ignored by git, safe to delete. */
export const cacheFolder = path.join(projectRoot, ".cache");

/** A complaint meant for the person at the terminal: printed without a stack trace. */
export class PlainError extends Error {}

export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly publisher: string;
}

/** The extension's manifest; throws where a field that scripts rely on is missing. */
export function readManifest(): Manifest {
  const parsed: unknown = JSON.parse(readFileSync(path.join(projectRoot, "package.json"), "utf8"));
  const text = (field: string): string => {
    const value: unknown = parsed !== null && typeof parsed === "object" ? Reflect.get(parsed, field) : undefined;
    if (typeof value !== "string") throw new PlainError(`package.json has no "${field}".`);
    return value;
  };
  return { name: text("name"), version: text("version"), publisher: text("publisher") };
}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Keeps the output back; it is part of the error when the command fails. */
  readonly quiet?: boolean;
}

/** Runs a command to its end and returns its standard output (empty unless `quiet`); throws on another exit code than 0. */
export function runCommand(command: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const { program, parts, verbatim } = commandLine(command, args);
    const child = spawn(program, parts, {
      cwd: options.cwd ?? projectRoot,
      env: options.env ?? process.env,
      stdio: options.quiet ? ["ignore", "pipe", "pipe"] : "inherit",
      windowsVerbatimArguments: verbatim,
    });
    const output: Buffer[] = [];
    const errors: Buffer[] = [];
    child.stdout?.on("data", (chunk: Buffer) => output.push(chunk));
    child.stderr?.on("data", (chunk: Buffer) => errors.push(chunk));
    child.once("error", (error) => reject(new PlainError(`${command} could not be started: ${error.message}`)));
    child.once("close", (code) => {
      const said = Buffer.concat(output).toString("utf8");
      if (code === 0) return resolve(said);
      const tail = `${said}\n${Buffer.concat(errors).toString("utf8")}`.trim().split("\n").slice(-25).join("\n");
      reject(new PlainError(`${command} ${args.join(" ")} ended with code ${code}.\n${tail}`.trim()));
    });
  });
}

/**
 * What starts a command. Windows runs a batch file, such as VS Code's `code.cmd`, by its shell only: each part in
 * quotes, which no path can hold, and the whole in another pair, which the shell takes off.
 */
export function commandLine(command: string, args: readonly string[], platform: string = process.platform): { readonly program: string; readonly parts: readonly string[]; readonly verbatim: boolean } {
  if (platform !== "win32" || !/\.(cmd|bat)$/i.test(command)) return { program: command, parts: args, verbatim: false };
  const quoted = [command, ...args].map((part) => `"${part}"`).join(" ");
  return { program: process.env["ComSpec"] ?? "cmd.exe", parts: ["/d", "/s", "/c", `"${quoted}"`], verbatim: true };
}

/**
 * Runs npm as `runCommand` runs others. Under `npm run` it is the npm that started the script, run by this Node:
 * on Windows `npm` is a batch file, which cannot be started without a shell.
 */
export function runNpm(args: readonly string[], options: RunOptions = {}): Promise<string> {
  const program = process.env["npm_execpath"];
  return program !== undefined && path.basename(program) === "npm-cli.js" ? runCommand(process.execPath, [program, ...args], options) : runCommand(process.platform === "win32" ? "npm.cmd" : "npm", args, options);
}

/** Bytes in words, in millions. */
export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

/** Runs a script's main function; a failure becomes words on standard error and exit code 1. */
export function runMain(main: () => Promise<void>): void {
  main().catch((error: unknown) => {
    if (error instanceof PlainError) console.error(error.message);
    else console.error(error);
    process.exitCode = 1;
  });
}
