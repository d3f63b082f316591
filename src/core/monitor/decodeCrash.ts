/** Names the places of a crash by the ELF file of the build that crashed. */
import { FlasherError } from "../base/errors";
import { words } from "../base/words";
import type { CrashDump } from "./crashDump";
import { symbolAt, type ElfFile } from "./elfFile";
import { lineAt, type SourceLine } from "./lineTable";
import type { FirmwareFacts } from "./logSigns";

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

/** The banner's build time is in the binary as the compiler wrote it. */
function assertSameBuild({ bytes }: ElfFile, firmware: FirmwareFacts | undefined): void {
  const compiled = firmware?.kind === "esphome" || firmware?.kind === "libretiny" ? firmware.compiled : undefined;
  const stamp = compiled && /^(\w{3} +\d+ \d{4}) (\d\d:\d\d:\d\d)$/.exec(compiled);
  if (!stamp) return;
  const [, date = "", time = ""] = stamp;
  if (holds(bytes, date) && holds(bytes, time)) return;
  throw new FlasherError("elf-unusable", words`decode the crash`, {
    detail: words`the file is of another build than the one of ${date} ${time} that crashed`,
  });
}

function holds(bytes: Uint8Array, text: string): boolean {
  const first = text.charCodeAt(0);
  for (let at = bytes.indexOf(first); at >= 0; at = bytes.indexOf(first, at + 1)) {
    let length = 1;
    while (length < text.length && bytes[at + length] === text.charCodeAt(length)) length++;
    if (length === text.length) return true;
  }
  return false;
}
