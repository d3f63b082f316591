/**
 * The one file that knows the component library: it registers the components, and builds them for the views. Its upstream
 * is archived; replacing it means rewriting this file and the block "Controls" of styles.css, nothing else.
 */
import { provideVSCodeDesignSystem, vsCodeButton, vsCodeDivider, vsCodeProgressRing } from "@vscode/webview-ui-toolkit";
import { h, type ElementNode } from "./dom";

export function registerControls(): void {
  provideVSCodeDesignSystem().register(vsCodeButton(), vsCodeDivider(), vsCodeProgressRing());
}

export interface ButtonOptions {
  readonly label: string;
  readonly press: () => void;
  readonly primary?: boolean;
  readonly disabled?: boolean;
  /** What the button acts on, where its label alone does not tell. */
  readonly describedBy?: string;
  /** Stable name for tests and for matching through repaints. */
  readonly id: string;
}

export function button({
  label,
  press,
  primary = false,
  disabled = false,
  describedBy,
  id,
}: ButtonOptions): ElementNode {
  return h(
    "vscode-button",
    {
      key: `button-${id}`,
      "data-action": id,
      appearance: primary ? "primary" : "secondary",
      disabled,
      "aria-describedby": describedBy,
      on: { click: () => (disabled ? undefined : press()) },
    },
    label,
  );
}

// The library's own badge and tag set style attributes, which the content policy forbids.

/** A count. */
export function badge(text: string): ElementNode {
  return h("span", { class: "badge" }, text);
}

/** A word set apart: a status, a marker. `tone` colours it; the word alone carries the meaning. */
export function tag(text: string, tone: "neutral" | "good" | "bad" | "warn" = "neutral"): ElementNode {
  return h("span", { class: `tag tone-${tone}` }, text);
}

export function divider(): ElementNode {
  return h("vscode-divider", { role: "separator" });
}

/** Turns while something is awaited; what is awaited stands next to it in words. */
export function progressRing(): ElementNode {
  return h("vscode-progress-ring", { "aria-hidden": "true" });
}
