/** Lifetimes: things that own other things, and a slot that holds one thing at a time. Knows nothing of the editor. */

export interface Disposable {
  dispose(): unknown;
}

/** Owns what it registers and disposes it in reverse order; what comes too late is disposed at once. */
export abstract class Owner implements Disposable {
  private readonly owned: Disposable[] = [];
  private gone = false;

  protected register<T extends Disposable>(thing: T): T {
    if (this.gone) thing.dispose();
    else this.owned.push(thing);
    return thing;
  }

  get disposed(): boolean {
    return this.gone;
  }

  dispose(): void {
    if (this.gone) return;
    this.gone = true;
    for (const thing of this.owned.splice(0).reverse()) thing.dispose();
  }
}

/** Holds one disposable; a new one replaces and disposes the old. */
export class Slot<T extends Disposable> implements Disposable {
  private value: T | undefined;

  set(value: T | undefined): void {
    this.value?.dispose();
    this.value = value;
  }

  get isSet(): boolean {
    return this.value !== undefined;
  }

  dispose(): void {
    this.set(undefined);
  }
}

export function disposableFrom(dispose: () => void): Disposable {
  return { dispose };
}
