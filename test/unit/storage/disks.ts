/** Both file systems that storage works over, each on a disk that is not to be trusted. */
import { NodeDisk } from "./disk";
import { EditorDisk } from "./editorDisk";
import type { UntrustedDisk } from "./untrustedDisk";

/** The same tests on each. */
export function onEveryDisk(what: string, tests: (make: () => UntrustedDisk) => void): void {
  describe(`${what}, on Node's file system`, () => tests(() => new NodeDisk()));
  describe(`${what}, on the editor's file system`, () => tests(() => new EditorDisk()));
}
