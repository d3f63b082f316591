/** Whether a linked chip answers, and until when: for what can be done only over a link in order, or only without one. */
import type { BootLink } from "../protocol/link";
import { OperationError, isFlasherError } from "../../base/errors";
import { TIMING, type Clock } from "../../base/timing";
import { words } from "../../base/words";
import type { Steps } from "../../driver/driverEvents";

/** Silence and "unknown command" both mean that the chip has no such command. */
export async function askOrSilence<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (
      isFlasherError(error) &&
      (error.code === "reply-timeout" || error.code === "command-unsupported" || error.code === "chip-status")
    ) {
      return undefined;
    }
    throw error;
  }
}

/**
 * Waits until a person cuts the power of a chip that answers all the time, which shows by one missed link check.
 * @throws OperationError `flash-protected` when it never does
 */
export async function* untilSilent(link: BootLink, clock: Clock, limitMs: number, signal: AbortSignal): Steps<void> {
  const started = clock.now();
  let told = -Infinity;
  link.forgetEvidence();
  while (await link.isLinked(signal)) {
    const elapsedMs = clock.now() - started;
    if (elapsedMs >= limitMs) {
      throw new OperationError("flash-protected", words`reset the chip`, {
        detail: words`a checksum has locked its flash, and it went on answering without a power cycle`,
      });
    }
    if (elapsedMs - told < TIMING.linkingToldEveryMs) continue;
    told = elapsedMs;
    yield { type: "linking", elapsedMs, limitMs, wire: "silence", bytesSeen: 0, needsPerson: true };
  }
}
