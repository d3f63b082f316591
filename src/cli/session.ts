/** From command-line options to a running job: port, session, Ctrl-C, events to the output. */
import {
  CancelledError,
  TransportError,
  formatPort,
  listPorts,
  openTransport,
  parsePort,
  runJob,
  systemClock,
  type JobEvent,
  type JobRequest,
  type JobResult,
  type PortRef,
} from "../core/index";
import type { Output } from "./output";

export interface ConnectionOptions {
  readonly port?: string;
  readonly baud: number | "auto";
  readonly linkTimeout: number;
}

export interface Outcome<K extends JobRequest["kind"]> {
  readonly result: Extract<JobResult, { readonly kind: K }>;
  readonly port: string;
  readonly elapsedMs: number;
}

/**
 * Runs one job, printing its events; Ctrl-C ends it within the current packet.
 * @param store sees each event before the job goes on
 */
export async function runCommandJob<K extends JobRequest["kind"]>(
  request: Extract<JobRequest, { readonly kind: K }>,
  options: ConnectionOptions,
  output: Output,
  store?: (event: JobEvent) => Promise<void>,
): Promise<Outcome<K>> {
  const port = await choosePort(options.port);
  const adapterMaxBaud = options.baud === "auto" ? await maxBaudOf(port) : undefined;
  const started = performance.now();
  const interrupt = new AbortController();
  const onInterrupt = (): void => interrupt.abort();
  process.on("SIGINT", onInterrupt);
  process.on("SIGTERM", onInterrupt);
  try {
    const job = runJob(
      request,
      { port, baudRate: options.baud, linkTimeoutMs: options.linkTimeout * 1000, ...(adapterMaxBaud !== undefined && { adapterMaxBaud }) },
      { open: openTransport, clock: systemClock, log: output.log },
      interrupt.signal,
    );
    for (;;) {
      const step = await job.next();
      if (!step.done) {
        await store?.(step.value);
        output.event(step.value);
        continue;
      }
      if (step.value.kind !== request.kind) throw new CancelledError(request.kind);
      return {
        result: step.value as Outcome<K>["result"],
        port: formatPort(port),
        elapsedMs: Math.round(performance.now() - started),
      };
    }
  } finally {
    process.off("SIGINT", onInterrupt);
    process.off("SIGTERM", onInterrupt);
  }
}

/** What the adapter behind a serial port is known to do. */
async function maxBaudOf(port: PortRef): Promise<number | undefined> {
  if (port.kind !== "serial") return undefined;
  return (await listPorts()).find(({ path }) => path === port.path)?.maxBaud;
}

/** The port that was named, or the only adapter there is. */
async function choosePort(named: string | undefined): Promise<PortRef> {
  if (named !== undefined) return parsePort(named);
  const adapters = (await listPorts()).filter(({ vendorId }) => vendorId !== undefined);
  const [only] = adapters;
  if (only && adapters.length === 1) return parsePort(only.path);
  throw new TransportError("port-not-found", "choose a port", {
    detail: adapters.length === 0 ? "no serial adapter is plugged in" : `there are several: ${adapters.map(({ path }) => path).join(", ")}; name one with --port`,
  });
}
