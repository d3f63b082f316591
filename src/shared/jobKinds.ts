/** What kinds of job do to a device. */
import type { JobKind } from "../core/jobs/events";

const CHANGES_FLASH = {
  info: false,
  read: false,
  backup: false,
  flash: true,
  restore: true,
  verify: false,
  erase: true,
  reboot: false,
} as const satisfies Readonly<Record<JobKind, boolean>>;

/** Kinds that show their plan, can wait for a yes, and leave another flash behind. */
export type ChangingKind = {
  [K in JobKind]: (typeof CHANGES_FLASH)[K] extends true ? K : never;
}[JobKind];

export function kindChangesFlash(kind: JobKind): kind is ChangingKind {
  return CHANGES_FLASH[kind];
}

/** Of whatever was stored. */
export function isJobKind(value: unknown): value is JobKind {
  return typeof value === "string" && Object.hasOwn(CHANGES_FLASH, value);
}
