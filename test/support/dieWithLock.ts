import { createFileLock } from "../../src/services/store/fileLock.js";

// A process that takes the lock in the folder of its first argument and dies with it.
void createFileLock(process.argv[2] ?? "", "the ledger").hold(() => {
  process.kill(process.pid, "SIGKILL");
  return new Promise<never>(() => undefined);
});
