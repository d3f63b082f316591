/** Runs one job of the flasher on a port and takes its times. */
import {
  FlasherSession,
  openTransport,
  parsePort,
  runInSession,
  silentLog,
  systemClock,
  type FlashPlan,
  type JobEvent,
  type JobRequest,
  type JobResult,
  type TransportFactory,
} from "../../src/core/index";

export interface TimedJob {
  /** From the chip being identified to the result; for `info`, from the first link answer. */
  readonly ms: number;
  /** From the first link answer to the chip being identified, speed-up included. */
  readonly setupMs: number;
  /** CPU time of this process, waiting for the chip not counted. */
  readonly cpuMs: number;
  readonly baudRate: number;
  readonly plan: FlashPlan | undefined;
  readonly notes: readonly string[];
  readonly result: JobResult;
}

const LINK_TIMEOUT_MS = 15_000;

/** @param baudRate highest rate to go to, or the flasher's own choice */
export async function timeJob(
  port: string,
  baudRate: number | "auto",
  request: JobRequest,
  open: TransportFactory = openTransport,
): Promise<TimedJob> {
  const signal = new AbortController().signal;
  const session = await FlasherSession.open(
    { port: parsePort(port), baudRate, linkTimeoutMs: LINK_TIMEOUT_MS },
    { open, clock: systemClock, log: silentLog },
    signal,
  );
  try {
    return await takeTimes(request, runInSession(session, request, {}, signal), () => performance.now());
  } finally {
    await session.close();
  }
}

/** @param now milliseconds from an arbitrary start */
export async function takeTimes(
  request: JobRequest,
  job: AsyncGenerator<JobEvent, JobResult, void>,
  now: () => number,
): Promise<TimedJob> {
  let linkedAt = 0;
  let identifiedAt = 0;
  let usage = process.cpuUsage();
  let reached = 0;
  let plan: FlashPlan | undefined;
  const notes: string[] = [];
  for (;;) {
    const step = await job.next();
    const at = now();
    if (step.done) {
      const used = process.cpuUsage(usage);
      return {
        ms: at - (request.kind === "info" ? linkedAt : identifiedAt),
        setupMs: identifiedAt - linkedAt,
        cpuMs: (used.user + used.system) / 1000,
        baudRate: reached,
        plan,
        notes,
        result: step.value,
      };
    }
    const event = step.value;
    if (event.type === "linked" && identifiedAt === 0) {
      // Until here a person was waited for; a later link belongs to the job.
      linkedAt = at;
      usage = process.cpuUsage();
    } else if (event.type === "identified") {
      identifiedAt = at;
      reached = event.baudRate;
    } else if (event.type === "planned") plan = event.plan;
    else if (event.type === "note") notes.push(event.code);
  }
}
