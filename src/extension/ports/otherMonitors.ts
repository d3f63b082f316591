/**
 * Monitors that are not ours and may have the port that is needed: each lets go of it in its own way, and takes it again afterwards.
 * Knows no job.
 */
import { formatPort, type PortRef } from "../../core/index";

/** A kind of them. */
export interface OtherMonitor {
  /**
   * Has it let go of a serial port.
   * @returns how it takes the port back; undefined where it did not have it, or keeps it. Never rejects
   */
  letGo(port: string, signal: AbortSignal): Promise<(() => void) | undefined>;
}

export class OtherMonitors {
  private readonly back = new Set<string>();

  /** @param isTaken by a monitor of ours, which then keeps the port */
  constructor(
    private readonly kinds: readonly OtherMonitor[],
    private readonly isTaken: (portId: string) => boolean,
  ) {}

  /** @returns how the port is given back; undefined where nobody of them had it. Never rejects: a port that is still open is told as busy */
  async letGo(ref: PortRef, signal: AbortSignal): Promise<(() => void) | undefined> {
    if (ref.kind !== "serial") return undefined;
    const id = formatPort(ref);
    this.back.delete(id);
    const takers: (() => void)[] = [];
    for (const kind of this.kinds) {
      const takeBack = await kind.letGo(ref.path, signal);
      if (takeBack !== undefined) takers.push(takeBack);
    }
    if (takers.length === 0) return undefined;
    return () => {
      if (this.isTaken(id)) return;
      this.back.add(id);
      for (const takeBack of takers) takeBack();
    };
  }

  /** Whoever watched a port before the last job on it watches it again. */
  isWatching(portId: string): boolean {
    return this.back.has(portId);
  }
}
