// What `npm test -- WORD...` chooses. Pure: knows names, runs nothing.

/** Checks that are no suites of tests. */
export const CHECKS = ["types", "webview-types", "lint", "format", "unused", "campaign"];

/** Suites, which are folders of test files: run in this process's own Node, and in editors of their own. */
export const NODE_SUITES = ["component", "unit", "package"];
export const EDITOR_SUITES = ["host", "e2e"];

/**
 * Words are names of suites and checks, or parts of test files' paths. Suites and checks that are named run; other words
 * narrow the suites that are named, or all of them, to the files whose path has any of these words. No words: everything.
 * @param {readonly string[]} words
 * @param {{ checks: readonly string[], files: Record<string, readonly string[]> }} all the checks there are, and test files by suite
 * @returns the checks and, for each suite, the files to run; or the first word that fits nothing
 */
export function readSelection(words, all) {
  if (words.length === 0) return { checks: all.checks, files: all.files };
  const suites = Object.keys(all.files);
  const named = words.filter((word) => suites.includes(word));
  const checks = all.checks.filter((check) => words.includes(check));
  const parts = words.filter((word) => !named.includes(word) && !checks.includes(word));
  const among = named.length > 0 ? named : parts.length > 0 ? suites : [];
  const fits = (file, part) => file.replaceAll("\\", "/").includes(part);
  const unknown = parts.find((part) => !among.some((suite) => all.files[suite].some((file) => fits(file, part))));
  if (unknown !== undefined) return { unknown, checks: [], files: {} };
  const chosen = (suite) =>
    among.includes(suite)
      ? all.files[suite].filter((file) => parts.length === 0 || parts.some((part) => fits(file, part)))
      : [];
  return { checks, files: Object.fromEntries(suites.map((suite) => [suite, chosen(suite)])) };
}
