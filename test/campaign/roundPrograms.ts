/**
 * A flash as one device of a round: with the ledger on the scenario's disk, and once more after its success, when the device must be known
 * and left alone. What the ledger claims of a device is looked up by the checks.
 */
import { createHash } from "node:crypto";
import {
  CancelledError,
  asFlasherError,
  devicesDone,
  flashedOf,
  isFlasherError,
  parseLedger,
  runRound,
  type FlasherError,
  type FlashRequest,
  type JobResult,
  type RoundLine,
  type RoundNews,
} from "../../src/core/index";
import { StoredRoundBook } from "../../src/storage/roundBook";
import type { Caution, Host, Program, write } from "./programs";

const LEDGER = "round.json";

/** @param by how each device is flashed */
export const inARound =
  (by: typeof write): typeof write =>
  (request, caution: Caution = {}): Program => {
    const flash = by(request, caution);
    return async (host) => {
      if (request.kind !== "flash") throw new Error("only flash");
      const { name, bytes } = request.file;
      const book = await StoredRoundBook.open({
        files: host.files,
        programs: { own: host.pid, isAlive: () => false },
        path: host.files.join(host.folder, LEDGER),
        file: { name, sha256: createHash("sha256").update(bytes).digest("hex"), size: bytes.length },
        tableNotWritten: () => undefined,
      });
      try {
        const first = await oneDevice(host, book, request, flash);
        if (first.error) throw first.error;
        if (first.result === undefined) return undefined;
        const again = await oneDevice(host, book, request, () =>
          Promise.reject(new Error("a device that is done was flashed again")),
        );
        // Whom a disturbance keeps from being met again has its file all the same.
        if (again.error?.code === "internal") throw again.error;
        if (!again.error && again.news !== "same")
          throw new Error(`a device that is done was taken for another: ${again.news}`);
        return first.result;
      } finally {
        await book.close();
      }
    };
  };

interface Turn {
  readonly result: JobResult | undefined;
  readonly error: FlasherError | undefined;
  readonly news: RoundNews["type"] | undefined;
}

/** The round until the device that is there was dealt with. */
async function oneDevice(
  host: Host,
  book: StoredRoundBook,
  { file, at, rekey }: FlashRequest,
  flash: Program,
): Promise<Turn> {
  const enough = new AbortController();
  const never = new AbortController().signal;
  let result: JobResult | undefined;
  let error: FlasherError | undefined;
  let last: RoundNews["type"] | undefined;
  const failed = (cause: unknown): never => {
    // What is no failure of a job is a mistake of ours, whatever the round makes of it.
    error = asFlasherError(cause, "flash a device");
    enough.abort();
    throw cause;
  };
  const line: RoundLine = {
    port: "virtual",
    identify: async () => (await host.run({ kind: "info" }, {}).catch(failed)).chip,
    flash: async (approve) => {
      const run: Host["run"] = (request, hooks, store) => host.run(request, { ...hooks, approve }, store);
      result = await flash({ ...host, run }).catch(failed);
      return result?.kind === "flash" ? flashedOf(result) : {};
    },
    holdsFile: async () => {
      const request = { kind: "verify", file, ...(at !== undefined && { at }), rekey: rekey === true } as const;
      try {
        return (await host.run(request, {})).verified;
      } catch (cause) {
        if (isFlasherError(cause) && cause.code === "verify-failed") return false;
        throw cause;
      }
    },
    restart: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
  const tell = (news: RoundNews): void => {
    last = news.type;
    if (news.type === "entry" || news.type === "same") enough.abort();
    if (news.type !== "entry" || news.entry.result !== "refused") return;
    error ??= new CancelledError(`flash a device that was refused: ${news.entry.code ?? ""}`);
  };
  const agree = (): Promise<boolean> => Promise.resolve(true);
  const now = (): Date => new Date(0);
  const signals = { enough: enough.signal, now: never };
  const fileChanged = (): Promise<boolean> => Promise.resolve(false);
  await runRound([line], { book, clock: host.clock, now, agree, tell, fileChanged }, signals);
  return { result: error ? undefined : result, error, news: last };
}

/** Whether the ledger on disk says that the device has the file, verified on the chip. */
export function ledgerClaims(files: ReadonlyMap<string, Uint8Array>): boolean {
  const text = files.get(LEDGER);
  return text !== undefined && devicesDone(parseLedger(new TextDecoder().decode(text), LEDGER)) > 0;
}
