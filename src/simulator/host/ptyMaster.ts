/**
 * The simulator's end of a pseudo-terminal: non-blocking reads and writes, the host's rate, and whether a host has the other
 * end open. Knows neither chip nor protocol. Linux and macOS.
 *
 * node-pty's own terminal objects read both ends, and so would take bytes from the host: only its native openpty is used.
 * Readiness, rates and raw mode come from the serial driver's bindings.
 */
import { FlasherError } from "../../core/base/errors";

export interface PtyEvents {
  /** Bytes the host wrote, in order. */
  onBytes(bytes: Uint8Array): void;
  /** The host opened or closed its end. Only Linux tells; elsewhere a host is taken to be there all the time. */
  onPresence(present: boolean): void;
}

/** How often a pty without a host is looked at. Linux reports the opening of the other end only to those who ask. */
const LOOK_EVERY_MS = 10;
const READ_SIZE = 0x10000;
/** Bytes held for a host that does not read; beyond it they overrun, as they would in a real adapter, only much later. */
const HOLD_BYTES = 0x1000000;
const READABLE = 1;
const WRITABLE = 2;

interface NativePty {
  readonly master: number;
  readonly slave: number;
  readonly pty: string;
}

type FileSystem = typeof import("node:fs");
type Bindings = typeof import("@serialport/bindings-cpp");
type LinuxPort = InstanceType<Bindings["LinuxPortBinding"]>;
type DarwinPort = InstanceType<Bindings["DarwinPortBinding"]>;
type Port = LinuxPort | DarwinPort;

/** What is used of a binding; its own types lean on a package that publishes none in a form TypeScript finds here. */
interface Binding<P> {
  open(options: { path: string; baudRate: number; lock: boolean; hupcl: boolean }): Promise<P>;
}

/** Opens a pty in raw mode. Throws `command-unsupported` where the platform has none or the optional package is missing. */
export async function openPtyMaster(events: PtyEvents): Promise<PtyMaster> {
  const doing = "open a pseudo-terminal for the simulated chip";
  const { platform } = process;
  if (platform !== "linux" && platform !== "darwin") {
    throw new FlasherError("command-unsupported", doing, { detail: `${platform} has no pseudo-terminals; use TCP` });
  }
  const fs = await import("node:fs");
  let bindings: Bindings;
  let opened: NativePty;
  try {
    bindings = await import("@serialport/bindings-cpp");
    opened = await openNative();
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new FlasherError("command-unsupported", doing, { detail }, { cause });
  }
  const { master, slave, pty: path } = opened;
  let port: Port;
  try {
    port = await rawPort(bindings, master, path);
  } catch (cause) {
    fs.closeSync(master);
    fs.closeSync(slave);
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new FlasherError("command-unsupported", doing, { detail }, { cause });
  }
  if (platform === "darwin") return new PtyMaster(path, fs, master, port, slave, events);
  // With our own copy closed, reading fails exactly while no host has its end open.
  fs.closeSync(slave);
  return new PtyMaster(path, fs, master, port, undefined, events);
}

/**
 * Opening the host's end as a serial port once leaves it raw: no echo, no translation, every byte value passes. Without a
 * lock, or the host would find the port busy.
 */
async function rawPort(bindings: Bindings, master: number, path: string): Promise<Port> {
  const options = { path, baudRate: 115_200, lock: false, hupcl: false };
  if (process.platform === "darwin") {
    const hostEnd = await (bindings.DarwinBinding as Binding<DarwinPort>).open(options);
    await hostEnd.close();
    return new bindings.DarwinPortBinding(master, hostEnd.openOptions);
  }
  const hostEnd = await (bindings.LinuxBinding as Binding<LinuxPort>).open(options);
  await hostEnd.close();
  return new bindings.LinuxPortBinding(master, hostEnd.openOptions);
}

async function openNative(): Promise<NativePty> {
  const { requireBinary } = await import("@lydell/node-pty/requireBinary.js");
  const native = requireBinary("pty.node") as { open(cols: number, rows: number): NativePty };
  return native.open(80, 24);
}

export class PtyMaster {
  readonly #buffer = Buffer.allocUnsafe(READ_SIZE);
  #out: Uint8Array[] = [];
  #outBytes = 0;
  #present = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #open = true;
  #closing: Promise<void> | undefined;

  constructor(
    /** Where the host finds its end. */
    readonly path: string,
    private readonly fs: FileSystem,
    private readonly fd: number,
    private readonly port: Port,
    private readonly slave: number | undefined,
    private readonly events: PtyEvents,
  ) {
    // Both events also report errors and hang-ups; reading tells which.
    port.poller.on("readable", () => this.#read());
    port.poller.on("writable", () => this.#flush());
    // Later, so that nothing is reported before the caller has its hands on this.
    this.#timer = setTimeout(() => this.#read(), 0);
  }

  /**
   * The rate the host has set, in baud: the line settings belong to the pair, so they are read from this end, custom rates
   * included. Undefined where the platform does not tell (macOS).
   */
  async hostBaud(): Promise<number | undefined> {
    if (process.platform !== "linux" || !this.#open) return undefined;
    try {
      return (await this.port.getBaudRate()).baudRate;
    } catch {
      return undefined;
    }
  }

  /** Hands bytes to the host (not copied); nothing is lost while it reads slowly, everything while it is away. */
  write(bytes: Uint8Array): void {
    if (!this.#present || !this.#open || bytes.length === 0) return;
    if (this.#outBytes + bytes.length > HOLD_BYTES) return;
    this.#out.push(bytes);
    this.#outBytes += bytes.length;
    if (this.#out.length === 1) this.#flush();
  }

  /** The host's end hangs up. Safe to call twice. */
  close(): Promise<void> {
    this.#closing ??= this.#release();
    return this.#closing;
  }

  async #release(): Promise<void> {
    // First of all: closing the port fires both of its events, and a poller polled once more afterwards takes the process down.
    this.#open = false;
    clearTimeout(this.#timer);
    this.#drop();
    if (this.slave !== undefined) this.fs.closeSync(this.slave);
    await this.port.close();
    if (this.#present) this.events.onPresence(false);
  }

  /** One read per event, so that a busy host cannot keep everything else waiting. */
  #read(): void {
    if (!this.#open) return;
    let length: number;
    try {
      length = this.fs.readSync(this.fd, this.#buffer, 0, READ_SIZE, null);
    } catch (error) {
      const nothingYet = error instanceof Error && "code" in error && error.code === "EAGAIN";
      this.#became(nothingYet);
      return;
    }
    this.#became(length > 0);
    if (length > 0) this.events.onBytes(Uint8Array.from(this.#buffer.subarray(0, length)));
  }

  #became(present: boolean): void {
    if (present !== this.#present) {
      this.#present = present;
      if (!present) this.#drop();
      this.events.onPresence(present);
    }
    if (present) {
      this.#arm();
      return;
    }
    // A hung-up terminal is always "ready": the poller must rest until a program opens it.
    this.port.poller.poll(0);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#read(), LOOK_EVERY_MS);
  }

  #flush(): void {
    if (!this.#open || !this.#present) return;
    try {
      for (let head = this.#out[0]; head !== undefined; head = this.#out[0]) {
        const written = this.fs.writeSync(this.fd, head);
        this.#outBytes -= written;
        if (written < head.length) {
          this.#out[0] = head.subarray(written);
          break;
        }
        this.#out.shift();
      }
    } catch (error) {
      // Full: the rest goes when there is room. Anything else means that the host is gone, which the next read finds out.
      if (!(error instanceof Error && "code" in error && error.code === "EAGAIN")) this.#drop();
    }
    this.#arm();
  }

  /** Readiness is asked for anew after every event; reading must go on while writing waits for room. */
  #arm(): void {
    this.port.poller.poll(this.#out.length > 0 ? READABLE | WRITABLE : READABLE);
  }

  #drop(): void {
    this.#out = [];
    this.#outBytes = 0;
  }
}
