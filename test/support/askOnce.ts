import { neverAborted } from "../../src/core/util/abort.js";
import { bodyText, person, question, testNetwork } from "./outgoing.js";

/** A process of its own: asks the address in its first argument once and prints the answer and the ledger as JSON. */
async function main(): Promise<void> {
  const made = testNetwork({}, { consent: person({ choice: "once" }), resolve: async () => ["127.0.0.1"] });
  const outcome = await made.gate.request(question(process.argv[2] ?? ""), neverAborted);
  if (outcome.outcome === "refused") throw new Error(outcome.because);
  const text = await bodyText((await made.transport.send(outcome.permit, neverAborted)).body);
  console.log(JSON.stringify({ text, requests: await made.ledger.requests() }));
  made.remove();
}

void main();
