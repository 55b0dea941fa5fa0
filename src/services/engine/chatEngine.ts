import { EngineMethod, type ChatMessage, type ChatResult } from "../../protocol/engine";
import type { EngineSupervisor } from "./engineSupervisor";

/** The supervised engine as whoever writes answers sees it. */
export interface ChatEngine {
  /** The loaded chat model's name and context in tokens; undefined while there is none. */
  model(): { readonly name: string; readonly contextSize: number } | undefined;
  /** Streams an answer; the signal stops it and keeps what was written. Rejects when the engine dies. */
  chat(messages: readonly ChatMessage[], maxTokens: number, onDelta: (text: string) => void, signal: AbortSignal): Promise<ChatResult>;
}

/** Makes the chat side of a supervised engine. */
export function createChatEngine(supervisor: EngineSupervisor): ChatEngine {
  let lastStream = 0;
  return {
    model: () => {
      const model = supervisor.loaded("chat");
      return model && { name: model.name === "" ? model.path.split(/[\\/]/).at(-1) ?? model.path : model.name, contextSize: model.contextSize };
    },
    chat: async (messages, maxTokens, onDelta, signal) => {
      const streamId = ++lastStream;
      const stopListening = supervisor.onDelta(streamId, onDelta);
      try {
        return await supervisor.request<ChatResult>("chat", EngineMethod.chat, { streamId, messages, maxTokens }, signal);
      } finally {
        stopListening();
      }
    },
  };
}
