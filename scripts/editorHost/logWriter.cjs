// Stands in for @vscode/spdlog, whose native part would need a compiler: the served VS Code writes its log files, the
// extensions' output channels among them, through these few functions. Like the native part it does not keep the thread
// that logs; files are never rotated.
const { createWriteStream, mkdirSync } = require("node:fs");
const path = require("node:path");

const LEVELS = ["trace", "debug", "info", "warning", "error", "critical"];
const INFO = 2;

class Logger {
  #stream;
  #level = INFO;
  #plain = false;

  constructor(_kind, _name, file) {
    mkdirSync(path.dirname(file), { recursive: true });
    // A log that cannot be written must not end the editor.
    this.#stream = createWriteStream(file, { flags: "a" }).on("error", () => undefined);
  }

  trace(message) { this.#write(0, message); }
  debug(message) { this.#write(1, message); }
  info(message) { this.#write(2, message); }
  warn(message) { this.#write(3, message); }
  error(message) { this.#write(4, message); }
  critical(message) { this.#write(5, message); }
  getLevel() { return this.#level; }
  setLevel(level) { this.#level = level; }
  setPattern() { this.#plain = false; }
  clearFormatters() { this.#plain = true; }
  flush() {}
  drop() { this.#stream.end(); }

  #write(level, message) {
    if (level < this.#level) return;
    const time = new Date().toISOString().replace("T", " ").replace("Z", "");
    if (this.#stream.writable) this.#stream.write(this.#plain ? message : `${time} [${LEVELS[level]}] ${message}\n`);
  }
}

exports.version = 0;
exports.setLevel = () => undefined;
exports.setFlushOn = () => undefined;
exports.Logger = Logger;
exports.createRotatingLogger = async (name, file) => new Logger("rotating", name, file);
exports.createAsyncRotatingLogger = async (name, file) => new Logger("rotating_async", name, file);
