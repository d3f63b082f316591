/**
 * A disk that is not to be trusted, of whatever kind: every change is a step, before which a process can be held up or killed and
 * after which it can be watched; and the power can be cut.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import type { FileSystem } from "../../../src/storage/fileSystem";

interface Step {
  readonly call: string;
  readonly path: string;
}

const NEVER = new Promise<never>(() => undefined);
const FIRST_PID = 100_000;

export abstract class UntrustedDisk {
  abstract readonly files: FileSystem;
  abstract readonly folder: string;
  /** Calls of its own that a full disk refuses, one after the other. */
  abstract readonly storing: readonly string[];
  /** Before each step; a promise holds it up, what it throws the step throws. */
  before: ((step: Step) => void | Promise<void>) | undefined;
  /** After each step. */
  after: ((step: Step) => void) | undefined;
  /** What the medium makes of bytes that are written. */
  spoil: (bytes: Uint8Array) => Uint8Array = (bytes) => bytes;

  protected readonly process = new AsyncLocalStorage<number>();
  private readonly deaths = new Map<number, () => void>();
  private pids = FIRST_PID;

  abstract dispose(): void;
  /** A file that has been there for long. */
  abstract put(name: string, content: Uint8Array | string, modified?: Date): string;
  /** Undefined where there is no such file. */
  abstract content(name: string): Buffer | undefined;
  /** Files below the folder, as they are read; not folders. */
  abstract list(): string[];
  /** All that is below the folder but folders, also what is beside files while they change. */
  abstract everything(): string[];
  /** @param names whether those are there that nothing has flushed; contents that nothing has flushed never are */
  abstract cutPower(names: "kept" | "forgotten"): void;
  abstract clear(): void;

  path(name: string): string {
    return this.files.join(this.folder, name);
  }

  /** Another process, with a number of its own. */
  run<T>(work: () => Promise<T>, pid = this.pids++): Promise<T | "killed"> {
    return new Promise((resolve, reject) => {
      this.deaths.set(pid, () => resolve("killed"));
      this.process.run(pid, () => {
        work().then(resolve, reject);
      });
    });
  }

  /** Ends the process that asks: nothing it was about to do happens. */
  kill(): Promise<never> {
    const pid = this.process.getStore() as number;
    this.deaths.get(pid)?.();
    this.deaths.delete(pid);
    this.closeAll(pid);
    return NEVER;
  }

  /**
   * Runs `work` again and again, each time on a disk prepared anew, killed before its first step, its second, and so on, until
   * it is through; `look` sees what every one of these leaves.
   */
  async killedAnywhere(
    prepare: () => void,
    work: () => Promise<unknown>,
    look: (where: string) => void,
  ): Promise<void> {
    for (let last = 0; ; last++) {
      this.clear();
      prepare();
      let steps = 0;
      let where = "at its end";
      this.before = (step) => {
        if (steps++ < last) return undefined;
        where = `before ${step.call} of ${step.path}`;
        return this.kill();
      };
      const end = await this.run(work);
      this.before = undefined;
      look(where);
      if (end !== "killed") return;
    }
  }

  /** As the system does when a process ends. */
  protected abstract closeAll(pid: number): void;

  /** @param begin a part of the work, after which it can end too */
  protected async step<T>(step: Step, changes: boolean, work: () => T | Promise<T>, begin?: () => void): Promise<T> {
    const pid = this.process.getStore();
    const isDead = (): boolean => pid !== undefined && !this.deaths.has(pid);
    const isHeldUp = async (): Promise<boolean> => {
      await this.before?.(step);
      return isDead();
    };
    if (isDead()) return await NEVER;
    if (!changes) return await work();
    if (await isHeldUp()) return await NEVER;
    if (begin) {
      begin();
      if (await isHeldUp()) return await NEVER;
    }
    const result = await work();
    this.after?.(step);
    return result;
  }
}
