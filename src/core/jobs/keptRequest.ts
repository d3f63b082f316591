/**
 * A request as it is kept for another day, as JSON: without what its file holds, which is read anew from where it lies, and without
 * what a person agreed to, which they are asked again. What comes back from a disk is checked field by field. Pure.
 */
import type { FlashRequest, RestoreRequest } from "./jobRequest";

/** Left out: as whoever asks again has it set. */
type Kept<R extends { readonly kind: string }, Name extends keyof R> = Pick<R, "kind"> & Partial<Pick<R, Name>>;

/** Of the kinds that can go on where they were stopped. */
export type KeptRequest =
  | { readonly kind: "backup" }
  | Kept<FlashRequest, "at" | "only" | "full" | "rekey" | "verify" | "reboot" | "bootloader">
  | Kept<RestoreRequest, "keepCalibration" | "verify" | "reboot" | "bootloader">;

export type ResumableKind = KeptRequest["kind"];

type Check = (value: unknown) => boolean;

const isFlag: Check = (value) => typeof value === "boolean";
const WRITES = {
  verify: isFlag,
  reboot: isFlag,
  bootloader: (value) => value === "wanted" || value === "offered",
} satisfies Record<string, Check>;

/** What is kept of each kind, and what it must be. */
const FIELDS: {
  readonly [K in ResumableKind]: Readonly<
    Record<Exclude<keyof Extract<KeptRequest, { readonly kind: K }>, "kind">, Check>
  >;
} = {
  backup: {},
  flash: {
    ...WRITES,
    at: (value) => Number.isSafeInteger(value) && (value as number) >= 0,
    only: (value) => value === "boot-code",
    full: isFlag,
    rekey: isFlag,
  },
  restore: { ...WRITES, keepCalibration: isFlag },
};

function isResumable(kind: unknown): kind is ResumableKind {
  return typeof kind === "string" && Object.hasOwn(FIELDS, kind);
}

/**
 * What is kept of a request, or of what was stored of one; undefined where it makes no sense, or its kind cannot go on. Fields that
 * are null count as left out.
 */
export function keptRequest(request: unknown): KeptRequest | undefined {
  if (typeof request !== "object" || request === null) return undefined;
  const fields = request as Readonly<Record<string, unknown>>;
  const kind = fields["kind"];
  if (!isResumable(kind)) return undefined;
  const kept: Record<string, unknown> = { kind };
  for (const [name, isSound] of Object.entries<Check>(FIELDS[kind])) {
    const value = Object.hasOwn(fields, name) ? (fields[name] ?? undefined) : undefined;
    if (value === undefined) continue;
    if (!isSound(value)) return undefined;
    kept[name] = value;
  }
  return kept as unknown as KeptRequest;
}
