/** What the rules say of a YAML: plain data, with the edits that would put it right. Offsets are characters of the text. */
import { words, type Words } from "../core/index";
import type { Place, WrittenPlace, YamlScalar } from "./yamlFile";

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
  | "chip-calibration"
  | "value-unknown"
  | "package-unknown";

/** In the text itself, or in a file that it takes in. */
export interface Edit extends WrittenPlace {
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
  /** The file that it is written in, where that is not the text itself. */
  readonly file?: string | undefined;
}

/** The text with the first fix of every diagnostic, as far as it is in the text itself; of edits that touch each other the earlier one counts. */
export function applyFixes(text: string, diagnostics: readonly YamlDiagnostic[]): string {
  const edits = diagnostics
    .flatMap(({ fixes }) => fixes[0]?.edits ?? [])
    .filter(({ file }) => file === undefined)
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

/** A fix that writes another value. */
export function writeFix(written: WrittenPlace, text: string): Fix {
  const { start, end, file } = written;
  return { title: words`Write ${text}`, edits: [{ start, end, file, text }] };
}

/** Where a diagnostic about a value stands, and the file that the value is in. */
export function placeOf({ start, end, written }: YamlScalar): Pick<YamlDiagnostic, "start" | "end" | "file"> {
  return { start, end, file: written.file };
}
