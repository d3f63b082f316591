/**
 * Links that outlive a job: a chip that was reset once stays linked for the next job, for a short while; then the port is
 * closed, so that other tools can have it. Knows ports and sessions, nothing of jobs.
 */
import type { FlasherSession, SessionDeps, SessionOptions } from "../../core/index";

interface Idle {
  readonly session: FlasherSession;
  /** Ends the wait for the next job. */
  readonly stop: () => void;
}

export interface SessionPoolDeps {
  readonly open: typeof FlasherSession.open;
  /** @returns what takes the call back */
  readonly after: (ms: number, run: () => void) => () => void;
  /** Told of a port that could not be closed in order; it is let go of all the same. */
  readonly closeFailed: (error: unknown) => void;
}

export class SessionPool {
  constructor(private readonly deps: SessionPoolDeps) {}

  private readonly idle = new Map<string, Idle>();
  private readonly closing = new Map<string, Promise<void>>();

  /** The session that is still open on this port, or a new one. Throws what {@link FlasherSession.open} throws. */
  async take(id: string, options: SessionOptions, deps: SessionDeps, signal: AbortSignal): Promise<FlasherSession> {
    const kept = this.idle.get(id);
    if (kept !== undefined) {
      kept.stop();
      this.idle.delete(id);
      return kept.session;
    }
    // The port is still being let go of: opening it now would find it busy.
    await this.closing.get(id);
    return await this.deps.open(options, deps, signal);
  }

  /** Keeps the session open for `idleMs`. */
  keep(id: string, session: FlasherSession, idleMs: number): void {
    if (idleMs <= 0) {
      void this.close(id, session);
      return;
    }
    const stop = this.deps.after(idleMs, () => void this.release(id));
    this.idle.set(id, { session, stop });
  }

  /** Never rejects: all that can be done about a port that does not close is to let go of it. */
  async close(id: string, session: FlasherSession): Promise<void> {
    const closing = session
      .close()
      .catch(this.deps.closeFailed)
      .finally(() => {
        if (this.closing.get(id) === closing) this.closing.delete(id);
      });
    this.closing.set(id, closing);
    await closing;
  }

  /** Closes what is open on this port, unless a job has it. */
  async release(id: string): Promise<void> {
    const kept = this.idle.get(id);
    if (kept === undefined) {
      await this.closing.get(id);
      return;
    }
    kept.stop();
    this.idle.delete(id);
    await this.close(id, kept.session);
  }

  async releaseAll(): Promise<void> {
    await Promise.all([...this.idle.keys(), ...this.closing.keys()].map((id) => this.release(id)));
  }

  get openPorts(): readonly string[] {
    return [...this.idle.keys()];
  }
}
