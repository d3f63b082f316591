/**
 * Serial ports of this machine through the `serialport` package: opening without holding the chip in reset, bytes as they
 * arrive, rate and control lines, and the ports there are. The driver is loaded when first used. Knows nothing of frames.
 */
import type { SerialPort } from "serialport";
import { CancelledError, type FlasherError, type FlasherErrorCode, TransportError } from "../base/errors";
import type { Surrounding } from "../base/remediesAround";
import { systemClock, throwIfAborted, wireTimeMs } from "../base/timing";
import { words, type Words } from "../base/words";
import { type RawPort, comparePorts, describePort } from "./adapters";
import { Connection } from "./connection";
import { TRANSPORT_LIMITS, writeDeadlineMs } from "./limits";
import { lookAround } from "./machineFacts";
import { isExplained, surroundingsOf } from "./portSurroundings";
import { openError, saysGone } from "./serialErrors";
import { mendPoller } from "./serialPoller";
import type { ControlLines, PortInfo, Transport } from "./transport";

type Driver = typeof import("serialport");

async function loadDriver(): Promise<Driver> {
  try {
    return await import("serialport");
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new TransportError("serial-driver-missing", words`load the serial port driver`, { detail }, { cause });
  }
}

/**
 * Opens `path` at 8N1 for this program alone and releases DTR and RTS at once. Throws `port-not-found`, `port-busy`,
 * `port-permission`, `port-invalid`, `serial-driver-missing`, or CancelledError.
 */
export async function openSerial(
  path: string,
  options: { readonly baudRate: number },
  signal: AbortSignal,
): Promise<Transport> {
  try {
    return await open(path, options, signal);
  } catch (error) {
    if (error instanceof TransportError) error.around = await surroundings(error.code, path);
    throw error;
  }
}

/** What of this machine explains that a port, or any, is not there, may not be opened or is in use. Never rejects. */
export async function surroundings(code: FlasherErrorCode, path?: string): Promise<readonly Surrounding[]> {
  if (!isExplained(code)) return [];
  const ports = code === "port-not-found" ? await listPorts().catch(() => []) : [];
  return surroundingsOf(
    code,
    await lookAround(
      path,
      ports.map((port) => port.path),
      code === "port-busy",
    ),
  );
}

async function open(path: string, options: { readonly baudRate: number }, signal: AbortSignal): Promise<Transport> {
  throwIfAborted(signal, words`open ${path}`);
  const { SerialPort } = await loadDriver();
  throwIfAborted(signal, words`open ${path}`);
  const port = new SerialPort({
    path,
    baudRate: options.baudRate,
    autoOpen: false,
    dataBits: 8,
    stopBits: 1,
    parity: "none",
    lock: true,
    // On Windows this also means that DTR is not raised by opening.
    hupcl: false,
    highWaterMark: 0x10000,
  });
  await opened(port, path, signal);
  const binding = port.port as object | undefined;
  mendPoller(binding);
  const transport = new SerialTransport(port, path, options.baudRate);
  await transport.releaseControlLines();
  if (signal.aborted) {
    await transport.close();
    throw new CancelledError(words`open ${path}`);
  }
  return transport;
}

/** Opening cannot be called back: a port that opens after we gave up is closed again. */
function opened(port: SerialPort, path: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    let waiting = true;
    const settle = (): void => {
      waiting = false;
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
    };
    const onAbort = (): void => {
      settle();
      reject(new CancelledError(words`open ${path}`));
    };
    const timer = setTimeout(() => {
      settle();
      const detail = words`the driver did not open it within ${TRANSPORT_LIMITS.openMs} ms`;
      reject(new TransportError("port-busy", words`open ${path}`, { port: path, detail }));
    }, TRANSPORT_LIMITS.openMs);
    signal.addEventListener("abort", onAbort);
    port.open((error) => {
      if (!waiting) {
        if (error === null) port.close(() => undefined);
        return;
      }
      settle();
      if (error === null) resolve();
      else reject(openError(error, path, process.platform));
    });
  });
}

class SerialTransport implements Transport {
  readonly #line: Connection;
  #controlLines = false;
  /** Bytes the driver has not yet confirmed. */
  #outstanding = 0;
  /** When, by {@link systemClock}, everything written so far has left at the rate it was written at. */
  #wireFreeAt = 0;
  #checkedAt = 0;
  #seemedGone = false;
  #closing: Promise<void> | undefined;

  constructor(
    private readonly port: SerialPort,
    readonly label: string,
    private baudRate: number,
  ) {
    this.#line = new Connection(label, { flow: { pause: () => void port.pause(), resume: () => void port.resume() } });
    // Listeners stay for the life of the port: an error event without one would end the process.
    port.on("error", (error: Error) => this.#line.end(error.message, error));
    port.on("close", (error?: Error | null) =>
      this.#line.end(error?.message ?? words`the device went away`, error ?? undefined),
    );
    port.on("data", (bytes: Buffer) => {
      this.#line.input.push(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length));
    });
  }

  get can(): Transport["can"] {
    return { baudRate: true, controlLines: this.#controlLines, raisesLines: this.#controlLines };
  }

  /** Lets go of both lines; learns on the way whether there are any (pseudo-terminals and some adapters have none). */
  async releaseControlLines(): Promise<void> {
    this.#controlLines = true;
    try {
      await this.setControlLines({ dtr: false, rts: false });
    } catch (error) {
      // A port that vanished right now says so at the first read or write.
      if (!(error instanceof TransportError)) throw error;
    }
  }

  /**
   * A device that hung up can answer "no data" for ever instead of failing, so while nothing comes it is asked now and then
   * whether it is still there.
   */
  async read(timeoutMs: number, signal: AbortSignal): Promise<Uint8Array> {
    for (let left = timeoutMs; ; left -= TRANSPORT_LIMITS.healthCheckEveryMs) {
      const bytes = await this.#line.input.read(Math.min(left, TRANSPORT_LIMITS.healthCheckEveryMs), signal);
      if (bytes.length > 0) return bytes;
      this.#checkHealth();
      if (left <= TRANSPORT_LIMITS.healthCheckEveryMs) return bytes;
    }
  }

  /** Not awaited: a device found gone ends the read or write under way, or the next. One failure may be a hiccup. */
  #checkHealth(): void {
    const now = systemClock.now();
    if (now - this.#checkedAt < TRANSPORT_LIMITS.healthCheckEveryMs || !this.port.isOpen) return;
    this.#checkedAt = now;
    this.port.get((error: Error | null) => {
      const gone = error !== null && saysGone(error);
      if (gone && this.#seemedGone) this.#line.end(error.message, error);
      this.#seemedGone = gone;
    });
  }

  async write(bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    if (bytes.length === 0) return;
    const { length } = bytes;
    this.#outstanding += length;
    this.#wireFreeAt = Math.max(systemClock.now(), this.#wireFreeAt) + wireTimeMs(length, this.baudRate);
    const confirm = (): void => {
      this.#outstanding -= length;
    };
    await this.#line.call(
      words`write ${length} bytes to ${this.label}`,
      (done) => {
        // A copy: after an abort the driver may still be sending while the caller reuses its array.
        this.port.write(Buffer.from(bytes), (error) => {
          confirm();
          done(error);
        });
      },
      { signal, deadlineMs: writeDeadlineMs(this.#outstanding, this.baudRate) },
    );
  }

  async setBaudRate(baud: number): Promise<void> {
    const doing = words`set ${this.label} to ${baud} baud`;
    const deadlineMs = writeDeadlineMs(this.#outstanding + TRANSPORT_LIMITS.adapterFifoBytes, this.baudRate);
    const failed = (cause: Error): FlasherError =>
      saysGone(cause) ? this.#goneWhile(doing, cause) : refused("baud-change-failed", doing, this.label, cause);
    await this.#line.call(doing, (done) => this.port.drain(done), { deadlineMs, failed });
    await this.#untilOnTheWire();
    await this.#line.call(doing, (done) => this.port.update({ baudRate: baud }, done), {
      deadlineMs: TRANSPORT_LIMITS.controlMs,
      failed,
    });
    this.baudRate = baud;
  }

  /** A drained driver leaves at most an adapter's FIFO to be sent. */
  #untilOnTheWire(): Promise<void> {
    const most = wireTimeMs(TRANSPORT_LIMITS.adapterFifoBytes, this.baudRate);
    const left = Math.min(most, Math.max(0, this.#wireFreeAt - systemClock.now()));
    return new Promise((resolve) => setTimeout(resolve, Math.ceil(left + TRANSPORT_LIMITS.drainMarginMs)));
  }

  async setControlLines(lines: ControlLines): Promise<void> {
    const doing = words`set DTR and RTS of ${this.label}`;
    if (this.#line.ended) throw this.#line.lost(doing);
    if (!this.#controlLines) {
      const detail = words`the adapter has no control lines`;
      throw new TransportError("command-unsupported", doing, { port: this.label, detail });
    }
    const failed = (cause: Error): FlasherError => {
      if (saysGone(cause)) return this.#goneWhile(doing, cause);
      this.#controlLines = false;
      return refused("command-unsupported", doing, this.label, cause);
    };
    // Both are always given: the driver would raise the one left out.
    await this.#line.call(doing, (done) => this.port.set({ dtr: lines.dtr, rts: lines.rts }, done), {
      deadlineMs: TRANSPORT_LIMITS.controlMs,
      failed,
    });
  }

  #goneWhile(doing: Words, cause: Error): TransportError {
    this.#line.end(cause.message, cause);
    return this.#line.lost(doing);
  }

  /** The driver's own flush would also drop bytes not yet sent, so arrivals are let in and dropped here. */
  discardInput(): Promise<void> {
    return this.#line.discard();
  }

  close(): Promise<void> {
    this.#closing ??= this.#release();
    return this.#closing;
  }

  #release(): Promise<void> {
    this.#line.close();
    return new Promise((resolve) => {
      // A driver stuck in its own close must not hold the caller.
      const timer = setTimeout(resolve, TRANSPORT_LIMITS.closeMs);
      const done = (): void => {
        clearTimeout(timer);
        resolve();
      };
      if (this.port.isOpen) this.port.close(done);
      else if (this.port.closing) this.port.once("close", done);
      else done();
    });
  }
}

function refused(
  code: "baud-change-failed" | "command-unsupported",
  doing: Words,
  port: string,
  cause: Error,
): TransportError {
  return new TransportError(code, doing, { port, detail: cause.message }, { cause });
}

/** The serial ports of this machine, likely adapters first. Throws `serial-driver-missing`. */
export async function listPorts(): Promise<readonly PortInfo[]> {
  const { SerialPort } = await loadDriver();
  let found: readonly RawPort[] = [];
  try {
    found = await SerialPort.list();
  } catch {
    // The driver lists with udevadm on Linux, which containers and small systems do not have.
  }
  if (found.length === 0 && process.platform === "linux") found = await scanDevices();
  return found.map(describePort).sort(comparePorts);
}

/** The device that a link such as `/dev/serial/by-id/...` leads to, as {@link listPorts} names it; other names as they are. */
export async function deviceBehind(path: string): Promise<string> {
  if (process.platform === "win32") return path;
  const { realpath } = await import("node:fs/promises");
  return describePort({ path: await realpath(path).catch(() => path) }).path;
}

/** USB serial devices of a Linux machine by their names and sysfs, for machines without udev. */
async function scanDevices(): Promise<readonly RawPort[]> {
  const { readdir, readFile, realpath } = await import("node:fs/promises");
  const namesIn = (folder: string): Promise<string[]> => readdir(folder).catch(() => []);
  const paths = new Set<string>();
  for (const name of await namesIn("/dev")) if (/^tty(USB|ACM)\d+$/.test(name)) paths.add(`/dev/${name}`);
  for (const name of await namesIn("/dev/serial/by-id")) {
    const path = `/dev/serial/by-id/${name}`;
    paths.add(await realpath(path).catch(() => path));
  }
  return Promise.all(
    [...paths].map(async (path): Promise<RawPort> => {
      const device = await realpath(`/sys/class/tty/${path.split("/").pop() ?? ""}/device`).catch(() => undefined);
      if (device === undefined) return { path };
      // The USB device is the interface's parent; ttyUSB has a port folder between.
      const attribute = async (name: string): Promise<string | undefined> => {
        for (const folder of [`${device}/..`, `${device}/../..`]) {
          const text = await readFile(`${folder}/${name}`, "utf8").catch(() => undefined);
          if (text !== undefined) return text;
        }
        return undefined;
      };
      return {
        path,
        manufacturer: await attribute("manufacturer"),
        serialNumber: await attribute("serial"),
        vendorId: await attribute("idVendor"),
        productId: await attribute("idProduct"),
      };
    }),
  );
}
