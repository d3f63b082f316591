/** What `unpacked.mjs` has for tests written in TypeScript. */
export function unpackExtension(to: string): readonly string[];
