/**
 * An earlier backup as the base of the next one: what it must be before a job looks at it, and which of several serves
 * best. Pure; which of its bytes are still the chip's is for the chip's own CRC to say (jobs/readFlash.ts).
 */
import { ImageError } from "../base/errors";
import { english, listed, words, type Words } from "../base/words";
import { compareDevices, type BackupManifest, type BaseBackup, type DeviceMark } from "./manifest";
import { changed } from "./restoreFit";

/**
 * What can be told before any chip is asked.
 * @throws ImageError `backup-damaged`
 */
export function assertUnchanged(base: BaseBackup): void {
  const refusal = changed(base);
  if (refusal) throw new ImageError(refusal.code, `check ${base.name}`, { file: base.name, ...refusal.context });
}

/**
 * Only a backup of this very device, of its whole flash, that still is what was read.
 * @throws ImageError `backup-damaged`, `backup-other-device`
 */
export function assertUsableBase(base: BaseBackup, device: DeviceMark): void {
  assertUnchanged(base);
  if (servesAsBase(base.manifest, device)) return;
  const { name, manifest } = base;
  const [expected, actual] = [describe(device), describe(manifest.device)];
  const differ = english(expected) !== english(actual);
  throw new ImageError("backup-other-device", `check ${name}`, {
    file: name,
    // What cannot be told apart is not the same: without a MAC address on both sides nothing shows that it is one device.
    ...(differ ? { expected, actual } : { detail: words`nothing shows that it is of this device: ${actual}` }),
  });
}

/** Whether a dump with this manifest can serve `device`, as far as the manifest tells. */
export function servesAsBase({ device: mark, ranges }: BackupManifest, device: DeviceMark): boolean {
  const [range, ...more] = ranges;
  const isWhole = range?.start === 0 && range.length === device.flashSize && more.length === 0;
  return isWhole && compareDevices(mark, device) === "same";
}

/** Candidates for {@link assertUsableBase}, the newest first. */
export function basesFor<T extends { readonly manifest: BackupManifest }>(
  backups: readonly T[],
  device: DeviceMark,
): readonly T[] {
  return backups
    .filter(({ manifest }) => servesAsBase(manifest, device))
    .sort((a, b) => Date.parse(b.manifest.date) - Date.parse(a.manifest.date));
}

function describe({ chip, mac, flashSize }: DeviceMark): Words {
  return listed([
    chip ?? words`an unknown chip`,
    mac ?? words`no MAC address known`,
    words`${flashSize} bytes of flash`,
  ]);
}
