/**
 * The ledger of a round on disk: JSON, which the next start goes on from, and beside it the same as a table (CSV). Both are replaced whole
 * at each change, so that a kill at any moment leaves the one state or the other. One program at a time: a second one is refused, and what a
 * killed one has left of its claim counts for nothing.
 */
import {
  assertLedgerOf,
  formatLedger,
  isFlasherError,
  ledgerTable,
  parseLedger,
  unusable,
  withEntry,
  words,
  type RoundBook,
  type RoundEntry,
  type RoundFile,
  type RoundLedger,
  type RoundRules,
} from "../core/index";
import type { FileSystem } from "./fileSystem";
import type { Programs } from "./interrupted";
import { beside, createFile, createFolder, exists, fileError, readText, replaceFile } from "./wholeFiles";

export interface RoundBookOptions {
  readonly files: FileSystem;
  readonly programs: Programs;
  /** Of the JSON. */
  readonly path: string;
  readonly file: RoundFile;
  /** Told of a table that could not be written, once in a row: a table program may have it open. The ledger itself is whole. */
  readonly tableNotWritten: (path: string, why: string) => void;
}

/** Where the table is: `round.json` and `round.csv`. */
export function tablePath(files: FileSystem, path: string): string {
  return files.join(files.folderOf(path), `${files.nameOf(path).replace(/\.json$/i, "")}.csv`);
}

/** Most disks take names of 255 bytes, and what is written beside the ledger needs some of them. */
const LONGEST_STEM = 100;

/** The same for the same bytes: a round that was stopped goes on when it is begun with the same file again. */
export function ledgerName({ name, sha256 }: RoundFile): string {
  const stem = name.replace(/^.*[\\/]/, "").replace(/(?<=.)\.[^.]*$/, "");
  return `round-${stem.replace(/[^\w.-]+/g, "_").slice(0, LONGEST_STEM)}-${sha256.slice(0, 8)}.json`;
}

export class StoredRoundBook implements RoundBook {
  /** One change after the other: ports are served at once. */
  private last: Promise<void> = Promise.resolve();
  private tableFails = false;

  private constructor(
    private readonly options: RoundBookOptions,
    private now: RoundLedger,
  ) {}

  /**
   * A new ledger, or the one that is there.
   * @throws ImageError `ledger-unusable` where it is of another file, damaged, or another program is at work on it
   * @throws FileError
   */
  static async open(options: RoundBookOptions): Promise<StoredRoundBook> {
    const { files, path, file } = options;
    const name = files.nameOf(path);
    await createFolder(files, files.folderOf(path));
    await claim(options);
    try {
      const isThere = await exists(files, path);
      const ledger = isThere ? parseLedger(await readText(files, path), name) : { file, rules: null, entries: [] };
      assertLedgerOf(ledger, file, name);
      return new StoredRoundBook(options, ledger);
    } catch (error) {
      await unclaim(options);
      throw fileError(error, `read ${name}`, path);
    }
  }

  get ledger(): RoundLedger {
    return this.now;
  }

  async agree(rules: RoundRules): Promise<void> {
    await this.change((ledger) => ({ ...ledger, rules }));
  }

  async put(entry: RoundEntry): Promise<void> {
    const { detail } = entry;
    await this.change((ledger) => withEntry(ledger, { ...entry, detail: detail === null ? null : oneLine(detail) }));
  }

  /** Lets another program have it. */
  async close(): Promise<void> {
    await this.last.catch(() => undefined);
    await unclaim(this.options);
  }

  private async change(to: (ledger: RoundLedger) => RoundLedger): Promise<void> {
    const turn = this.last.catch(() => undefined).then(() => this.write(to(this.now)));
    this.last = turn;
    await turn;
  }

  private async write(ledger: RoundLedger): Promise<void> {
    const { files, path, tableNotWritten } = this.options;
    try {
      await replaceFile(files, path, formatLedger(ledger));
    } catch (error) {
      throw fileError(error, `write ${files.nameOf(path)}`, path);
    }
    this.now = ledger;
    const table = tablePath(files, path);
    try {
      await replaceFile(files, table, ledgerTable(ledger));
      this.tableFails = false;
    } catch (error) {
      if (!this.tableFails) tableNotWritten(table, error instanceof Error ? error.message : String(error));
      this.tableFails = true;
    }
  }
}

/** As long as a field of the ledger may be. */
const LONGEST_DETAIL = 200;

function oneLine(text: string): string {
  const line = text.replace(/[\p{Cc}\s]+/gu, " ");
  return line.length <= LONGEST_DETAIL ? line : `${line.slice(0, LONGEST_DETAIL - 3)}...`;
}

function claimPath({ files, path }: RoundBookOptions): string {
  return beside(files, path, ".lock");
}

/** Claims of this very program. */
const held = new Set<string>();

async function unclaim(options: RoundBookOptions): Promise<void> {
  const lock = claimPath(options);
  held.delete(lock);
  await options.files.remove(lock);
}

async function claim(options: RoundBookOptions): Promise<void> {
  const { files, path, programs } = options;
  const lock = claimPath(options);
  const own = new TextEncoder().encode(`${programs.own}\n`);
  for (let again = false; ; again = true) {
    try {
      // Whole at once: a claim that another program is about to write must not look like what a killed one has left.
      await createFile(files, lock, own);
      held.add(lock);
      return;
    } catch (error) {
      if (!isFlasherError(error) || error.code !== "file-exists") throw error;
    }
    const pid = Number(await readText(files, lock).catch(() => ""));
    // In a container every program may have had the number of this one.
    const isHeld = pid === programs.own ? held.has(lock) : Number.isInteger(pid) && pid > 0 && programs.isAlive(pid);
    if (isHeld || again) {
      const name = files.nameOf(lock);
      throw unusable(
        files.nameOf(path),
        words`program ${pid} is at work on it; if that is something else, remove ${name}`,
      );
    }
    await files.remove(lock);
  }
}
