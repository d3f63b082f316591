/** Names the places of a crash by the ELF file of the build that crashed. */
import { asText } from "../base/bytes";
import { FlasherError } from "../base/errors";
import { words } from "../base/words";
import type { CrashDump } from "./crashDump";
import { symbolAt, type ElfFile } from "./elfFile";
import { lineAt, type SourceLine } from "./lineTable";
import type { FirmwareFacts } from "./signTypes";

export interface CrashPlace {
  /** `fault`: where it trapped; `caller`: who called that; `stack`: a return address that was found on the stack. */
  readonly role: "fault" | "caller" | "stack";
  readonly address: number;
  /** `function` or `function+0x4`; undefined where the build has no function there. */
  readonly symbol: string | undefined;
  readonly source: SourceLine | undefined;
}

/** A call is two bytes or more before the address it returns to. */
const TO_THE_CALL = 2;

/**
 * The places of a dump, where it trapped first.
 * @param firmware what the log says of the build that ran; checked against the file where it gives a build time
 * @throws FlasherError `elf-unusable` when the file is of another build
 */
export function decodeCrash(dump: CrashDump, elf: ElfFile, firmware: FirmwareFacts | undefined): CrashPlace[] {
  assertSameBuild(elf, firmware);
  const returned =
    (role: CrashPlace["role"]) =>
    (address: number): CrashPlace => {
      const called = address - (address % 2) - TO_THE_CALL;
      return { role, address, symbol: symbolAt(elf, called), source: lineAt(elf, called) };
    };
  const fault: CrashPlace[] =
    dump.pc === undefined
      ? []
      : [{ role: "fault", address: dump.pc, symbol: symbolAt(elf, dump.pc), source: lineAt(elf, dump.pc) }];
  const callers = dump.caller === undefined ? [] : [returned("caller")(dump.caller)];
  return [...fault, ...callers, ...dump.stack.map(returned("stack"))];
}

/** The build times that a file has in the words of its banner, and of nothing else. */
const STAMPS = /[Cc]ompiled at (\w{3} [ \d]\d \d{4} \d\d:\d\d:\d\d)/g;
const BOARDS = /LibreTiny v\S{1,40} on ([\w.-]{1,64})/g;

function assertSameBuild(elf: ElfFile, firmware: FirmwareFacts | undefined): void {
  if (isOfBuild(elf, firmware) !== false) return;
  throw new FlasherError("elf-unusable", words`decode the crash`, {
    detail: words`the file is of another build than the one of ${firmware?.compiled ?? firmware?.board ?? ""} that crashed`,
  });
}

/**
 * Whether a file is of the build that a log tells of: by its build time, which is in the file as the compiler wrote it, and its board.
 * @returns undefined where the log tells of neither, so that nobody can know
 */
export function isOfBuild({ bytes }: ElfFile, firmware: FirmwareFacts | undefined): boolean | undefined {
  if (firmware?.kind !== "esphome" && firmware?.kind !== "libretiny") return undefined;
  const { board, compiled } = firmware;
  const text = asText(bytes);
  const boards = [...text.matchAll(BOARDS)].map(([, name]) => name);
  if (board !== undefined && boards.length > 0 && !boards.includes(board)) return false;
  if (compiled === undefined) return undefined;
  // A page may have made one blank of two. ESPHome's own line has a comma, or another form altogether.
  const [, month = "", day = "", year = "", comma = "", time = ""] =
    /^(\w{3}) +(\d{1,2}) (\d{4})(,?) (\d\d:\d\d:\d\d)$/.exec(compiled) ?? [];
  const date = `${month} ${day.padStart(2)} ${year}`;
  if (time === "") return /\d\d:\d\d:\d\d/.test(compiled) ? text.includes(compiled) : undefined;
  if (comma !== "") return text.includes(`${date}, ${time}`);
  const stamps = [...text.matchAll(STAMPS)].map(([, stamp]) => stamp);
  return stamps.length > 0 ? stamps.includes(`${date} ${time}`) : text.includes(date) && text.includes(time);
}
