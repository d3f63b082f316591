/** Whether this machine has pseudo-terminals: not on Windows, not in every container, and not without the optional package that opens them. */
import { closeSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

interface NativePty {
  open(columns: number, rows: number): { readonly master: number; readonly slave: number };
}

function probe(): boolean {
  if (process.platform !== "linux" && process.platform !== "darwin") return false;
  try {
    const load = createRequire(join(process.cwd(), "package.json"));
    const native = load("@lydell/node-pty/requireBinary.js") as { requireBinary(file: string): NativePty };
    const { master, slave } = native.requireBinary("pty.node").open(80, 24);
    closeSync(master);
    closeSync(slave);
    return true;
  } catch {
    return false;
  }
}

export const hasPtys = probe();
