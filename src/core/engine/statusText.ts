import { describePlacement } from "../models/loadOptions";
import type { EngineState } from "./engineState";

/** What the status item shows. `icon` is a codicon's name. */
export interface StatusText {
  readonly icon: string;
  readonly text: string;
  /** Plain words, also for screen readers. */
  readonly detail: string;
  readonly severity: "normal" | "warning" | "error";
}

/** Everything that decides what the status item says. */
export interface StatusFacts {
  readonly engine: EngineState;
  readonly completionOff: boolean;
  /** Ghost text comes from the person's own code alone: no model is wanted for it. */
  readonly recallAlone: boolean;
  readonly thinking: boolean;
  /** Words about model files and settings that are not usable; the first is shown. */
  readonly problems: readonly string[];
}

/** One state at a time, the most pressing first: failed, starting, problem, off, thinking, ready. */
export function statusText(facts: StatusFacts): StatusText {
  const { engine } = facts;
  if (engine.state === "failed") return { icon: "error", text: "Ghostlight: failed", detail: `${engine.cause}. ${engine.hint}`, severity: "error" };
  if (engine.state === "restarting") return { icon: "sync", text: "Ghostlight: restarting", detail: `The engine ended (${engine.cause}) and starts again.`, severity: "warning" };
  if (engine.state === "starting") return { icon: "loading~spin", text: "Ghostlight: loading", detail: "The engine is starting.", severity: "normal" };
  if (engine.state === "loading") return { icon: "loading~spin", text: "Ghostlight: loading", detail: [`The ${engine.role} model is loading.`, ...(engine.note === undefined ? [] : [engine.note])].join("\n"), severity: "normal" };
  const [problem] = facts.problems;
  if (problem !== undefined) return { icon: "warning", text: "Ghostlight: check settings", detail: facts.problems.join("\n"), severity: "warning" };
  if (facts.completionOff) return { icon: "circle-slash", text: "Ghostlight: off", detail: "Ghost text is off for this language.", severity: "normal" };
  if (facts.thinking) return { icon: "sync~spin", text: "Ghostlight: thinking", detail: "The model is at work.", severity: "normal" };
  if (facts.recallAlone && (engine.state === "stopped" || engine.models.every((model) => model.role !== "completion"))) {
    return { icon: "lightbulb", text: "Ghostlight: ready", detail: ["Ghost text comes from your own code.", ...modelLines(engine)].join("\n"), severity: "normal" };
  }
  if (engine.state === "stopped") return { icon: "circle-outline", text: "Ghostlight: no model", detail: "No model is loaded.", severity: "warning" };
  return { icon: "lightbulb", text: "Ghostlight: ready", detail: readyDetail(engine), severity: "normal" };
}

function readyDetail(engine: EngineState): string {
  const lines = modelLines(engine);
  return lines.length === 0 ? "No model is loaded." : lines.join("\n");
}

function modelLines(engine: EngineState): string[] {
  if (engine.state !== "ready") return [];
  return engine.models.flatMap((model) => {
    const [held, ...notes] = describePlacement(model);
    return [`${model.role}: ${model.name === "" ? model.path : model.name}, ${held ?? ""}`, ...notes];
  });
}
