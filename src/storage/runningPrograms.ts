/** Which programs run on this computer, by their process numbers. */
import type { Programs } from "./interrupted";

export const runningPrograms: Programs = {
  own: process.pid,
  isAlive(pid) {
    try {
      process.kill(pid, 0);
      return true;
    } catch (error) {
      return error instanceof Error && "code" in error && error.code === "EPERM";
    }
  },
};
