/**
 * Serves a simulated chip on a pseudo-terminal, which hosts open like any serial port. Knows the chip only by its UART;
 * the terminal itself is `ptyMaster.ts`.
 */
import { towardsHost } from "./hostLine";
import { type PtyMaster, openPtyMaster } from "./ptyMaster";
import type { ChipUart } from "../uart/chipUart";

export interface PtyServer {
  /** What the host opens, such as `/dev/pts/3`. */
  readonly port: string;
  /** Ends serving; a host still there sees its port hang up. Safe to call twice. */
  close(): Promise<void>;
  /** As if the adapter were pulled out: the host's port hangs up and its name is gone. */
  unplug(): Promise<void>;
}

type Happening =
  | { readonly kind: "host"; readonly bytes: Uint8Array }
  | { readonly kind: "chip"; readonly bytes: Uint8Array; readonly baud: number }
  | { readonly kind: "presence"; readonly present: boolean };

/** Throws FlasherError `command-unsupported` where the platform has no pseudo-terminals. */
export async function serveOnPty(chip: ChipUart): Promise<PtyServer> {
  const happenings: Happening[] = [];
  let pumping = false;
  const add = (happening: Happening): void => {
    happenings.push(happening);
    if (!pumping) void pump().catch(failed);
  };
  const master: PtyMaster = await openPtyMaster({
    onBytes: (bytes) => add({ kind: "host", bytes }),
    onPresence: (present) => add({ kind: "presence", present }),
  });

  /**
   * Everything goes through one queue, in order, with the rate asked for once per batch. A host changes its rate only after
   * its bytes are out, and they are read within the same turn of the event loop: the rate found then is the one they had.
   */
  const pump = async (): Promise<void> => {
    pumping = true;
    try {
      while (happenings.length > 0) {
        const batch = happenings.splice(0);
        const hostBaud = await master.hostBaud();
        for (const happening of batch) {
          if (happening.kind === "host") chip.hostSends(happening.bytes, hostBaud);
          else if (happening.kind === "presence") chip.hostPresent(happening.present);
          else master.write(towardsHost(happening.bytes, happening.baud, hostBaud));
        }
      }
    } finally {
      pumping = false;
    }
  };

  /** What a chip throws is not caught here: it ends where all uncaught errors do, as behind a TCP port. What comes next is served. */
  const failed = (error: unknown): void => {
    setImmediate(() => {
      throw error;
    });
  };

  // A copy: the chip may reuse its buffer before the rate is known.
  chip.onTransmit((bytes, baud) => add({ kind: "chip", bytes: Uint8Array.from(bytes), baud }));
  const close = (): Promise<void> => master.close();
  return { port: master.path, close, unplug: close };
}
