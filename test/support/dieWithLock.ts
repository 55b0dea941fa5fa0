import { createLedgerLock } from "../../src/services/network/ledgerLock.js";

// A process that takes the lock in the folder of its first argument and dies with it.
void createLedgerLock(process.argv[2] ?? "").hold(() => {
  process.kill(process.pid, "SIGKILL");
  return new Promise<never>(() => undefined);
});
