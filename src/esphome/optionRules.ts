/** Rules for the values below `platformio_options`: what arrives at LibreTiny must be what was meant. Source: docs/formats.md ("Scalars"). */
import { words, hexAddress, type BoardProfile, findLayout, type Words } from "../core/index";
import { writeFix, type Fix, type YamlDiagnostic } from "./yamlDiagnostics";
import type { Place, YamlScalar } from "./yamlFile";

const KEY_OPTION = "board_build.bkcrypt_coeffs";
const SIZE_OPTION = "board_build.bkrbl_size_app";
const FLASH_OPTION = "board_flash.";
const MOVE_OPTION = "custom_flash.";
const OTA_LENGTHS: Readonly<Record<string, number>> = { "board_build.bkota.key": 32, "board_build.bkota.iv": 16 };
const BOOT_CODE_END = 0x11000;
const ZEROS = "0".repeat(32);

export interface Option {
  readonly key: string;
  readonly keyPlace: Place;
  /** undefined: a list, or nothing. */
  readonly scalar: YamlScalar | undefined;
}

type Severity = YamlDiagnostic["severity"];

function diagnostic(
  code: YamlDiagnostic["code"],
  severity: Severity,
  place: Place | YamlScalar,
  said: Words,
  fixes: readonly Fix[] = [],
): YamlDiagnostic {
  const { start, end } = place;
  return { code, severity, start, end, words: said, fixes, file: "written" in place ? place.written.file : undefined };
}

function replaced({ written }: YamlScalar, text: string): Fix[] {
  return [writeFix(written, text)];
}

/** Options whose value decides; of others it does not matter that it cannot be seen. */
const DECIDING = /^(?:board_build\.bk|board_flash\.|custom_flash\.)/;

/** That a value which decides is not to be seen from here. */
export function unknownValue(key: string, scalar: YamlScalar): YamlDiagnostic | undefined {
  return scalar.unknown
    ? diagnostic(
        "value-unknown",
        "information",
        scalar,
        words`Not checked: what ${key} is cannot be seen from here, as ${scalar.unknown}.`,
      )
    : undefined;
}

const quoted = (text: string): string => `"${text}"`;

/** What is wrong with the way a value is written, whatever it is for. */
export function checkWriting(key: string, place: Place, scalar: YamlScalar | undefined): YamlDiagnostic | undefined {
  if (scalar === undefined || scalar.read?.kind === "null")
    return diagnostic(
      "value-missing",
      "error",
      scalar && scalar.end > scalar.start ? scalar : place,
      words`${key} has no value, which ESPHome refuses.`,
    );
  const { source, read } = scalar;
  if (read?.kind === "boolean")
    return diagnostic(
      "value-boolean",
      "error",
      scalar,
      words`YAML reads ${source} as true or false, and ESPHome refuses that here: it needs quotes.`,
      replaced(scalar, quoted(source)),
    );
  if (read?.kind === "number" && read.text !== source)
    return diagnostic(
      "value-changes",
      "error",
      scalar,
      words`YAML reads ${source} as a number: what arrives is ${read.text === "" ? words`another number` : read.text}. It needs quotes.`,
      replaced(scalar, quoted(source)),
    );
  return undefined;
}

/** @returns undefined where the option has no rule of its own */
export function checkOption({ key, keyPlace, scalar }: Option): YamlDiagnostic | undefined {
  if (scalar?.unknown) return DECIDING.test(key) ? unknownValue(key, scalar) : undefined;
  if (key === KEY_OPTION) return checkKey(keyPlace, scalar);
  if (key === SIZE_OPTION && scalar) return checkSize(keyPlace, scalar);
  if (key.startsWith(FLASH_OPTION) && scalar) return checkPartitionForm(key, scalar);
  if (key.startsWith(MOVE_OPTION))
    return scalar?.read?.kind === "number" ? undefined : checkWriting(key, keyPlace, scalar);
  const wanted = Object.hasOwn(OTA_LENGTHS, key) ? OTA_LENGTHS[key] : undefined;
  const written = checkWriting(key, keyPlace, scalar);
  if (written || wanted === undefined || scalar?.read?.kind !== "text") return written;
  const { length } = scalar.read.text;
  return length === wanted
    ? undefined
    : diagnostic("ota-key-length", "error", scalar, words`It must be ${wanted} characters long, and is ${length}.`);
}

function checkKey(keyPlace: Place, scalar: YamlScalar | undefined): YamlDiagnostic | undefined {
  if (scalar === undefined || scalar.read?.kind === "null") return checkWriting(KEY_OPTION, keyPlace, scalar);
  const { source, read, isQuoted } = scalar;
  if (read === undefined) return undefined;
  if (isQuoted && source === "")
    return diagnostic(
      "key-empty",
      "warning",
      scalar,
      words`An empty key counts as no key at all: write 32 zeros if that is meant.`,
      replaced(scalar, quoted(ZEROS)),
    );
  const arrives = (read.text ?? "").replaceAll(" ", "");
  if (read.kind !== "boolean" && /^[0-9a-f]{32}$/i.test(arrives)) return undefined;
  const meant = source.replace(/^0x/i, "").replaceAll(/[ _]/g, "");
  if (!isQuoted && /^[0-9a-f]{32}$/i.test(meant))
    return diagnostic(
      "value-changes",
      "error",
      scalar,
      words`YAML reads this key as a number: the build would end with an error, or have another key. It needs quotes.`,
      replaced(scalar, quoted(meant)),
    );
  const fixes = /^0+$/.test(meant) ? replaced(scalar, quoted(ZEROS)) : [];
  return diagnostic("key-not-hex", "error", scalar, words`A key is 32 hex digits.`, fixes);
}

/** The packager reads it as hex digits, whatever stands before them. */
function checkSize(keyPlace: Place, scalar: YamlScalar): YamlDiagnostic | undefined {
  const { source, read } = scalar;
  if (read === undefined) return undefined;
  if (read.kind === "text" && /^0x[0-9a-f]+$/i.test(read.text)) return undefined;
  if (read.kind !== "number") return checkWriting(SIZE_OPTION, keyPlace, scalar);
  const hex = /^0x/i.test(source) ? source : `0x${Number(read.text).toString(16).toUpperCase()}`;
  return diagnostic(
    "size-not-hex",
    "error",
    scalar,
    words`YAML makes ${read.text} of it, which is then read as hex digits. It needs quotes and 0x.`,
    replaced(scalar, quoted(hex)),
  );
}

const PARTITION = /^0x([0-9a-f]+)\+0x([0-9a-f]+)$/i;
/** Partitions that have one length in every layout. */
const LENGTHS: Readonly<Record<string, string>> = { calibration: "0x1000", kvs: "0x8000", diff2ya: "0x1000" };

function checkPartitionForm(key: string, scalar: YamlScalar): YamlDiagnostic | undefined {
  const { source, read } = scalar;
  if (read === undefined || (read.kind === "text" && PARTITION.test(read.text))) return undefined;
  const length = LENGTHS[key.slice(FLASH_OPTION.length)];
  const isStart = /^0x[0-9a-f]+$/i.test(source);
  const fixes = isStart && length !== undefined ? replaced(scalar, `${source}+${length}`) : [];
  return diagnostic("partition-form", "error", scalar, words`A partition is written as 0xSTART+0xLENGTH.`, fixes);
}

interface Placed {
  readonly name: string;
  readonly start: number;
  readonly end: number;
  readonly scalar: YamlScalar | undefined;
}

/** Nothing of ESPHome's uses these: a calibration inside them, as some modules have theirs, is safe. */
const FREE: readonly string[] = ["tuya", "userdata"];

/** Partitions that a project moves, against the boot code, the end of the flash and the other ones of its board. */
export function checkPartitions(
  options: readonly Option[],
  board: BoardProfile | undefined,
): readonly YamlDiagnostic[] {
  const layout = board && findLayout(board.layout);
  const moved = options.flatMap(movedTo);
  const stay = (layout?.partitions ?? [])
    .filter(({ name }) => !moved.some((each) => each.name === name))
    .map(({ name, offset, length }): Placed => ({ name, start: offset, end: offset + length, scalar: undefined }));
  return moved.flatMap((part) => {
    const { name, start, end, scalar } = part;
    if (!scalar) return [];
    if (start < BOOT_CODE_END && name !== "bootloader")
      return diagnostic(
        "partition-in-boot-code",
        "error",
        scalar,
        words`Boot code lies below ${hexAddress(BOOT_CODE_END)}: a partition there is written over it.`,
      );
    if (layout && end > layout.flashSize)
      return diagnostic(
        "partition-past-end",
        "error",
        scalar,
        words`The flash ends at ${hexAddress(layout.flashSize)}.`,
      );
    const isStartOnly = end === start + 1;
    // LibreTiny makes what is around it shorter: around the radio's values that would be the application or its packages.
    if (isStartOnly && name !== "calibration") return [];
    const other = [...moved, ...stay].find(
      (each) => each !== part && !FREE.includes(each.name) && each.start < end && start < each.end,
    );
    return other
      ? diagnostic(
          "partition-overlap",
          "error",
          scalar,
          words`It lies in partition ${other.name} (${hexAddress(other.start)}..${hexAddress(other.end)}).`,
        )
      : [];
  });
}

function movedTo({ key, scalar }: Option): Placed[] {
  if (!scalar?.read || scalar.read.kind === "null") return [];
  const { text } = scalar.read;
  if (key.startsWith(FLASH_OPTION)) {
    const match = PARTITION.exec(text);
    if (!match) return [];
    const start = parseInt(match[1] as string, 16);
    return [{ name: key.slice(FLASH_OPTION.length), start, end: start + parseInt(match[2] as string, 16), scalar }];
  }
  // Of these LibreTiny works out the length by itself.
  if (!key.startsWith(MOVE_OPTION) || !/^(?:0x[0-9a-f]+|\d+)$/i.test(text)) return [];
  return [{ name: key.slice(MOVE_OPTION.length), start: Number(text), end: Number(text) + 1, scalar }];
}
