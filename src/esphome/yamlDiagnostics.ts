/** What the rules say of a YAML: plain data, with the edits that would put it right. Offsets are characters of the text. */
import type { Words } from "../core/index";
import type { Place } from "./yamlTree";

export type DiagnosticCode =
  | "value-changes"
  | "value-boolean"
  | "value-missing"
  | "key-not-hex"
  | "key-empty"
  | "size-not-hex"
  | "partition-form"
  | "partition-in-boot-code"
  | "partition-past-end"
  | "partition-overlap"
  | "ota-key-length"
  | "board-unknown"
  | "board-family"
  | "board-key"
  | "block-renamed"
  | "pin-not-on-board"
  | "pin-for-flashing"
  | "chip-key"
  | "chip-board"
  | "chip-calibration";

export interface Edit extends Place {
  readonly text: string;
}

export interface Fix {
  readonly title: Words;
  readonly edits: readonly Edit[];
}

export interface YamlDiagnostic extends Place {
  readonly code: DiagnosticCode;
  readonly severity: "error" | "warning" | "information";
  readonly words: Words;
  readonly fixes: readonly Fix[];
}

/** The text with the first fix of every diagnostic; of edits that touch each other the earlier one counts. */
export function applyFixes(text: string, diagnostics: readonly YamlDiagnostic[]): string {
  const edits = diagnostics
    .flatMap(({ fixes }) => fixes[0]?.edits ?? [])
    .sort((a, b) => a.start - b.start || a.end - b.end);
  let at = 0;
  let fixed = "";
  for (const { start, end, text: replacement } of edits) {
    if (start < at) continue;
    fixed += text.slice(at, start) + replacement;
    at = end;
  }
  return fixed + text.slice(at);
}
