/**
 * Mends a fault of the serial driver's readiness poller (serialport 13 on Linux and macOS). Knows the poller's shape only.
 */

const READABLE = 1;
const WRITABLE = 2;

interface Poller {
  poll(flags?: number): void;
  listenerCount(event: "readable" | "writable"): number;
}

/**
 * The poller forgets that a write waits for room when a read begins to wait for bytes at that moment: the write then stalls
 * until the device happens to send something, which a chip waiting for the rest of a frame never does. From here on every
 * request names everything that is awaited. `binding` is the driver's open port; one without a poller is left alone.
 */
export function pollForBoth(binding: object | undefined): void {
  if (binding === undefined || !("poller" in binding)) return;
  const poller = binding.poller as Poller;
  const poll = poller.poll.bind(poller);
  poller.poll = (flags = 0) => {
    const reading = poller.listenerCount("readable") > 0 ? READABLE : 0;
    const writing = poller.listenerCount("writable") > 0 ? WRITABLE : 0;
    poll(flags | reading | writing);
  };
}
