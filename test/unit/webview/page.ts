/** The real bundle of a webview in a document without pixels, driven as its host and its person would. */
import { buildSync } from "esbuild";
import { JSDOM, VirtualConsole } from "jsdom";
import { PROTOCOL_VERSION } from "../../../src/shared/messages";

/** The little of the browser's types that the tests need. */
export interface Element {
  readonly localName: string;
  readonly textContent: string;
  readonly outerHTML: string;
  readonly isConnected: boolean;
  readonly nextElementSibling: Element | null;
  getAttribute(name: string): string | null;
  /** Of buttons. */
  readonly appearance?: string;
  /** Of boxes that are typed into, and of lists. */
  value?: string;
  scrollTop: number;
  querySelector(selector: string): Element | null;
  querySelectorAll(selector: string): Iterable<Element>;
  click(): void;
  focus(): void;
  dispatchEvent(event: unknown): boolean;
}

/** What is dragged, by kind. */
export type Dropped = Readonly<Record<string, string>>;

interface Window {
  readonly document: Element & {
    readonly body: Element;
    readonly activeElement: Element | null;
    readonly title: string;
  };
  readonly Event: new (type: string, init?: object) => unknown;
  readonly Element: { readonly prototype: { scrollIntoView?: (this: Element) => void } };
  readonly KeyboardEvent: new (type: string, init: object) => unknown;
  readonly MessageEvent: new (type: string, init: object) => unknown;
  dispatchEvent(event: unknown): boolean;
  eval(script: string): void;
  close(): void;
  acquireVsCodeApi?: () => object;
  AudioContext?: unknown;
}

type PageName = "dashboard" | "imageViewer" | "round";

/** What the host's messages are called. */
const MESSAGES = { dashboard: "state", imageViewer: "image", round: "round" } satisfies Record<PageName, string>;

const bundles = new Map<string, string>();

function bundleOf(name: PageName): string {
  const known = bundles.get(name);
  if (known !== undefined) return known;
  const { outputFiles } = buildSync({
    entryPoints: [`webview-ui/${name}/main.tsx`],
    bundle: true,
    write: false,
    outdir: "out/none",
    platform: "browser",
    target: "es2022",
    format: "iife",
    logLevel: "error",
  });
  const script = outputFiles.find(({ path }) => path.endsWith(".js"))?.text ?? "";
  bundles.set(name, script);
  return script;
}

const copy = (value: unknown): unknown => JSON.parse(JSON.stringify(value)) as unknown;

export class WebviewPage {
  /** Everything the page sent to its host. */
  readonly sent: unknown[] = [];
  readonly errors: Error[] = [];
  /** Class of every element that was brought into view, in order. */
  readonly broughtIntoView: string[] = [];
  private readonly window: Window;
  private revision = 0;

  constructor(
    private readonly name: PageName,
    /** What the page remembered before it was loaded again. */
    public memory: unknown = undefined,
  ) {
    const virtualConsole = new VirtualConsole().on("jsdomError", (error) => this.errors.push(error));
    const dom = new JSDOM("<!DOCTYPE html><html lang=en><head></head><body><p id=loading></p></body></html>", {
      runScripts: "outside-only",
      pretendToBeVisual: true,
      virtualConsole,
    });
    this.window = dom.window as Window;
    this.window.acquireVsCodeApi = () => ({
      // The editor hands on copies.
      postMessage: (message: unknown) => this.sent.push(copy(message)),
      getState: () => this.memory,
      setState: (state: unknown) => (this.memory = copy(state)),
    });
    const { broughtIntoView } = this;
    this.window.Element.prototype.scrollIntoView = function () {
      broughtIntoView.push(this.getAttribute("class") ?? "");
    };
    this.window.eval(bundleOf(name));
  }

  get document(): Window["document"] {
    return this.window.document;
  }

  /** Posts a snapshot and waits until it is on the page. */
  async show(state: unknown): Promise<void> {
    this.post({
      type: MESSAGES[this.name],
      version: PROTOCOL_VERSION,
      revision: ++this.revision,
      state,
    });
    await this.painted();
  }

  post(message: unknown): void {
    this.window.dispatchEvent(new this.window.MessageEvent("message", { data: message }));
  }

  /** Longer than the shortest time between two repaints. */
  painted(): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, 130));
  }

  all(selector: string): Element[] {
    return [...this.document.querySelectorAll(selector)];
  }

  /**
   * Buttons that stand out, below `selector`. By what they are told and not by their attribute, which their library sets a frame
   * later.
   */
  primary(selector = "main"): Element[] {
    return this.all(`${selector} vscode-button`).filter(({ appearance }) => appearance === "primary");
  }

  /** @throws when there is not exactly one */
  one(selector: string): Element {
    const found = this.all(selector);
    if (found.length !== 1) throw new Error(`${found.length} elements for ${selector}`);
    return found[0] as Element;
  }

  text(selector = "main"): string {
    return this.all(selector)
      .map(({ textContent }) => textContent)
      .join("\n");
  }

  press(key: string, init: object = {}): void {
    this.document.activeElement?.dispatchEvent(
      new this.window.KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...init }),
    );
  }

  /** Types into a box, or chooses from a list. */
  fillIn(selector: string, value: string): void {
    const box = this.one(selector);
    box.value = value;
    for (const type of ["input", "change"]) box.dispatchEvent(new this.window.Event(type, { bubbles: true }));
    box.focus();
  }

  scroll(selector: string, top: number): void {
    const element = this.one(selector);
    element.scrollTop = top;
    element.dispatchEvent(new this.window.Event("scroll"));
  }

  /** Something is dropped on it: texts by their kind, or a file from outside the editor. */
  drop(texts: Dropped, file?: { readonly name: string; readonly bytes: Uint8Array; readonly size?: number }): void {
    const files = file && {
      name: file.name,
      size: file.size ?? file.bytes.length,
      arrayBuffer: () => Promise.resolve(file.bytes.slice().buffer),
    };
    const dataTransfer = {
      types: [...Object.keys(texts), ...(files ? ["Files"] : [])],
      getData: (type: string) => texts[type] ?? "",
      files: files ? [files] : [],
    };
    for (const type of ["dragover", "drop"]) {
      const event = new this.window.Event(type, { bubbles: true, cancelable: true });
      this.document.body.dispatchEvent(Object.assign(event as object, { dataTransfer }));
    }
  }

  /** The page gets the focus from another part of the window. */
  takeFocus(): void {
    this.window.dispatchEvent(new this.window.Event("focus"));
  }

  /** @param heard told the frequency of each tone, in hertz, as text: there is no sound in this document */
  listen(heard: (tone: string) => void): void {
    const knob = { value: 0, setValueAtTime: () => undefined, linearRampToValueAtTime: () => undefined };
    const part = { connect: (to: unknown) => to, gain: knob };
    this.window.AudioContext = class {
      readonly currentTime = 0;
      readonly destination = {};
      resume = (): Promise<void> => Promise.resolve();
      createGain = (): object => ({ ...part });
      createOscillator = (): object => {
        const frequency = { value: 0 };
        return { ...part, frequency, start: () => heard(String(frequency.value)), stop: () => undefined };
      };
    };
  }

  close(): void {
    this.window.close();
  }
}
