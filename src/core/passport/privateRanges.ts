/** Which bytes of a dump are not shown unasked, and the values in it that are a person's own. */
import { join, type Range } from "../base/ranges";
import type { HoldingKind } from "./holdings";
import type { Passport } from "./passport";
import { Secret } from "./secret";

/** What is the same on every device of a model. All else may hold names, passwords and addresses, in forgotten copies, too. */
const OPEN: ReadonlySet<HoldingKind> = new Set<HoldingKind>([
  "outside",
  "blank",
  "boot-code",
  "application",
  "code",
  "package",
]);

export function isPrivateKind(kind: HoldingKind): boolean {
  return !OPEN.has(kind);
}

/** Stretches whose bytes are hidden until a person asks to see them, ascending. */
export function privateRanges({ partitions }: Pick<Passport, "partitions">): readonly Range[] {
  return join(partitions.filter(({ holds }) => isPrivateKind(holds.kind)).map(({ start, end }) => ({ start, end })));
}

export interface NamedSecret {
  /** Where it stands: `tuya gw_wsm passwd`. */
  readonly name: string;
  readonly secret: Secret;
}

/** Every secret of the settings of a dump, by the names it stands under. */
export function secretsIn({ settings }: Pick<Passport, "settings">): readonly NamedSecret[] {
  const { tuya, openBeken } = settings;
  const values = (tuya?.values ?? []).flatMap(({ name, value }) => collect(value, `tuya ${name}`));
  return [...values, ...collect(openBeken, "openbeken")];
}

function collect(value: unknown, name: string): NamedSecret[] {
  if (value instanceof Secret) return [{ name, secret: value }];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => collect(inner, `${name} ${key}`));
}
