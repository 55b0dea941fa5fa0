import * as valibot from "valibot";

/** Exit code of a probe whose back end is not on this machine: no binary of it runs here, or it finds no device. */
export const EXIT_NO_BACKEND = 71;

/** Exit code of a probe whose back end is there, and had too little free memory for the sample. */
export const EXIT_NO_MEMORY = 73;

const bytes = valibot.pipe(valibot.number(), valibot.integer(), valibot.minValue(0));
const name = valibot.pipe(valibot.string(), valibot.maxLength(200));

/** What a probe prints, as one line of JSON. The program is throw-away and a driver writes into its process: nothing of it is taken unchecked. */
const probeReport = valibot.strictObject({
  probe: valibot.literal(1),
  backend: valibot.picklist(["metal", "cuda", "vulkan"]),
  devices: valibot.pipe(valibot.array(name), valibot.minLength(1), valibot.maxLength(64)),
  totalBytes: bytes,
  freeBytes: bytes,
  /** Whether it works in the machine's own memory. */
  shared: valibot.boolean(),
  /** The library's version, as it says itself. */
  library: name,
  /** Whether a sample model was computed on it, and told probabilities; null where none was given. */
  computed: valibot.nullable(valibot.boolean()),
});

/** A back end that was found, with its devices and their memory. */
export type ProbeReport = valibot.InferOutput<typeof probeReport>;

/** Reads a probe's output: its last line that is not empty. Undefined where that is no report. */
export function parseProbeReport(output: string): ProbeReport | undefined {
  const line = output.trimEnd().split("\n").at(-1) ?? "";
  try {
    const parsed = valibot.safeParse(probeReport, JSON.parse(line));
    return parsed.success ? parsed.output : undefined;
  } catch {
    return undefined;
  }
}
