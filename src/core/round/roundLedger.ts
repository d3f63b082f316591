/**
 * What a round has done: one entry for each device and try, in one file that the next start goes on from (JSON), and the same as a table
 * for people (CSV). Builds, reads and judges it; knows no disk.
 */
import { ImageError } from "../base/errors";
import { words, type Text } from "../base/words";
import type { DeviceMark } from "../backup/manifest";
import { markOf } from "../backup/parseManifest";
import {
  FieldError,
  fieldsOf,
  freeTextField,
  listField,
  numberField,
  optional,
  textField,
  type Fields,
} from "../backup/untrustedFields";

const FORMAT = "beken-flasher-round";
const VERSION = 1;
/** More than anybody flashes by hand. */
const MOST_ENTRIES = 100_000;
const HASH = /^[0-9a-f]{64}$/;

/**
 * How it went with a device. `begun`: nothing is known of its end, the program was stopped in it; `running`: verified on the chip, and the
 * firmware was seen to run; `not-running`: verified on the chip, and the firmware was seen not to run; `refused`: nothing was touched;
 * `stopped`: by the person.
 */
export const ROUND_RESULTS = ["begun", "running", "verified", "not-running", "failed", "refused", "stopped"] as const;
export type RoundResult = (typeof ROUND_RESULTS)[number];

export interface RoundEntry {
  /** Unlike that of any other entry. */
  readonly id: string;
  /** When the device was recognised: ISO 8601, UTC. */
  readonly time: string;
  readonly port: string;
  readonly device: DeviceMark;
  /**
   * True of a device that by its marks may be one from before, and did not hold what that one was given: addresses are given twice, and
   * there are devices without one. It is counted as another one.
   */
  readonly isAnother?: true;
  /** SHA-256 of the file, lower-case hex. */
  readonly sha256: string;
  readonly result: RoundResult;
  readonly durationMs: number;
  /** Name of the backup of the device as it was; null where none was made and none was there. */
  readonly backup: string | null;
  /** Why it ended as it did: the code of the error, or of what the round has against the device. */
  readonly code: string | null;
  /** The same in an English sentence. */
  readonly detail: string | null;
}

/** What is the same for every device of a round. What differs is refused. */
export interface RoundRules {
  /** Id in the table of chips. */
  readonly chip: string | null;
  /** The chip's key: its kind; of a key of the owner's own with a checksum. */
  readonly key: string;
  /** Names everything that is written, and where. */
  readonly plan: string;
}

export interface RoundFile {
  readonly name: string;
  /** SHA-256 of its bytes, lower-case hex. */
  readonly sha256: string;
  /** Bytes. */
  readonly size: number;
}

export interface RoundLedger {
  readonly file: RoundFile;
  /** As the person agreed to them with the first device; null before that. */
  readonly rules: RoundRules | null;
  /** In the order of their beginning. */
  readonly entries: readonly RoundEntry[];
}

/** SHA-256 as 64 lower-case hex digits. */
export async function sha256(bytes: Uint8Array): Promise<string> {
  // Copied where the bytes may be shared memory, which is not digested.
  const digest = await crypto.subtle.digest("SHA-256", new Uint8Array(bytes));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The ledger with this entry, in the place of its earlier state where it has one. */
export function withEntry(ledger: RoundLedger, entry: RoundEntry): RoundLedger {
  const at = ledger.entries.findIndex(({ id }) => id === entry.id);
  const entries = at === -1 ? [...ledger.entries, entry] : ledger.entries.map((old, i) => (i === at ? entry : old));
  return { ...ledger, entries };
}

/** Devices that have the file, proven on the chip. */
export function isDone({ result }: Pick<RoundEntry, "result">): boolean {
  return result === "running" || result === "verified" || result === "not-running";
}

export type RoundCounts = Readonly<Record<RoundResult, number>>;

export function countsOf({ entries }: RoundLedger): RoundCounts {
  const count = (result: RoundResult): number => entries.filter((entry) => entry.result === result).length;
  return Object.fromEntries(ROUND_RESULTS.map((result) => [result, count(result)])) as RoundCounts;
}

/** The ledger as the text of its file. */
export function formatLedger(ledger: RoundLedger): string {
  return `${JSON.stringify({ format: FORMAT, version: VERSION, ...ledger }, null, 2)}\n`;
}

/**
 * @param name of the file, for the message
 * @throws ImageError `ledger-unusable`
 */
export function parseLedger(text: string, name: string): RoundLedger {
  try {
    return ledgerOf(fieldsOf(JSON.parse(text), words`it`));
  } catch (error) {
    if (!(error instanceof FieldError || error instanceof SyntaxError)) throw error;
    throw unusable(name, error instanceof FieldError ? error.why : words`it is not JSON`);
  }
}

/** @throws ImageError `ledger-unusable` where it is of another file than the one that is flashed now */
export function assertLedgerOf(ledger: RoundLedger, file: RoundFile, name: string): void {
  if (ledger.file.sha256 === file.sha256) return;
  throw unusable(name, words`it is of a round with ${ledger.file.name}, and ${file.name} has other bytes`);
}

export function unusable(name: string, detail: Text): ImageError {
  return new ImageError("ledger-unusable", words`go on with ${name}`, { file: name, detail });
}

function ledgerOf(fields: Fields): RoundLedger {
  if (fields["format"] !== FORMAT) throw new FieldError(words`it is no ledger of a round`);
  const version = numberField(fields, "version", 1, 0xffff);
  if (version !== VERSION) throw new FieldError(words`it is of version ${version}, and this program knows ${VERSION}`);
  const file = fieldsOf(fields["file"], words`file`);
  return {
    file: {
      name: freeTextField(file, "name"),
      sha256: textField(file, "sha256", HASH),
      size: numberField(file, "size", 0, Number.MAX_SAFE_INTEGER),
    },
    rules: optional(fields, "rules", (of, name) => rulesOf(fieldsOf(of[name], words`rules`))),
    entries: listField(fields, "entries", MOST_ENTRIES).map((entry) => entryOf(fieldsOf(entry, words`an entry`))),
  };
}

function rulesOf(fields: Fields): RoundRules {
  return {
    chip: optional(fields, "chip", textField),
    key: textField(fields, "key"),
    plan: textField(fields, "plan"),
  };
}

function entryOf(fields: Fields): RoundEntry {
  const result = ROUND_RESULTS.find((known) => known === fields["result"]);
  if (result === undefined) throw new FieldError(words`${"result"} is not as it should be`);
  return {
    id: textField(fields, "id"),
    time: textField(fields, "time"),
    port: freeTextField(fields, "port"),
    device: markOf(fields["device"]),
    ...(fields["isAnother"] === true && { isAnother: true }),
    sha256: textField(fields, "sha256", HASH),
    result,
    durationMs: numberField(fields, "durationMs", 0, Number.MAX_SAFE_INTEGER),
    backup: optional(fields, "backup", freeTextField),
    code: optional(fields, "code", textField),
    detail: optional(fields, "detail", freeTextField),
  };
}

const COLUMNS = ["time", "port", "mac", "chip", "file", "sha256", "result", "seconds", "backup", "code", "detail"];

/** The ledger as a table: RFC 4180, with a line of headings. */
export function ledgerTable({ file, entries }: RoundLedger): string {
  const rows = entries.map(({ time, port, device, sha256: hash, result, durationMs, backup, code, detail }) => [
    time,
    port,
    device.mac,
    device.chip,
    file.name,
    hash,
    result,
    (durationMs / 1000).toFixed(1),
    backup,
    code,
    detail,
  ]);
  return [COLUMNS, ...rows].map((row) => `${row.map(cell).join(",")}\r\n`).join("");
}

/** What a table program would take for a formula is text; in East Asia some take the wide signs as well. */
function cell(value: string | null): string {
  const text = value === null ? "" : /^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
