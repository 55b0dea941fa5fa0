import { randomUUID } from "node:crypto";
import { neverAborted } from "../../src/core/util/abort.js";
import { bodyText, fileNamed, memoryGrants, question, testNetwork, type TestNetwork } from "./outgoing.js";

/** A process that sends without end, two requests at a time, until somebody kills it. Prints the name of each request that was let out. */
async function main([url = "", ledgerFile = ""]: readonly string[]): Promise<void> {
  const grant = { id: "g", time: 0, endpoint: "test", origin: url, purpose: "chat" as const, fileClasses: [".ts"], conversation: null };
  const network = testNetwork({}, { grants: memoryGrants([grant]), ledgerFile });
  await Promise.all([sendOn(network, url), sendOn(network, url)]);
}

async function sendOn({ gate, transport }: TestNetwork, url: string): Promise<never> {
  for (;;) {
    const name = `${randomUUID()}.ts`;
    const outcome = await gate.request(question(url, [name, "x".repeat(2000)], { files: [fileNamed(name)] }), neverAborted);
    if (outcome.outcome === "refused") throw new Error(outcome.because);
    process.stdout.write(`${name}\n`);
    await bodyText((await transport.send(outcome.permit, neverAborted)).body);
  }
}

void main(process.argv.slice(2));
