/** Elements without markup strings: nothing in the panel is ever made with `innerHTML`. */

export interface ElementOptions {
  readonly class?: string;
  readonly testId?: string;
  readonly text?: string;
  /** Other attributes by name. */
  readonly attributes?: Readonly<Record<string, string>>;
}

/** An element with its options and children. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  options: ElementOptions = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  if (options.class !== undefined) made.className = options.class;
  if (options.testId !== undefined) made.dataset["testid"] = options.testId;
  if (options.text !== undefined) made.textContent = options.text;
  for (const [name, value] of Object.entries(options.attributes ?? {})) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/** A button that calls `onClick`. `hint` is its tooltip and its name for screen readers where the text says too little. */
export function button(
  text: string,
  { hint, ...options }: Omit<ElementOptions, "text"> & { readonly hint?: string },
  onClick: () => void,
): HTMLButtonElement {
  const named: Record<string, string> = hint === undefined ? {} : { title: hint, "aria-label": hint };
  const made = element("button", { ...options, text, attributes: { type: "button", ...named, ...options.attributes } });
  made.addEventListener("click", onClick);
  return made;
}
