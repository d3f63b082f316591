/** What the tests use of jsdom: its own types would bring the browser's into every file of ours. */
declare module "jsdom" {
  export class VirtualConsole {
    on(event: "jsdomError", listener: (error: Error) => void): this;
  }
  export class JSDOM {
    constructor(
      html: string,
      options: {
        readonly runScripts: "outside-only";
        readonly pretendToBeVisual: boolean;
        readonly virtualConsole: VirtualConsole;
      },
    );
    readonly window: unknown;
  }
}
