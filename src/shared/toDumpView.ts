/** A passport and differences as the image viewer shows them. Apart from the shapes, which a page knows: it has no need of a passport. */
import type { Say } from "../core/base/words";
import type { Difference } from "../core/passport/compareDumps";
import type { Passport } from "../core/passport/passport";
import { isPrivateKind, secretsIn } from "../core/passport/privateRanges";
import { Secret } from "../core/passport/secret";
import type { ComparisonView, PartView, PassportView } from "./dumpView";

/** Where code begins that a part may be written over: below it lies the boot code. */
const BELOW_IS_BOOT_CODE = 0x11000;

export function toPartViews(
  { partitions }: Pick<Passport, "partitions">,
  length: number,
  say: Say,
): readonly PartView[] {
  return partitions
    .filter(({ start }) => start < length)
    .map(({ name, start, end, from, holds }, index) => ({
      number: index + 1,
      name: name === "" ? say(holds.words) : name,
      start,
      end: Math.min(end, length),
      from,
      holds: say(holds.words),
      isBlank: holds.kind === "blank",
      opens: OPENS[holds.kind],
      canWrite: start >= BELOW_IS_BOOT_CODE,
      isPrivate: isPrivateKind(holds.kind),
    }));
}

const OPENS: Readonly<Partial<Record<Passport["partitions"][number]["holds"]["kind"], PartView["opens"]>>> = {
  "boot-code": "decrypt",
  application: "decrypt",
  code: "decrypt",
  "tuya-settings": "decrypt",
  package: "unpack",
};

/** @param withSecrets only where a person asked to see them */
export function toPassportView(passport: Passport, withSecrets: boolean, say: Say): PassportView {
  const { facts, contradictions, updates, settings } = passport;
  const shown = (secret: Secret): string => String(withSecrets ? secret.reveal() : secret);
  return {
    facts: facts.map(({ name, value, evidence, confidence }) => ({
      name: say(name),
      value: value instanceof Secret ? shown(value) : say(value),
      evidence: say(evidence),
      confidence,
    })),
    contradictions: contradictions.map(say),
    updates: updates.map(({ firmware, works, words }) => ({ firmware, works, why: say(words) })),
    noSettings: settings.none && { why: say(settings.none.words), todo: say(settings.none.todo) },
    private: passport.private.map(say),
    secrets: secretsIn(passport).map(({ name, secret }) => ({ name, value: shown(secret) })),
  };
}

export function toDifferences(differences: readonly Difference[], say: Say): ComparisonView["differences"] {
  return differences.map(({ start, end, bytes, parts }) => ({ start, end, bytes, parts: partNames(parts, say) }));
}

/** Parts that a stretch lies in, by name, each once. */
export function partNames(parts: Difference["parts"], say: Say): string {
  return [...new Set(parts.map(({ name, holds }) => (name === "" ? say(holds.words) : name)))].join(", ");
}
