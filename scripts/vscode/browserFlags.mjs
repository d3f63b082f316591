// How the browser is started for tests and tries, and the themes they look at. Plain data.

/** No sandbox inside containers; nothing that phones home or needs a graphics card. */
export const BROWSER_FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** The names VS Code's settings have for them. */
export const THEMES = {
  light: "Default Light Modern",
  dark: "Default Dark Modern",
  "hc-black": "Default High Contrast",
  "hc-light": "Default High Contrast Light",
};
