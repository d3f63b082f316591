/**
 * Names and texts from outside where the editor would read more into them: links and commands in messages, icons in labels,
 * hidden characters everywhere. A name in a workspace is written by whoever wrote the workspace.
 */
import { visible, visibleLines } from "../../core/index";

/** A message or progress of the editor: `[text](command:...)` in it would be a link that runs a command. */
export function messageText(text: string): string {
  return visibleLines(text).replace(/\](?=\()/g, "] ");
}

/** A part of a label, where `$(name)` would be an icon. */
export function labelText(text: string): string {
  return visible(text).replace(/\$(?=\()/g, "\\$");
}

/** A part of Markdown, where every sign could mean something. */
export function markdownText(text: string): string {
  return visible(text).replace(/[\\`*_{}[\]()#+\-.!|<>$~:/@&=^"']/g, "\\$&");
}
