/** Something with an end. The shape of `vscode.Disposable`, so that both sides of the edge understand each other. */
export interface Disposable {
  dispose(): void;
}

/** Collects disposables and ends them in reverse order, once. Adding to an ended one disposes at once. */
export class DisposableStore implements Disposable {
  readonly #items: Disposable[] = [];
  #disposed = false;

  add<T extends Disposable>(item: T): T {
    if (this.#disposed) item.dispose();
    else this.#items.push(item);
    return item;
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    for (const item of this.#items.splice(0).reverse()) item.dispose();
  }
}
