/**
 * Waits and sizes that belong to operating systems, drivers and sockets, not to the chip's protocol: how long opening,
 * writing, draining and closing may take, how much is held for a reader. Knows nothing of frames or chips.
 */
import { wireTimeMs } from "../base/timing";

/** Milliseconds, unless a name says otherwise. */
export const TRANSPORT_LIMITS = {
  /** Opening a device: Bluetooth and some virtual ports need seconds; beyond this the driver hangs. */
  openMs: 10_000,
  /** Reaching a host by TCP, name look-up included. */
  connectMs: 8_000,
  /** One of several addresses of a name may be dead: the next one is tried after so long, well above what a slow link needs. */
  connectEachMs: 2_000,
  /** An RFC 2217 server's word that it is one, and its echo of a setting. */
  negotiateMs: 3_000,
  /** An idle TCP connection is probed this often; without it a bridge that lost power is never noticed. */
  keepAliveMs: 5_000,
  /** A driver that takes nothing for this long, on top of twice the wire time of what it holds, is stuck; an unplugged adapter is noticed otherwise, and a starved machine is no unplugged cable. */
  writeGraceMs: 8_000,
  /** Setting a rate or control lines: one control transfer on USB. */
  controlMs: 3_000,
  /** A bridge that is told to reset its chip answers within a second or two; Wi-Fi takes its time. */
  bridgeCommandMs: 5_000,
  closeMs: 3_000,
  /** Added before a rate change: adapters report "drained" slightly before their last stop bit. */
  drainMarginMs: 2,
  /** Bytes an adapter may still hold in its own FIFO when the driver says everything is out. */
  adapterFifoBytes: 512,
  /** While nothing is received: how often a serial port is asked whether it is still there. */
  healthCheckEveryMs: 300,
  /** Bytes held for a reader before the source is paused, and the level at which it goes on. */
  holdHighBytes: 0x40000,
  holdLowBytes: 0x10000,
} as const;

/** Deadline in ms for a driver to accept what is outstanding, in bytes, at `baud`. */
export function writeDeadlineMs(outstanding: number, baud: number): number {
  return TRANSPORT_LIMITS.writeGraceMs + 2 * wireTimeMs(outstanding, baud);
}
