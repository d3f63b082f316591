/** Events without an editor: who listens is told in order, and one listener that fails keeps nothing from the others. */
import { disposableFrom, type Disposable } from "./disposables";

export type Event<T> = (listener: (value: T) => void) => Disposable;

export class Emitter<T> implements Disposable {
  private readonly listeners = new Set<{ readonly tell: (value: T) => void }>();

  /** @param failed told what a listener has thrown */
  constructor(private readonly failed: (error: unknown) => void) {}

  readonly event: Event<T> = (tell) => {
    const listener = { tell };
    this.listeners.add(listener);
    return disposableFrom(() => void this.listeners.delete(listener));
  };

  /** Somebody listens. */
  get isHeard(): boolean {
    return this.listeners.size > 0;
  }

  /** Those that listen now; not who begins to while they are told. */
  fire(value: T): void {
    for (const listener of [...this.listeners]) {
      if (!this.listeners.has(listener)) continue;
      try {
        listener.tell(value);
      } catch (error) {
        this.failed(error);
      }
    }
  }

  dispose(): void {
    this.listeners.clear();
  }
}
