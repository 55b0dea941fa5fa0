/** The colours that the panel uses, as VS Code's own default themes set them in a webview. */
const common = {
  "font-family": "system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif",
  "font-size": "13px",
  "editor-font-family": "'DejaVu Sans Mono', Menlo, Consolas, monospace",
  "editor-font-size": "14px",
};

export type ThemeName = "dark" | "light" | "highContrast";

export const themes: Readonly<Record<ThemeName, { readonly className: string; readonly colours: Readonly<Record<string, string>> }>> = {
  dark: {
    className: "vscode-dark",
    colours: {
      ...common,
      foreground: "#cccccc",
      descriptionForeground: "#9d9d9d",
      "sideBar-background": "#181818",
      "sideBar-foreground": "#cccccc",
      "panel-border": "#2b2b2b",
      "input-background": "#313131",
      "input-foreground": "#cccccc",
      "input-border": "#3c3c3c",
      "input-placeholderForeground": "#989898",
      "button-background": "#0078d4",
      "button-foreground": "#ffffff",
      "button-hoverBackground": "#026ec1",
      "button-border": "rgba(255, 255, 255, 0.07)",
      "button-secondaryBackground": "#313131",
      "button-secondaryForeground": "#cccccc",
      "button-secondaryHoverBackground": "#3c3c3c",
      "toolbar-hoverBackground": "rgba(90, 93, 94, 0.31)",
      "textLink-foreground": "#4daafc",
      "textLink-activeForeground": "#4daafc",
      "textCodeBlock-background": "#2b2b2b",
      "textPreformat-foreground": "#d0d0d0",
      "textBlockQuote-border": "#616161",
      "inputValidation-errorBackground": "#5a1d1d",
      "inputValidation-errorBorder": "#be1100",
      errorForeground: "#f85149",
      "editorWarning-foreground": "#cca700",
      focusBorder: "#0078d4",
    },
  },
  light: {
    className: "vscode-light",
    colours: {
      ...common,
      foreground: "#3b3b3b",
      descriptionForeground: "#3b3b3b",
      "sideBar-background": "#f8f8f8",
      "sideBar-foreground": "#3b3b3b",
      "panel-border": "#e5e5e5",
      "input-background": "#ffffff",
      "input-foreground": "#3b3b3b",
      "input-border": "#cecece",
      "input-placeholderForeground": "#767676",
      "button-background": "#005fb8",
      "button-foreground": "#ffffff",
      "button-hoverBackground": "#0258a8",
      "button-border": "rgba(0, 0, 0, 0.1)",
      "button-secondaryBackground": "#e5e5e5",
      "button-secondaryForeground": "#3b3b3b",
      "button-secondaryHoverBackground": "#cccccc",
      "toolbar-hoverBackground": "rgba(184, 184, 184, 0.31)",
      "textLink-foreground": "#005fb8",
      "textLink-activeForeground": "#005fb8",
      "textCodeBlock-background": "#f0f0f0",
      "textPreformat-foreground": "#3b3b3b",
      "textBlockQuote-border": "#e5e5e5",
      "inputValidation-errorBackground": "#f2dede",
      "inputValidation-errorBorder": "#be1100",
      errorForeground: "#b01011",
      "editorWarning-foreground": "#8a6100",
      focusBorder: "#005fb8",
    },
  },
  highContrast: {
    className: "vscode-high-contrast",
    colours: {
      ...common,
      foreground: "#ffffff",
      descriptionForeground: "rgba(255, 255, 255, 0.7)",
      "sideBar-background": "#000000",
      "sideBar-foreground": "#ffffff",
      contrastBorder: "#6fc3df",
      contrastActiveBorder: "#f38518",
      "input-background": "#000000",
      "input-foreground": "#ffffff",
      "input-border": "#6fc3df",
      "input-placeholderForeground": "rgba(255, 255, 255, 0.7)",
      "button-background": "#000000",
      "button-foreground": "#ffffff",
      "button-border": "#6fc3df",
      "button-secondaryForeground": "#ffffff",
      "textLink-foreground": "#21a6ff",
      "textCodeBlock-background": "#000000",
      "textPreformat-foreground": "#ffffff",
      "inputValidation-errorBackground": "#000000",
      "inputValidation-errorBorder": "#6fc3df",
      errorForeground: "#f48771",
      "editorWarning-foreground": "#ffd370",
      focusBorder: "#f38518",
    },
  },
};

/** What the editor puts before a webview's own styles, as far as it touches the panel; ours win over it. */
export const webviewDefaults = `@layer editor {
  body { padding: 0 20px; }
  a, a code { color: var(--vscode-textLink-foreground); }
  code { padding: 1px 3px; border-radius: 4px; background-color: var(--vscode-textPreformat-background, rgba(127, 127, 127, 0.2)); font-size: var(--vscode-editor-font-size); }
  pre code { padding: 0; }
  blockquote { background: var(--vscode-textBlockQuote-background, rgba(127, 127, 127, 0.1)); border-color: var(--vscode-textBlockQuote-border); }
}`;
