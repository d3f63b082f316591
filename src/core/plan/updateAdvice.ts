/**
 * Whether updates over the air of a build will be unpacked on a device, and the least that the YAML must say so that they are: the boot
 * code's table and the chip's key against the layout and the key of the build. Pure. Source: docs/formats.md ("Updates over the air").
 */
import { hexAddress } from "../base/bytes";
import type { Range } from "../base/ranges";
import { words, type Words } from "../base/words";
import type { BoardProfile } from "../beken/chips/boards";
import { findLayout } from "../beken/chips/layouts";
import { geometryOf } from "../beken/chips/strictGeometry";
import type { BootloaderProfile, ChipIdentity, Coefficients, KeyKind } from "../beken/chips/types";
import type { BuildFacts } from "./buildFacts";
import { FlashAfter } from "./flashAfter";
import { boardOverrides } from "./libreTinyYaml";
import { downloadPartition } from "./updatePackage";

/** What of a device decides. */
export interface UpdateDevice {
  readonly bootCode: {
    readonly isThere: boolean;
    readonly profile: BootloaderProfile | undefined;
    /** Where it looks for a package, physical. */
    readonly download: Range | undefined;
    readonly hasTable: boolean;
    /** False: what there is of it is too little to say that it has no table. True where left out. */
    readonly isWhole?: boolean;
    /** A clause: why the chip does not start with it; another will take its place, and decide. */
    readonly unfit?: Words | undefined;
  };
  readonly key: KeyKind;
  readonly coefficients: Coefficients | undefined;
  readonly calibrationAt: number | undefined;
}

export interface UpdateAdvice {
  readonly works: "yes" | "no" | "unknown";
  readonly words: Words;
  /** Options for `platformio_options`, as they are written there; empty where the build fits. */
  readonly patch: readonly string[];
}

/** A chip on the wire, by its boot code as far as that was read. */
export function updateDevice(chip: ChipIdentity): UpdateDevice {
  const { bootloader, key, calibration, flash, samples = [] } = chip;
  const { bootCodeEnd } = geometryOf(chip);
  const download = downloadPartition(chip);
  const isWhole = new FlashAfter(flash.size, samples, undefined).knownUntil(0, bootCodeEnd) === bootCodeEnd;
  const unfit = chip.start?.reasons.find(({ code, weight }) => weight === "no" && code.startsWith("boot-code-"));
  return {
    bootCode: {
      unfit: unfit?.words,
      isThere: bootloader.empty === undefined,
      profile: bootloader.profile,
      download,
      hasTable: download !== undefined,
      isWhole: isWhole || bootloader.profile?.unpacksNothing === true,
    },
    key: key.kind,
    coefficients: key.coefficients,
    calibrationAt: calibration?.address,
  };
}

const APP_START = 0x11000;

export function updateAdvice(device: UpdateDevice, build: BuildFacts): UpdateAdvice {
  const { bootCode, key, coefficients, calibrationAt } = device;
  const fits = build.board
    ? boardOverrides({ key: { kind: key, ...(coefficients && { coefficients }) }, calibrationAt }, [build.board])
    : [];
  const wrongKey = key !== "unknown" && build.key !== "unknown" && key !== build.key;
  // What a project overrides already is in the build: its board alone does not know.
  const patch = fits.filter((line) => wrongKey || line.startsWith("board_flash."));
  const answer = (works: UpdateAdvice["works"], said: Words, more: readonly string[] = []): UpdateAdvice => ({
    works,
    words: said,
    patch: [...patch, ...more],
  });
  if (!bootCode.isThere) return answer("unknown", words`there is no boot code to tell`);
  if (bootCode.unfit) return answer("unknown", words`the device does not start with this boot code: ${bootCode.unfit}`);
  const start = bootCode.download?.start ?? (bootCode.hasTable ? undefined : bootCode.profile?.download);
  if (start === undefined && bootCode.isWhole === false)
    return answer("unknown", words`the boot code is in no table, and not all of it was read`);
  if (start === undefined)
    return answer(
      "no",
      bootCode.hasTable
        ? words`wired only: the boot code's table has no download partition`
        : words`wired only: the boot code has no partition table, so it looks for no package`,
    );
  const partitions =
    build.partitions.length > 0
      ? build.partitions
      : ((build.board && findLayout(build.board.layout)?.partitions) ?? []);
  const download = partitions.find(({ name }) => name === "download");
  if (!download) return answer("unknown", words`the build does not say where it puts its packages`);
  if (download.offset !== start) {
    const length = bootCode.download ? bootCode.download.end - start : download.length;
    const app = partitions.find(({ name }) => name === "app");
    const appIsLong = app !== undefined && app.offset < start && app.offset + app.length > start;
    return answer(
      "no",
      words`the build puts its packages at ${hexAddress(download.offset)}, and the boot code looks at ${hexAddress(start)}`,
      [
        ...(appIsLong ? [`board_flash.app: ${hex(APP_START)}+${hex(start - APP_START)}`] : []),
        `board_flash.download: ${hex(start)}+${hex(length)}`,
      ],
    );
  }
  if (wrongKey) return answer("no", words`the chip has another key than the build: what is unpacked would not start`);
  return answer("yes", words`the boot code looks for packages at ${hexAddress(start)}, where the build puts them`);
}

/** What the YAML of a device must say besides its board, so that its updates are unpacked; empty where the board alone will do. */
export function patchForBoard(device: UpdateDevice, board: BoardProfile): readonly string[] {
  const { patch } = updateAdvice(device, { board, partitions: [], key: board.keyKind });
  return patch;
}

function hex(value: number): string {
  return `0x${value.toString(16).toUpperCase()}`;
}
