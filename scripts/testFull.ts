/** `npm run test:full`: `npm test`, where every test that repeats something costly repeats it as often as before a release. */
import { runMain, runNpm } from "./project";

async function main(): Promise<void> {
  await runNpm(["test"], { env: { ...process.env, GHOSTLIGHT_FULL: "1" } });
}

runMain(main);
