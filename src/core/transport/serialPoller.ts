/**
 * Mends two things of the serial driver's readiness poller on Linux and macOS (`@serialport/bindings-cpp`), in the very version that
 * they were found in; any other is left as it is.
 *
 * | | write that stalls | read that asks twice |
 * |---|---|---|
 * | symptom | a write longer than the system's buffer stops half way until the device sends something | two trips through a thread for each piece that arrives |
 * | cause | `poll(events)` hands libuv only what is asked for now, and `uv_poll_start` replaces what was awaited before: a read that begins to wait makes the poller forget the write | after a read that took all there was, the driver reads again at once, is told EAGAIN, and only then waits |
 * | upstream | https://github.com/serialport/bindings-cpp/blob/main/src/poller.cpp (`Poller::poll`) and `lib/poller.ts` | https://github.com/serialport/bindings-cpp/blob/main/lib/unix-read.ts |
 * | harmless | each request names all events that have a listener; a flag too many costs one wake-up, which has none | a port that has bytes is readable at once, so waiting first costs nothing |
 *
 * `test/unit/transport/serialPoller.test.ts` holds the fault and the mending against the driver that is installed: it fails when
 * another version is, so that a maintainer looks whether this is needed still.
 */
import { dependencies } from "../../../package.json";

/** What this was written for. The manifest names the driver's version exactly, so it is also the one that runs. */
export const MENDED_DRIVER = "13.0.0";
const INSTALLED: string = dependencies["@serialport/bindings-cpp"];

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

/** @param binding the driver's open port; one without a poller is left alone, as on Windows */
export function mendPoller(binding: object | undefined, driver = INSTALLED): void {
  if (driver !== MENDED_DRIVER || !hasPoller(binding)) return;
  pollForBoth(binding.poller);
  waitBeforeReading(binding);
}

function pollForBoth(poller: Poller): void {
  const poll = poller.poll.bind(poller);
  poller.poll = (flags = 0) => {
    const reading = poller.listenerCount("readable") > 0 ? READABLE : 0;
    const writing = poller.listenerCount("writable") > 0 ? WRITABLE : 0;
    poll(flags | reading | writing);
  };
}

function waitBeforeReading(binding: OpenPort): void {
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
  return (
    binding !== undefined &&
    "read" in binding &&
    "poller" in binding &&
    typeof (binding.poller as Partial<Poller> | undefined)?.poll === "function"
  );
}
