/** Every word the panel shows, in one place, so that it can be translated in one place. */
export const words = {
  conversation: "Conversation",
  questionLabel: "Question about your code",
  placeholder: "Ask about your code",
  send: "Ask",
  stop: "Stop",
  stopHint: "Stop (Escape)",
  clear: "Clear",
  clearHint: "Clear this conversation",
  cleared: "The conversation was cleared. The next question deletes it for good.",
  undo: "Undo",
  otherVersion: "Ghostlight was updated. Reload the window to go on.",
  copy: "Copy",
  copied: "Copied",
  copyAnswerHint: "Copy the answer",
  insert: "Insert",
  insertHint: "Insert at the cursor",
  askAgain: "Ask again",
  retry: "Try again",
  looking: "Looking through your code",
  reading: (places: number, tokens: number): string => `Reading ${counted(places, "place")}, about ${counted(tokens, "token")}`,
  writing: "Writing",
  fromIndex: "From the index",
  fromIndexHint: "Looked up exactly, not written by a model",
  writtenBy: (model: string): string => `Written by ${model}`,
  aModel: "a local model",
  stopped: "Stopped",
  failed: "No answer.",
  brokenOff: "The answer broke off.",
  earlier: "Earlier questions are kept on disk and not shown here.",
  tooLong: (length: number, limit: number): string => `Too long: ${counted(length, "character")}, at most ${formatted(limit)}. Nothing is cut silently.`,
  sources: (places: number, tokens: number): string => `${counted(places, "source")}, ${counted(tokens, "token")}`,
  noSources: "No sources",
  leftOut: (count: number): string => `${formatted(count)} left out`,
  leftOutTitle: "Left out",
  tokens: (count: number): string => counted(count, "token"),
  code: (language: string): string => (language === "" ? "Code" : `Code: ${language}`),
  hiddenCharacters: (count: number): string => counted(count, "hidden character"),
  imageLeftOut: (alternative: string): string => (alternative === "" ? "[image left out]" : `[image left out: ${alternative}]`),
  table: "Table",
  emptyTitle: "Ask about your code",
  emptyIndex: "Answers are looked up in an index of this workspace: where something is defined and used, who calls it, what a file or folder holds.",
  emptyWritten: "For written answers, choose a model file (GGUF) on this machine.",
  emptyModel: (model: string): string => `${model} answers on this machine, from the places it cites.`,
  emptyPrivacy: "Nothing leaves this machine.",
  chooseModel: "Choose a chat model",
  examples: ["What is this project about?", "What does this file contain?", "What imports this file?"],
} as const;

function formatted(count: number): string {
  return count.toLocaleString("en");
}

function counted(count: number, noun: string): string {
  return `${formatted(count)} ${noun}${count === 1 ? "" : "s"}`;
}
