/** Opens whatever a port reference names. Knows the transports there are, nothing of how they work. */
import { openRfc2217 } from "./rfc2217";
import { openSerial } from "./serial";
import { openTcp } from "./tcp";
import type { TransportFactory } from "./transport";

/** Throws TransportError with the code of what is wrong with the port, CancelledError on abort. */
export const openTransport: TransportFactory = (ref, options, signal) =>
  ref.kind === "serial"
    ? openSerial(ref.path, options, signal)
    : ref.kind === "tcp"
      ? openTcp(ref, options, signal)
      : openRfc2217(ref, options, signal);
