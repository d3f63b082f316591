/** What a browser's worker has and Node's types do not name: only what is used of it. */

interface BrowserSerial {
  /** The ports that the person let this origin have. */
  getPorts(): Promise<readonly (import("./webSerial").WebSerialPort & BrowserPortInfo)[]>;
}

interface BrowserPortInfo {
  /** False while it is away; absent in browsers that list only what is there. */
  readonly connected?: boolean;
  getInfo(): { readonly usbVendorId?: number; readonly usbProductId?: number };
}

interface BrowserLocks {
  query(): Promise<{ readonly held?: readonly { readonly name?: string }[] }>;
  request(name: string, hold: () => Promise<unknown>): Promise<unknown>;
}

declare const navigator: {
  readonly userAgent: string;
  /** Absent where the browser has no Web Serial. */
  readonly serial?: BrowserSerial;
  readonly locks: BrowserLocks;
};
