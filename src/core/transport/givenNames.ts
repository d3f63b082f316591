/**
 * Names for ports that have none of their own, as a browser lists them: it tells what kind of adapter each is, and no path. Pure: compares
 * each list with the ones before. What returns keeps its name where only one can have returned; a name that
 * may belong to either of two equal adapters is given to neither, for what is remembered under it would then be said of the wrong one.
 */

export interface Nameless<P extends object> {
  /** The same object for as long as the adapter is plugged in. */
  readonly port: P;
  /** What equal adapters have in common; the first one of it is called so. */
  readonly kind: string;
}

export class GivenNames<P extends object> {
  private there: ReadonlyMap<P, string> = new Map();
  /** Every name that was given, by its kind. */
  private readonly given = new Map<string, Set<string>>();
  /** Of every object that was ever listed: some browsers give the same one again. */
  private readonly former = new WeakMap<P, string>();

  /** @param ports all that there are now @returns their names, in the same order */
  name(ports: readonly Nameless<P>[]): readonly string[] {
    const taken = new Set<string>();
    const names = new Map<P, string>();
    const give = (port: P, name: string): void => {
      taken.add(name);
      names.set(port, name);
    };
    for (const { port } of ports) {
      const own = this.there.get(port);
      if (own !== undefined) give(port, own);
    }
    for (const { port } of ports) {
      const own = this.former.get(port);
      if (own !== undefined && !names.has(port) && !taken.has(own)) give(port, own);
    }
    const arrived = ports.filter(({ port }) => !names.has(port));
    for (const { port, kind } of arrived) {
      const given = this.given.get(kind) ?? new Set<string>();
      this.given.set(kind, given);
      const away = [...given].filter((name) => !taken.has(name));
      const [only] = away;
      const isSure = away.length === 1 && arrived.filter((other) => other.kind === kind).length === 1;
      const name = isSure && only !== undefined ? only : nextOf(kind, given);
      given.add(name);
      give(port, name);
      this.former.set(port, name);
    }
    this.there = names;
    return ports.map(({ port, kind }) => names.get(port) ?? kind);
  }
}

function nextOf(kind: string, given: ReadonlySet<string>): string {
  return given.size === 0 ? kind : `${kind}-${given.size + 1}`;
}
