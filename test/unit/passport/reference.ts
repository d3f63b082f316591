/** The public facts that lie beside a checkout of the project: real storages with what they hold. Tests that need them are skipped without. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

const FOLDERS = [join("..", "shared"), join("..", "..", "shared")].map((folder) =>
  join(folder, "reference", "vectors"),
);
export const vectors = FOLDERS.find((folder) => existsSync(folder));

export interface ExpectedPin {
  readonly pin: number;
  readonly use: string;
  readonly key: string;
  readonly n?: number;
  readonly active?: 0 | 1;
}

export interface ExpectedDevice {
  readonly name: string;
  readonly file: string;
  readonly chip: string;
  readonly module: string | null;
  readonly board: string;
  readonly place: {
    readonly file_starts_at: string;
    readonly protected: { readonly entries: Readonly<Record<string, number>> } | null;
  };
  readonly storage: { readonly magic: string };
  readonly key_names: readonly string[];
  readonly keys: Readonly<
    Record<
      string,
      {
        readonly length: number;
        readonly sha256: string;
        readonly value: unknown;
        readonly block: number;
        readonly index_page: number;
      }
    >
  >;
  readonly firmware: { readonly version: string | null; readonly product_key: string | null };
  readonly paired: boolean;
  readonly wifi: { readonly stored: boolean; readonly name_and_password_pairs_in_all_pages: number };
  readonly deleted_keys_not_to_report: readonly string[];
  readonly pins: readonly ExpectedPin[];
  readonly tuyamcu: { readonly key: string; readonly baud: number } | null;
  readonly datapoints: {
    readonly schema: string;
    readonly list: readonly (Readonly<Record<string, unknown>> & {
      readonly id: number;
      readonly esphome?: string | null;
    })[];
  } | null;
  readonly expected: {
    readonly esphome: readonly Readonly<Record<string, unknown>>[];
    readonly openbeken: {
      readonly pins: Readonly<Record<string, string>>;
      readonly commands: readonly string[];
      readonly flags: readonly number[];
    };
    readonly unmapped_keys: readonly string[];
  };
}

export interface RealStorage {
  readonly device: ExpectedDevice;
  /** The storage alone. */
  readonly bytes: Uint8Array;
  /** 2 MiB of FF with it in its place. */
  readonly dump: () => Uint8Array;
}

export function readVector<T>(name: string): T | undefined {
  return vectors === undefined ? undefined : (JSON.parse(readFileSync(join(vectors, name), "utf8")) as T);
}

export function realStorages(): readonly RealStorage[] {
  const expected = readVector<{ readonly devices: readonly ExpectedDevice[] }>(join("tuya-storages", "expected.json"));
  return (expected?.devices ?? []).map((device) => {
    const bytes = new Uint8Array(readFileSync(join(vectors ?? "", "tuya-storages", device.file)));
    const dump = (): Uint8Array => {
      const flash = new Uint8Array(0x200000).fill(0xff);
      flash.set(bytes, Number(device.place.file_starts_at));
      return flash;
    };
    return { device, bytes, dump };
  });
}
