/**
 * A page as plain values, and the smallest change that makes the document match: elements that stay keep their focus,
 * selection and scroll position through every repaint. Text is always text, never markup. Knows no content.
 */

type Handler = (event: Event) => void;
type Attribute = string | number | boolean | undefined;

export interface Attributes {
  /** Siblings with a key are matched by it, wherever they move. */
  readonly key?: string;
  /** Custom properties and lengths; set through the object model, which a strict content policy allows. */
  readonly style?: Readonly<Record<string, string>>;
  readonly on?: Readonly<Record<string, Handler>>;
  /** Called once, when the element enters the document for the first time. */
  readonly created?: (element: Element) => void;
  readonly [name: string]: unknown;
}

export interface ElementNode {
  readonly tag: string;
  readonly attributes: Attributes;
  readonly children: readonly Child[];
}

/** Nothing is drawn for `undefined` and `false`, so that parts can be left out in place. */
export type Child = ElementNode | string | undefined | false;

export function h(
  tag: string,
  attributes: Attributes = {},
  ...children: readonly (Child | readonly Child[])[]
): ElementNode {
  return { tag, attributes, children: children.flat() };
}

const SVG = "http://www.w3.org/2000/svg";
const SPECIAL = new Set(["key", "style", "on", "created"]);

/** What was last drawn on an element. */
interface Drawn {
  readonly key: string | undefined;
  attributes: Attributes;
  readonly listening: Set<string>;
}

const drawn = new WeakMap<Node, Drawn>();

/** Makes the children of `parent` match. */
export function render(parent: Element, children: readonly Child[]): void {
  const byKey = new Map<string, Element>();
  for (const element of parent.children) {
    const key = drawn.get(element)?.key;
    if (key !== undefined) byKey.set(key, element);
  }
  let at: ChildNode | null = parent.firstChild;
  for (const child of children) {
    if (child === undefined || child === false) continue;
    const node = typeof child === "string" ? textAt(at, child) : elementFor(child, at, byKey, parent);
    if (node === at) at = at.nextSibling;
    else parent.insertBefore(node, at);
  }
  while (at !== null) {
    const rest: ChildNode = at;
    at = at.nextSibling;
    rest.remove();
  }
}

function textAt(at: ChildNode | null, text: string): ChildNode {
  if (!(at instanceof Text)) return document.createTextNode(text);
  if (at.data !== text) at.data = text;
  return at;
}

function elementFor(
  child: ElementNode,
  at: ChildNode | null,
  byKey: ReadonlyMap<string, Element>,
  parent: Element,
): Element {
  const { key } = child.attributes;
  const old = key === undefined ? at : byKey.get(key);
  const fits = old instanceof Element && old.localName === child.tag && drawn.get(old)?.key === key;
  const element = fits ? old : create(child, parent);
  applyAttributes(element, child.attributes);
  render(element, child.children);
  if (!fits) child.attributes.created?.(element);
  return element;
}

function create({ tag, attributes }: ElementNode, parent: Element): Element {
  const isSvg = tag === "svg" || (parent.namespaceURI === SVG && parent.localName !== "foreignObject");
  const element = isSvg ? document.createElementNS(SVG, tag) : document.createElement(tag);
  drawn.set(element, { key: attributes.key, attributes: {}, listening: new Set() });
  return element;
}

function applyAttributes(element: Element, next: Attributes): void {
  const record = drawn.get(element);
  if (record === undefined) return;
  const previous = record.attributes;
  for (const name of Object.keys({ ...previous, ...next })) {
    if (!SPECIAL.has(name) && previous[name] !== next[name]) setAttribute(element, name, next[name] as Attribute);
  }
  applyStyle(element as HTMLElement, previous.style ?? {}, next.style ?? {});
  record.attributes = next;
  for (const type of Object.keys(next.on ?? {})) {
    if (record.listening.has(type)) continue;
    record.listening.add(type);
    // Looked up when it happens, so that a repaint never has to take listeners off.
    element.addEventListener(type, (event) => record.attributes.on?.[type]?.(event));
  }
}

function setAttribute(element: Element, name: string, value: Attribute): void {
  if (value === undefined || value === false) element.removeAttribute(name);
  else element.setAttribute(name, value === true ? "" : String(value));
}

function applyStyle(
  element: HTMLElement,
  previous: Readonly<Record<string, string>>,
  next: Readonly<Record<string, string>>,
): void {
  for (const name of Object.keys({ ...previous, ...next })) {
    const value = next[name];
    if (value === previous[name]) continue;
    if (value === undefined) element.style.removeProperty(name);
    else element.style.setProperty(name, value);
  }
}
