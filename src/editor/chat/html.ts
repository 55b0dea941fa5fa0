/** The panel's page. Everything that shows is built by the bundled script; the page holds no text of anybody's. */

export interface PanelPage {
  /** A fresh random value for every page. */
  readonly nonce: string;
  /** The webview's own origin, as VS Code names it in content security policies. */
  readonly cspSource: string;
  readonly scriptUri: string;
  readonly styleUris: readonly string[];
}

/**
 * The content security policy: our script by its nonce, our style sheets, and nothing else. No image, font, frame, form
 * or connection is allowed, so that model text could reach no address even if the sanitiser failed.
 */
export function contentSecurityPolicy({ nonce, cspSource }: Pick<PanelPage, "nonce" | "cspSource">): string {
  return [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src ${cspSource}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
}

/** The whole page. */
export function panelHtml(page: PanelPage): string {
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="UTF-8">
<meta http-equiv="Content-Security-Policy" content="${contentSecurityPolicy(page)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
${page.styleUris.map((uri) => `<link rel="stylesheet" href="${uri}">`).join("\n")}
<title>Ghostlight</title>
</head>
<body>
<script nonce="${page.nonce}" src="${page.scriptUri}"></script>
</body>
</html>`;
}
