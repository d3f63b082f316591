/**
 * A value that came out of a person's settings: a network, a password, a key, an id. Prints as dots in every text, log and JSON;
 * what it is comes out only where it is asked for by name ({@link Secret.reveal}).
 */

/** As many for every secret: the length is secret too. */
export const DOTS = "••••••";

export class Secret {
  readonly #value: string | number;

  /** @param shown what may be seen of it */
  constructor(
    value: string | number,
    private readonly shown = DOTS,
  ) {
    this.#value = value;
  }

  /** The value itself. Called only where a person asked to see it. */
  reveal(): string | number {
    return this.#value;
  }

  toString(): string {
    return this.shown;
  }

  toJSON(): string {
    return this.shown;
  }
}
