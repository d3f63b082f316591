/** The one part of node-pty used here has no types of its own: its loader of native code. */
declare module "@lydell/node-pty/requireBinary.js" {
  /** Loads a native module of this platform's binary package. Throws where there is none. */
  export function requireBinary(file: string): unknown;
}
