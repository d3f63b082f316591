/** The backups that are known here, by device, and what each holds: read once as long as the file stays the same. Shows nothing. */
import {
  checkManifest,
  judgeDump,
  passportOf,
  summaryOf,
  type DumpJudgement,
  type PassportSummary,
} from "../../core/index";
import { findBackups, type KnownBackup } from "../../storage/backups";
import type { FileSystem } from "../../storage/fileSystem";

export interface BackupDetails {
  readonly size: number;
  readonly judgement: DumpJudgement;
  /** It still is, bit for bit, what was read. */
  readonly isUnchanged: boolean;
  readonly passport: PassportSummary;
}

export interface DeviceBackups {
  /** Stays the same as long as the device has backups. */
  readonly id: string;
  readonly chipName: string | undefined;
  readonly mac: string | undefined;
  /** Newest first. */
  readonly backups: readonly KnownBackup[];
}

export interface ShelfParts {
  readonly files: FileSystem;
  /** Where backups go by themselves, and where the settings put them. */
  readonly folders: () => readonly string[];
  /** Dumps that were saved in places of their own. */
  readonly saved: () => readonly string[];
  readonly ignored: (path: string, error: unknown) => void;
  /** Lets others have their turn: a dump takes a moment to look through. */
  readonly breathe: () => Promise<void>;
}

export class BackupShelf {
  private readonly details = new Map<string, { readonly stamp: string; readonly details: Promise<BackupDetails> }>();
  private line: Promise<unknown> = Promise.resolve();

  constructor(private readonly parts: ShelfParts) {}

  async all(): Promise<readonly KnownBackup[]> {
    const { files, folders, saved, ignored } = this.parts;
    return await findBackups(files, folders(), saved(), ignored);
  }

  /**
   * What the newest backup of a device holds; undefined where there is none.
   * @throws what the file system throws
   */
  async newestOf(mac: string): Promise<PassportSummary | undefined> {
    const own = (await this.all()).filter(({ manifest }) => manifest.device.mac === mac);
    const newest = byDevice(own)[0]?.backups[0];
    return newest && (await this.detailsOf(newest)).passport;
  }

  /** @throws what the file system throws where the dump is gone */
  async detailsOf({ path, manifest }: KnownBackup): Promise<BackupDetails> {
    const { size, changed } = await this.parts.files.stat(path);
    const stamp = `${size} ${changed} ${manifest.crc32}`;
    const known = this.details.get(path);
    if (known?.stamp === stamp) return await known.details;
    const details = this.inTurn(async () => {
      const bytes = await this.parts.files.read(path);
      await this.parts.breathe();
      return {
        size: bytes.length,
        judgement: judgeDump(bytes, manifest.device.flashSize),
        isUnchanged: checkManifest(manifest, bytes).verdict === "equal",
        passport: summaryOf(passportOf(bytes)),
      };
    });
    this.details.set(path, { stamp, details });
    details.catch(() => this.details.delete(path));
    return await details;
  }

  /** One dump at a time is in memory. */
  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.line.then(work);
    this.line = turn.catch(() => undefined);
    return turn;
  }
}

/** Devices with the newest backup first. Without a MAC address all of one chip are together: nothing tells them apart. */
export function byDevice(backups: readonly KnownBackup[]): readonly DeviceBackups[] {
  const newestFirst = [...backups].sort((a, b) => Date.parse(b.manifest.date) - Date.parse(a.manifest.date));
  const devices = new Map<string, KnownBackup[]>();
  for (const backup of newestFirst) {
    const { mac, chip } = backup.manifest.device;
    const id = mac ?? chip ?? "";
    const others = devices.get(id);
    if (others) others.push(backup);
    else devices.set(id, [backup]);
  }
  return [...devices].map(([id, own]) => {
    const { device, chipName } = (own[0] as KnownBackup).manifest;
    return { id, chipName: chipName ?? device.chip?.toUpperCase(), mac: device.mac ?? undefined, backups: own };
  });
}
