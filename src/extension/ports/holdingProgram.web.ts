/** A browser tells of no programs, and ends none. */
export const IS_TOLD = true;

export function programHolding(): Promise<undefined> {
  return Promise.resolve(undefined);
}

export function hasPrograms(): Promise<boolean> {
  return Promise.resolve(true);
}

export function isOpenHere(): Promise<boolean> {
  return Promise.resolve(false);
}

export function endProgram(): void {
  return undefined;
}
