/**
 * Who has a port: one at a time. A monitor holds it for as long as it likes, a job borrows it and gives it back. Pure: knows names of
 * ports, opens and closes nothing itself.
 */

/** A user of a port that keeps it for long, such as a monitor, and lets go of it when a job needs it. */
export interface PortHolder {
  /** Resolves when the port is closed. Never rejects. */
  letGo(): Promise<void>;
  /** The port is free again. */
  takeBack(): void;
}

/** Wants to know of jobs on a port without being in their way, such as a monitor on a second wire of the same device. */
export interface JobFollower {
  jobBegins(): void;
  jobEnds(): void;
}

export class PortLeases {
  private readonly holders = new Map<string, PortHolder>();
  private readonly followers = new Map<string, Set<JobFollower>>();
  /** Ports that are borrowed, and by how many that wait for one another. */
  private readonly borrowed = new Map<string, number>();

  /**
   * Takes the port for long; what held it before has lost it. Where a job has it just now, `takeBack` is called when it is done.
   * @returns true when the port is free to be opened; and how to give it up
   */
  hold(port: string, holder: PortHolder): { readonly free: boolean; readonly end: () => void } {
    this.holders.set(port, holder);
    const end = (): void => {
      if (this.holders.get(port) === holder) this.holders.delete(port);
    };
    return { free: !this.borrowed.has(port), end };
  }

  /** Tells of the jobs on a port, also of one that has it just now. @returns how to hear no more of them */
  follow(port: string, follower: JobFollower): () => void {
    const all = this.followers.get(port) ?? new Set();
    this.followers.set(port, all.add(follower));
    if (this.borrowed.has(port)) follower.jobBegins();
    return () => {
      all.delete(follower);
      if (all.size === 0) this.followers.delete(port);
    };
  }

  isHeld(port: string): boolean {
    return this.holders.has(port);
  }

  /** Has whoever holds the port let go of it; resolves with how to give it back. */
  async borrow(port: string): Promise<() => void> {
    const before = this.borrowed.get(port) ?? 0;
    this.borrowed.set(port, before + 1);
    if (before === 0) this.followers.get(port)?.forEach((follower) => follower.jobBegins());
    await this.holders.get(port)?.letGo();
    let given = false;
    return () => {
      if (given) return;
      given = true;
      const left = (this.borrowed.get(port) ?? 1) - 1;
      if (left > 0) {
        this.borrowed.set(port, left);
        return;
      }
      this.borrowed.delete(port);
      this.followers.get(port)?.forEach((follower) => follower.jobEnds());
      this.holders.get(port)?.takeBack();
    };
  }
}
