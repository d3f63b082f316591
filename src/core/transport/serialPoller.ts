/**
 * Mends a fault and a waste of the serial driver around its readiness poller (serialport 13 on Linux and macOS). Knows the
 * shape of the driver's open port only.
 */

const READABLE = 1;
const WRITABLE = 2;

interface Poller {
  poll(flags?: number): void;
  listenerCount(event: "readable" | "writable"): number;
  once(event: "readable", listener: (error: Error | null) => void): void;
}

interface OpenPort {
  readonly poller: Poller;
  read(buffer: Uint8Array, offset: number, length: number): Promise<{ readonly bytesRead: number }>;
}

/**
 * The poller forgets that a write waits for room when a read begins to wait for bytes at that moment: the write then stalls
 * until the device happens to send something, which a chip waiting for the rest of a frame never does. From here on every
 * request names everything that is awaited. `binding` is the driver's open port; one without a poller is left alone.
 */
export function pollForBoth(binding: object | undefined): void {
  if (!hasPoller(binding)) return;
  const { poller } = binding;
  const poll = poller.poll.bind(poller);
  poller.poll = (flags = 0) => {
    const reading = poller.listenerCount("readable") > 0 ? READABLE : 0;
    const writing = poller.listenerCount("writable") > 0 ? WRITABLE : 0;
    poll(flags | reading | writing);
  };
}

/**
 * After a read that took all there was, the driver tries to read at once again, fails, and only then waits for bytes: every
 * piece costs a second trip through a thread. From here on it waits first.
 */
export function waitBeforeReading(binding: object | undefined): void {
  if (!hasPoller(binding)) return;
  const read = binding.read.bind(binding);
  let drained = false;
  binding.read = async (buffer, offset, length) => {
    if (drained) await readable(binding.poller);
    const result = await read(buffer, offset, length);
    drained = result.bytesRead < length;
    return result;
  };
}

function readable(poller: Poller): Promise<void> {
  return new Promise((resolve, reject) => {
    poller.once("readable", (error) => (error ? reject(error) : resolve()));
  });
}

function hasPoller(binding: object | undefined): binding is OpenPort {
  return binding !== undefined && "poller" in binding && "read" in binding;
}
