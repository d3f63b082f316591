/** What `browser.mjs` has for tests written in TypeScript. */
export function findChromium(): Promise<string>;
