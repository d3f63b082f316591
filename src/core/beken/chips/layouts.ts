/**
 * Partition layouts that are usual on these chips, and which of them fits a chip. Offsets and lengths are bytes of
 * physical flash, CRC-16 bytes included. It knows no image: a build may bring a layout of its own.
 * Sources: LibreTiny board definitions, Tuya dumps, OpenBeken, partition tables of Beken's bk_idk (docs/formats.md, "Flash layouts").
 */
import { CHIPS } from "./chips";
import type { ChipId, ChipProfile, FlashLayout, Partition } from "./types";

const SIZE_2M = 0x200000;
const SIZE_4M = 0x400000;
const SIZE_8M = 0x800000;

const BOOTLOADER = at("bootloader", 0, 0x11000);

export const LAYOUTS: readonly FlashLayout[] = [
  {
    id: "libretiny-bk7231n-tuya",
    name: "LibreTiny, BK7231N Tuya",
    flashSize: SIZE_2M,
    partitions: [
      BOOTLOADER,
      at("app", 0x11000, 0x119000),
      at("download", 0x12a000, 0xa6000),
      at("calibration", 0x1d0000, 0x1000),
      at("kvs", 0x1d3000, 0x8000),
      at("userdata", 0x1db000, 0x25000),
      at("tuya", 0x1ed000, 0x13000),
    ],
  },
  {
    id: "libretiny-2m",
    name: "LibreTiny, 2 MiB",
    flashSize: SIZE_2M,
    partitions: [
      BOOTLOADER,
      at("app", 0x11000, 0x121000),
      at("download", 0x132000, 0xa6000),
      at("kvs", 0x1d8000, 0x8000),
      at("calibration", 0x1e0000, 0x1000),
      at("userdata", 0x1e3000, 0x1d000),
    ],
  },
  {
    id: "libretiny-bk7231t-tuya",
    name: "LibreTiny, BK7231T Tuya",
    flashSize: SIZE_2M,
    partitions: [
      BOOTLOADER,
      at("app", 0x11000, 0x121000),
      at("download", 0x132000, 0xa6000),
      at("kvs", 0x1d8000, 0x8000),
      at("calibration", 0x1e0000, 0x1000),
      at("userdata", 0x1e3000, 0x1d000),
      at("tuya", 0x1ed000, 0x13000),
    ],
  },
  {
    id: "libretiny-bk7238-tuya",
    name: "LibreTiny, BK7238 Tuya (T1)",
    flashSize: SIZE_2M,
    partitions: [
      BOOTLOADER,
      at("app", 0x11000, 0x11b000),
      at("download", 0x12c000, 0xb5000),
      at("diff2ya", 0x1e1000, 0x1000),
      at("calibration", 0x1e3000, 0x1000),
      at("kvs", 0x1e4000, 0x8000),
      at("userdata", 0x1ec000, 0x14000),
      at("tuya", 0x1f5000, 0xb000),
    ],
  },
  {
    id: "libretiny-bk7252",
    name: "LibreTiny, BK7252 4 MiB",
    flashSize: SIZE_4M,
    partitions: [
      BOOTLOADER,
      at("app", 0x11000, 0x1ba000),
      at("userdata", 0x1cb000, 0x119000),
      at("kvs", 0x2e4000, 0x8000),
      at("download", 0x2ec000, 0x112000),
      at("calibration", 0x3fe000, 0x1000),
    ],
  },
  {
    id: "tuya-bk7231t",
    name: "Tuya, BK7231T",
    flashSize: SIZE_2M,
    partitions: [
      BOOTLOADER,
      at("app", 0x11000, 0x121000),
      at("download", 0x132000, 0xae000),
      at("calibration", 0x1e0000, 0x1000),
      at("net", 0x1e1000, 0x1000),
      at("kvs", 0x1ee000, 0x12000),
    ],
  },
  {
    id: "tuya-bk7231n",
    name: "Tuya, BK7231N",
    flashSize: SIZE_2M,
    partitions: [
      BOOTLOADER,
      at("app", 0x11000, 0x119000),
      at("download", 0x12a000, 0xa6000),
      at("calibration", 0x1d0000, 0x1000),
      at("net", 0x1d1000, 0x1000),
      at("files", 0x1d3000, 0x1a000),
      at("protected", 0x1ed000, 0x1000),
      at("kvs", 0x1ee000, 0x12000),
    ],
  },
  {
    id: "tuya-t1",
    name: "Tuya, T1 (BK7238)",
    flashSize: SIZE_2M,
    partitions: [
      BOOTLOADER,
      at("app", 0x11000, 0x11b000),
      at("download", 0x12c000, 0xb5000),
      at("calibration", 0x1e3000, 0x1000),
      at("kvs", 0x1f5000, 0xb000),
    ],
  },
  {
    id: "openbeken-2m",
    name: "OpenBeken, 2 MiB",
    flashSize: SIZE_2M,
    partitions: [
      BOOTLOADER,
      at("app", 0x11000, 0x121000),
      at("download", 0x132000, 0xae000),
      at("calibration", 0x1e0000, 0x1000),
      at("config", 0x1e1000, 0x1000),
    ],
  },
  {
    id: "openbeken-bk7231n",
    name: "OpenBeken, BK7231N/M",
    flashSize: SIZE_2M,
    partitions: [
      BOOTLOADER,
      at("app", 0x11000, 0x119000),
      at("download", 0x12a000, 0xa6000),
      at("calibration", 0x1d0000, 0x1000),
      at("config", 0x1d1000, 0x1000),
    ],
  },
  {
    id: "sdk-bk7236",
    name: "Beken SDK, BK7236 4 MiB",
    flashSize: SIZE_4M,
    partitions: [
      BOOTLOADER,
      at("app", 0x11000, 0x242000),
      at("download", 0x253000, 0x187000),
      at("userdata", 0x3da000, 0x22000),
      at("kvs", 0x3fc000, 0x2000),
      at("calibration", 0x3fe000, 0x1000),
      at("net", 0x3ff000, 0x1000),
    ],
  },
  {
    id: "sdk-bk7258",
    name: "Beken SDK, BK7258 8 MiB",
    flashSize: SIZE_8M,
    partitions: [
      BOOTLOADER,
      at("app", 0x11000, 0x1ba000),
      at("app1", 0x1cb000, 0x77000),
      at("app2", 0x242000, 0x44000),
      at("download", 0x286000, 0x165000),
      at("userdata", 0x3eb000, 0x11000),
      at("kvs", 0x3fc000, 0x2000),
      at("calibration", 0x7fe000, 0x1000),
      at("net", 0x7ff000, 0x1000),
    ],
  },
  {
    id: "sdk-bk7258-4m",
    name: "Beken SDK, BK7258 4 MiB",
    flashSize: SIZE_4M,
    partitions: [
      BOOTLOADER,
      at("app", 0x11000, 0x1cb000),
      at("app1", 0x1dc000, 0x77000),
      at("app2", 0x253000, 0x22000),
      at("download", 0x275000, 0x165000),
      at("userdata", 0x3da000, 0x24000),
      at("calibration", 0x3fe000, 0x1000),
      at("net", 0x3ff000, 0x1000),
    ],
  },
];

export function findLayout(id: string): FlashLayout | undefined {
  return LAYOUTS.find((layout) => layout.id === id);
}

/**
 * The layout that fits a chip best: usual on it, not larger than its flash (one of exactly its size is preferred), and
 * with its calibration where that was found. undefined when none fits, as on modules with a layout of their own.
 */
export function pickLayout(
  chip: ChipProfile,
  flashSize: number,
  calibrationAddress: number | undefined,
): FlashLayout | undefined {
  const fitting = chip.layouts
    .flatMap((id) => findLayout(id) ?? [])
    .filter((layout) => layout.flashSize <= flashSize)
    .filter((layout) => calibrationAddress === undefined || calibrationOf(layout) === calibrationAddress);
  return fitting.find((layout) => layout.flashSize === flashSize) ?? fitting[0];
}

/** The layout most devices with this chip have; for drawing a file while no chip is at hand. */
export function usualLayout(id: ChipId): FlashLayout | undefined {
  const chip = CHIPS[id];
  return pickLayout(chip, chip.usualFlashSize, undefined);
}

/** The partition an address lies in, the first one listed where layouts let two overlap; undefined in a gap. */
export function partitionAt(layout: FlashLayout, address: number): Partition | undefined {
  return layout.partitions.find(({ offset, length }) => address >= offset && address < offset + length);
}

function calibrationOf(layout: FlashLayout): number | undefined {
  return layout.partitions.find(({ name }) => name === "calibration")?.offset;
}

function at(name: string, offset: number, length: number): Partition {
  return { name, offset, length };
}
