/** What `unpacked.mjs` has for tests written in TypeScript. */
export function unpackExtension(to: string): readonly string[];
export function unpackForBrowser(to: string): void;
