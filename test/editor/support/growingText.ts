import { packSmallExtension } from "./smallExtension";

/** What the growing text is offered after, in a plain text file, where ghost text of ours is off. */
export const GROWS_AFTER = "the lamp";
/** The text at first, and once it has grown. */
export const SHORT = " burns";
export const LONG = " burns all night";
/** The key that makes it grow and has that shown. */
export const GROW_KEY = "Control+Alt+L";

/**
 * An extension whose ghost text becomes longer at a key, shown by the command that src/editor/inlineCompletion.ts uses:
 * the bundled model hardly ever extends what recall is shown with, and then not at a place a test could know.
 */
export function packGrowingText(): Promise<string> {
  return packSmallExtension("growing", source, { keybindings: [{ command: "growing.grow", key: GROW_KEY.replace("Control", "ctrl").toLowerCase() }] });
}

const source = `
const vscode = require("vscode");
let text = ${JSON.stringify(SHORT)};
exports.activate = () => {
  vscode.languages.registerInlineCompletionItemProvider({ language: "plaintext" }, {
    provideInlineCompletionItems: (document, position) =>
      document.lineAt(position).text === ${JSON.stringify(GROWS_AFTER)} ? [new vscode.InlineCompletionItem(text, new vscode.Range(position, position))] : [],
  });
  vscode.commands.registerCommand("growing.grow", () => {
    text = ${JSON.stringify(LONG)};
    return vscode.commands.executeCommand("editor.action.inlineSuggest.showNext");
  });
};
`;
