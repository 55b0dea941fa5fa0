import { EXIT_LIBRARY_FAILED } from "../../protocol/engine";

/** Windows has no signals: there a crash is an exit code from here on, which people look up as a hexadecimal number. */
const FIRST_CRASH_STATUS = 0xc0000000;

/** How a process of ours ended that gave this exit code, as a clause. */
export function exitCodeWords(code: number): string {
  if (code === EXIT_LIBRARY_FAILED) return "its library does not start on this machine";
  return isCrashStatus(code) ? `crash 0x${code.toString(16).toUpperCase()}` : `exit code ${String(code)}`;
}

/** Whether Windows gave the exit code to a process that crashed. */
export function isCrashStatus(code: number): boolean {
  return code >= FIRST_CRASH_STATUS;
}

/** What a person can do where the engine's library does not start, on a platform in Node's names. */
export function libraryHint(platform: string): string {
  if (platform === "win32") return "Install Microsoft's Visual C++ Redistributable for Visual Studio 2015 or newer, then restart the engine.";
  if (platform === "linux") return "It needs glibc 2.34 or newer and the libstdc++ of GCC 12 or newer (Debian 12, Ubuntu 22.04); see the log, then restart the engine.";
  if (platform === "darwin") return "It needs macOS 14 or newer; see the log, then restart the engine.";
  return "See the log for the library's own words, then restart the engine.";
}

/** What a person can do where the engine was given up, by the exit code of its last process. */
export function hintAfterCrashes(code: number | null, platform: string): string {
  return code === EXIT_LIBRARY_FAILED ? libraryHint(platform) : "Restart it, or choose another model.";
}
