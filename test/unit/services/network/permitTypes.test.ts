import { strict as assert } from "node:assert";
import path from "node:path";
import ts from "typescript";

const root = path.resolve(import.meta.dirname, "../../../..");

/** What the compiler says about a file that stands beside the permit and imports what it likes. */
function complaints(snippets: Readonly<Record<string, string>>): ReadonlyMap<string, string[]> {
  const { config } = ts.readConfigFile(path.join(root, "tsconfig.json"), ts.sys.readFile) as { config: { compilerOptions: object } };
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, root);
  options.noUnusedLocals = false;
  const host = ts.createCompilerHost(options);
  // The compiler writes paths with "/" on every system.
  const folder = path.join(root, "src/services/network").replaceAll(path.sep, "/");
  const files = new Map(Object.entries(snippets).map(([name, text]) => [`${folder}/${name}.ts`, text]));
  const { getSourceFile, fileExists, readFile } = host;
  host.fileExists = (file) => files.has(file) || fileExists(file);
  host.readFile = (file) => files.get(file) ?? readFile(file);
  host.getSourceFile = (file, language, ...rest) => {
    const text = files.get(file);
    return text === undefined ? getSourceFile(file, language, ...rest) : ts.createSourceFile(file, text, language, true);
  };
  const program = ts.createProgram([...files.keys()], options, host);
  return new Map([...files.keys()].map((file) => [path.basename(file, ".ts"), program.getSemanticDiagnostics(program.getSourceFile(file)).map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, " "))]));
}

describe("a permit", () => {
  const imports = 'import type { Permit, PermitOffice } from "./permit"; import type { Transport } from "./transport"; import type { Gate } from "./gate"; declare const transport: Transport; declare const gate: Gate; const signal = new AbortController().signal; export {}; void (0 as unknown as PermitOffice);\n';
  const forged: Readonly<Record<string, string>> = {
    forgedLiteral: 'export const permit: Permit = { id: "1", origin: "https://a.example:443", purpose: "chat" };',
    forgedArgument: 'void transport.send({ id: "1", origin: "https://a.example:443", purpose: "chat" }, signal);',
    forgedBrand: 'declare const brand: unique symbol; export const permit: Permit = { id: "1", origin: "x", purpose: "chat", [brand]: true };',
    forgedSymbol: 'export const permit: Permit = { id: "1", origin: "x", purpose: "chat", [Symbol("brand")]: true };',
    forgedImport: 'import { brand } from "./permit"; export const permit: Permit = { id: "1", origin: "x", purpose: "chat", [brand]: true };',
    forgedByName: 'export const permit: Permit = { id: "1", origin: "x", purpose: "chat", brand: true };',
    forgedString: 'void transport.send("https://a.example", signal);',
    forgedRequest: 'declare const wanted: import("../../core/outgoing/request").OutgoingRequest; void transport.send(wanted, signal);',
    forgedDecision: 'declare const wanted: import("../../core/outgoing/request").OutgoingRequest; async function send() { const decision = await gate.request(wanted, signal); return transport.send(decision.permit, signal); } void send;',
    forgedClass: 'class Own implements Permit { id = "1"; origin = "x"; purpose = "chat" as const; } void transport.send(new Own(), signal);',
  };
  const sound = 'declare const wanted: import("../../core/outgoing/request").OutgoingRequest; export async function send() { const decision = await gate.request(wanted, signal); return decision.outcome === "permitted" ? transport.send(decision.permit, signal) : decision; }';
  let found: ReadonlyMap<string, string[]>;

  before(function () {
    this.timeout(120_000);
    found = complaints(Object.fromEntries(Object.entries({ ...forged, sound }).map(([name, text]) => [name, `${imports}${text}`])));
  });

  it("that the gate gave compiles", () => { assert.deepEqual(found.get("sound"), []); });

  for (const name of Object.keys(forged)) {
    it(`that is written by hand does not compile: ${name}`, () => {
      const said = (found.get(name) ?? []).join("\n");
      assert.match(said, /brand|not assignable|no exported member|declares 'brand' locally|does not exist on type|incorrectly implements/);
    });
  }
});
