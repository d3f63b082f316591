// How long a test takes of its own time: what its process computes and what it waits, without what other programs take of the processor.
// What waits too long is told; what goes round without coming to an end has its process ended, and the mutant's name left in a file.
import { performance } from "node:perf_hooks";
import { writeFileSync } from "node:fs";
import { Worker, isMainThread, workerData } from "node:worker_threads";
import { fileURLToPath } from "node:url";

const { setInterval, clearInterval } = globalThis;
const LOOK_EVERY_MS = 250;
/** Processor time without a single turn of the event loop. */
const STUCK_MS = 30_000;

/** Own time of this process so far, milliseconds. */
function ownTime() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000 + performance.eventLoopUtilization().idle;
}

export class OwnTime {
  constructor(file) {
    this.file = file;
    /** Turns of the event loop, and the mutant that is tried or -1: what the other thread sees. */
    this.seen = new Int32Array(new SharedArrayBuffer(8));
    this.timer = undefined;
  }

  /** Counts anew, and calls `over` once after `limit` milliseconds. */
  start(mutant, limit, over) {
    this.stop();
    this.other ??= new Worker(fileURLToPath(import.meta.url), { workerData: { seen: this.seen, file: this.file } });
    this.other.unref();
    Atomics.store(this.seen, 1, Number(mutant));
    const begun = ownTime();
    this.timer = setInterval(() => {
      Atomics.add(this.seen, 0, 1);
      if (ownTime() - begun < limit) return;
      this.stop();
      over();
    }, LOOK_EVERY_MS);
  }

  stop() {
    clearInterval(this.timer);
    Atomics.store(this.seen, 1, -1);
  }
}

if (!isMainThread && workerData?.seen !== undefined) {
  const { seen, file } = workerData;
  let turns = -1;
  let since = 0;
  setInterval(() => {
    const { user, system } = process.cpuUsage();
    const now = (user + system) / 1000;
    const mutant = Atomics.load(seen, 1);
    const turn = Atomics.load(seen, 0);
    if (mutant < 0 || turn !== turns) {
      turns = turn;
      since = now;
    } else if (now - since > STUCK_MS) {
      writeFileSync(file, String(mutant));
      process.kill(process.pid, "SIGKILL");
    }
  }, LOOK_EVERY_MS);
}
