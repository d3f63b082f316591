/** Repeatable chance: the same seed gives the same scenario, on every machine. */
import { mix } from "../../src/simulator/prng";

export class Random {
  private state: number;

  constructor(seed: number) {
    this.state = mix(seed ^ 0x5eed);
  }

  /** A whole number of `[0, below)`. */
  below(below: number): number {
    this.state = mix(this.state + 0x9e3779b9);
    return below <= 1 ? 0 : this.state % below;
  }

  /** A whole number of `[from, to]`. */
  between(from: number, to: number): number {
    return from + this.below(to - from + 1);
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)] as T;
  }

  chance(percent: number): boolean {
    return this.below(100) < percent;
  }
}
