/** In a browser's worker no program can be run. */
export function toolFor(): Promise<string | undefined> {
  return Promise.resolve(undefined);
}
