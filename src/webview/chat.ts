/** Entry of the panel's script: puts the panel on the page and joins it to the host. */
import { HostLink, type VsCodeApi } from "./hostLink";
import { Panel } from "./panel";

declare function acquireVsCodeApi(): VsCodeApi;

const api = acquireVsCodeApi();
const link = new HostLink(api, (message) => panel.show(message));
const panel = new Panel({
  post: (message) => link.post(message),
  draft: draftOf(api.getState()),
  keepDraft: (draft) => api.setState({ draft }),
});

document.body.append(panel.node);
window.addEventListener("message", (event: MessageEvent<unknown>) => link.accept(event.data));
link.ready();

function draftOf(state: unknown): string {
  return typeof state === "object" && state !== null && "draft" in state && typeof state.draft === "string" ? state.draft : "";
}
