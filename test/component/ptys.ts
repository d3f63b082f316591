/** What needs a pseudo-terminal is skipped where this machine has none, and counted as skipped. */
import { hasPtys } from "./ptyProbe";

export { hasPtys };
export const describeWithPtys = hasPtys ? describe : describe.skip;
export const itWithPtys = hasPtys ? it : it.skip;
