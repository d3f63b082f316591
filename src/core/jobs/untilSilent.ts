/** Waiting for somebody to cut the power of a chip that answers all the time. Sends link checks only, and tells when to give up. */
import type { BootLink } from "../beken/protocol/link";
import { OperationError } from "../base/errors";
import { TIMING, type Clock } from "../base/timing";
import { words } from "../base/words";
import type { JobEvent } from "./events";

/**
 * Until it has missed one check: then it is without power, or in reset.
 * @throws OperationError `flash-protected` when it never does
 */
export async function* untilSilent(
  link: BootLink,
  clock: Clock,
  limitMs: number,
  signal: AbortSignal,
): AsyncGenerator<JobEvent, void, void> {
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
