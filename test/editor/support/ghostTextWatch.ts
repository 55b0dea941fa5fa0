import type { Page } from "playwright-core";

/** What a person sees of the lines that carry ghost text, frame by frame. */
export interface GhostTextWatch {
  /** Waits for so many frames and gives every different sight since the watch began, the first one included; empty where there was none. */
  after(frames: number): Promise<string[]>;
}

/**
 * Looks at the page before each frame is drawn. A sight is the whole line, the typed part with the ghost text: while
 * somebody types along, it stays the same. The code runs in the page; it is text because tests know no DOM.
 */
export async function watchGhostText(page: Page): Promise<GhostTextWatch> {
  await page.evaluate(`
    window.ghostTextSights = [];
    window.ghostTextWatch = (window.ghostTextWatch ?? 0) + 1;
    (() => {
      const watch = window.ghostTextWatch;
      const look = () => {
        if (watch !== window.ghostTextWatch) return;
        const lines = [...document.querySelectorAll(".view-line")].filter((line) => line.querySelector(".ghost-text-decoration, .ghost-text, .ghost-text-decoration-preview"));
        const sight = lines.map((line) => line.textContent.replaceAll("\\u00a0", " ").replaceAll("\\u00b7", " ")).join("\\n");
        if (sight !== window.ghostTextSights.at(-1)) window.ghostTextSights.push(sight);
        requestAnimationFrame(look);
      };
      look();
    })();
  `);
  const after = async (frames: number): Promise<string[]> =>
    page.evaluate<string[]>(`new Promise((resolve) => {
      const wait = (left) => left === 0 ? resolve(window.ghostTextSights) : requestAnimationFrame(() => wait(left - 1));
      wait(${String(frames)});
    })`);
  return { after };
}
