/** What `browserFlags.mjs` has for tests written in TypeScript. */
export type ThemeName = "light" | "dark" | "hc-black" | "hc-light";
export const BROWSER_FLAGS: string[];
export const THEMES: Readonly<Record<ThemeName, string>>;
