/**
 * The one file that knows the component library: it registers the components, types their elements, and builds them for
 * the views. Its upstream is archived; replacing it means rewriting this file and the block "Controls" of styles.css,
 * nothing else.
 */
import { provideVSCodeDesignSystem, vsCodeButton, vsCodeProgressRing } from "@vscode/webview-ui-toolkit";
import type { VNode } from "preact";

/** What views may give the library's elements; anything else does not compile. */
declare module "preact" {
  namespace JSX {
    interface IntrinsicElements {
      "vscode-button": {
        readonly key: string;
        readonly class: string | undefined;
        readonly "data-action": string;
        readonly appearance: "primary" | "secondary";
        readonly onClick: () => void;
        readonly children: string;
      };
      "vscode-progress-ring": { readonly "aria-hidden": "true" };
    }
  }
}

export function registerControls(): void {
  provideVSCodeDesignSystem().register(vsCodeButton(), vsCodeProgressRing());
}

export interface ButtonProps {
  readonly label: string;
  readonly press: () => void;
  readonly primary?: boolean;
  /** What is on the chip is erased by it: marked, so that it is not pressed like any other. */
  readonly erases?: boolean;
  /** Stable name for tests; another name is another button, which does not take over the focus. */
  readonly id: string;
}

export function Button({ label, press, primary = false, erases = false, id }: ButtonProps): VNode {
  return (
    <vscode-button
      key={`button-${id}`}
      class={erases ? "erases" : undefined}
      data-action={id}
      appearance={primary ? "primary" : "secondary"}
      onClick={() => press()}
    >
      {label}
    </vscode-button>
  );
}

// The library's own badge and tag set style attributes, which the content policy forbids.

/** A count. */
export function Badge({ text }: { readonly text: string }): VNode {
  return <span class="badge">{text}</span>;
}

export interface TagProps {
  readonly text: string;
  readonly tone?: "neutral" | "good" | "bad" | "warn";
}

/** A word set apart: a status, a marker. `tone` colours it; the word alone carries the meaning. */
export function Tag({ text, tone = "neutral" }: TagProps): VNode {
  return <span class={`tag tone-${tone}`}>{text}</span>;
}

/** Turns while something is awaited; what is awaited stands next to it in words. */
export function ProgressRing(): VNode {
  return <vscode-progress-ring aria-hidden="true" />;
}
