import * as vscode from "vscode";

/** Scheme of documents that show or edit what would leave. They live in memory and go with the window. */
const SCHEME = "ghostlight-outgoing";

/** Documents in memory: one kind to read, one to edit and save. */
export class OutgoingDocuments implements vscode.FileSystemProvider, vscode.Disposable {
  readonly #files = new Map<string, { content: Uint8Array; time: number; readonly readonly: boolean }>();
  readonly #changes = new vscode.EventEmitter<vscode.FileChangeEvent[]>();
  readonly #saves = new vscode.EventEmitter<vscode.Uri>();
  readonly #registration: vscode.Disposable;
  #count = 0;
  readonly onDidChangeFile = this.#changes.event;
  /** A document of ours was saved by the person. */
  readonly onDidSave = this.#saves.event;

  constructor() {
    this.#registration = vscode.workspace.registerFileSystemProvider(SCHEME, this, { isCaseSensitive: true });
  }

  /** Shows a text beside what is open, without taking the focus from what asks. */
  async show(title: string, text: string): Promise<void> {
    await vscode.window.showTextDocument(this.#put(title, text, true), { preserveFocus: true, preview: true, viewColumn: vscode.ViewColumn.Active });
  }

  /** Opens a text to be edited and gives its address; `textOf` reads what was saved. */
  async edit(title: string, text: string): Promise<vscode.Uri> {
    const uri = this.#put(title, text, false);
    await vscode.window.showTextDocument(uri, { preview: false });
    return uri;
  }

  /** What was saved last. */
  textOf(uri: vscode.Uri): string {
    return new TextDecoder().decode(this.#files.get(uri.path)?.content);
  }

  /** Closes the editors of a document and forgets it. What was not saved in it is dropped. */
  async close(uri: vscode.Uri): Promise<void> {
    const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs).filter(({ input }) => input instanceof vscode.TabInputText && input.uri.toString() === uri.toString());
    const document = vscode.workspace.textDocuments.find((open) => open.uri.toString() === uri.toString());
    // A document that was changed would ask whether to save it: the person has decided already.
    if (document?.isDirty === true) await document.save();
    await vscode.window.tabGroups.close(tabs);
    this.#files.delete(uri.path);
  }

  dispose(): void {
    this.#registration.dispose();
    this.#changes.dispose();
    this.#saves.dispose();
  }

  watch(): vscode.Disposable {
    return new vscode.Disposable(() => undefined);
  }

  stat(uri: vscode.Uri): vscode.FileStat {
    const { content, time, readonly } = this.#file(uri);
    return { type: vscode.FileType.File, ctime: time, mtime: time, size: content.length, ...(readonly ? { permissions: vscode.FilePermission.Readonly } : {}) };
  }

  readFile(uri: vscode.Uri): Uint8Array {
    return this.#file(uri).content;
  }

  writeFile(uri: vscode.Uri, content: Uint8Array): void {
    const file = this.#file(uri);
    if (file.readonly) throw vscode.FileSystemError.NoPermissions(uri);
    file.content = content;
    file.time++;
    this.#changes.fire([{ type: vscode.FileChangeType.Changed, uri }]);
    this.#saves.fire(uri);
  }

  readDirectory(): [string, vscode.FileType][] {
    return [];
  }

  createDirectory(uri: vscode.Uri): void {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  delete(uri: vscode.Uri): void {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  rename(uri: vscode.Uri): void {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  #put(title: string, text: string, readonly: boolean): vscode.Uri {
    const uri = vscode.Uri.from({ scheme: SCHEME, path: `/${String(++this.#count)}/${title.replace(/[\\/]/g, "-")}.txt` });
    this.#files.set(uri.path, { content: new TextEncoder().encode(text), time: Date.now(), readonly });
    return uri;
  }

  #file(uri: vscode.Uri): { content: Uint8Array; time: number; readonly readonly: boolean } {
    const file = this.#files.get(uri.path);
    if (file === undefined) throw vscode.FileSystemError.FileNotFound(uri);
    return file;
  }
}
