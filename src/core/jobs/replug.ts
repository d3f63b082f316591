/**
 * An adapter that goes away in the middle of a job and comes back, under its old name or another: waits for it, opens it,
 * and puts the new line under the link. Knows nothing of chips: whether the same one hangs on it is the session's to check.
 */
import { TransportError, isPortLost } from "../base/errors";
import { RETRIES, TIMING } from "../base/timing";
import { words } from "../base/words";
import { formatPort } from "../transport/portRef";
import type { ReplaceableTransport } from "../transport/replaceable";
import type { PortRef } from "../transport/transport";
import { note } from "../driver/jobContext";
import type { Steps } from "../driver/driverEvents";
import type { SessionDeps, SessionOptions } from "./events";

type Find = () => Promise<PortRef | undefined>;

export class Replug {
  /** What tells the adapter from others, learned while it is there; undefined where the host cannot list ports. */
  private readonly find: Promise<Find> | undefined;

  /** Call while the port is open. */
  constructor(
    private readonly transport: ReplaceableTransport,
    private readonly options: SessionOptions,
    private readonly deps: SessionDeps,
  ) {
    // Without anything to tell it by, the port is the same under the same name.
    this.find = deps.finder?.remember(options.port).catch((error: unknown): Find => {
      deps.log.debug(`ports could not be listed: ${String(error)}`);
      return () => Promise.resolve(options.port);
    });
  }

  /**
   * Runs `step`; once more each time the port went away meanwhile and came back.
   * @param baudRate the rate at which to open it again, asked when it is there
   * @throws TransportError `port-lost` when it does not come back in time
   */
  async *through<T>(step: (replugged: boolean) => Steps<T>, baudRate: () => number, signal: AbortSignal): Steps<T> {
    for (let times = 0; ; times++) {
      try {
        return yield* step(times > 0);
      } catch (error) {
        if (!isPortLost(error) || times >= RETRIES.replug) throw error;
        yield* this.wait(error, baudRate, signal);
      }
    }
  }

  private async *wait(lost: TransportError, baudRate: () => number, signal: AbortSignal): Steps<void> {
    if (!this.find) throw lost;
    const { clock, log } = this.deps;
    const port = this.transport.label;
    const limitMs = Math.min(TIMING.replugMs, this.options.linkTimeoutMs);
    const started = clock.now();
    let trouble: TransportError | undefined;
    yield note("warning", "adapter-lost", { port, ...(lost.context.detail && { detail: lost.context.detail }) });
    // As long as the port is held open, the system gives its name to no adapter, this one included.
    await this.transport.close();
    const find = await this.find;
    for (;;) {
      const elapsedMs = clock.now() - started;
      yield { type: "replugging", port, elapsedMs, limitMs };
      try {
        const ref = await find();
        if (ref) {
          this.transport.replace(await this.deps.open(ref, { baudRate: baudRate() }, signal));
          yield note("info", "adapter-back", { port: formatPort(ref), actual: formatPort(ref) });
          return;
        }
      } catch (error) {
        // A port that has just come up may be busy, or not yet this person's to open.
        if (!(error instanceof TransportError)) throw error;
        trouble = error;
        log.debug(trouble.message);
      }
      if (elapsedMs >= limitMs) {
        const detail = words`it did not come back within ${Math.round(limitMs / 1000)} s`;
        throw new TransportError(
          "port-lost",
          lost.doing,
          { port, detail: trouble === undefined ? detail : words`${detail} (${trouble.words})` },
          { cause: lost },
        );
      }
      await clock.sleep(Math.min(TIMING.replugEveryMs, Math.max(1, limitMs - elapsedMs)), signal);
    }
  }
}
