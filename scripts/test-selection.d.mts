export const CHECKS: readonly string[];
export const NODE_SUITES: readonly string[];
export const EDITOR_SUITES: readonly string[];
export interface Selection {
  readonly unknown?: string;
  readonly checks: readonly string[];
  readonly files: Readonly<Record<string, readonly string[]>>;
}
export function readSelection(
  words: readonly string[],
  all: { readonly checks: readonly string[]; readonly files: Readonly<Record<string, readonly string[]>> },
): Selection;
