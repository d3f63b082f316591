/**
 * What each loader family and the boot ROM do on the wire, one row each. It knows no chip, no bootloader and no frame:
 * bootloaders.ts says which program belongs to which family, the protocol layer says how its commands look.
 * Source: docs/protocol.md ("Loader families"), from running the vendors' own loaders; ROM from Beken's bk_idk and bk7231tools.
 */
import { words } from "../../base/words";
import type { CommandName, LoaderFamily, ProtocolProfile } from "./types";

/** A read here passes every limit and reaches address 0: loaders keep 24 address bits, the flash keeps those of its size. */
const READ_ALIAS = 0x01000000;

const LOADER_COMMANDS: readonly CommandName[] = [
  "linkCheck",
  "reboot",
  "setBaudRate",
  "checkCrc",
  "writeFlash",
  "writeFlash4k",
  "readFlash4k",
  "eraseFlash",
];

const ROM_COMMANDS: readonly CommandName[] = [
  ...LOADER_COMMANDS,
  "writeRegister",
  "readRegister",
  "resetRom",
  "stayRom",
  "readFlash",
  "eraseFlash4k",
  "readStatusRegister",
  "writeStatusRegister",
  "spiTransfer",
];

const LIMITS_LOW = { read: 0x2000, erase: 0x2000, write: 0x2000, write4k: 0x2000 } as const;
/** The 4 KiB write is checked against a limit of its own, below the one that protects the boot code from an erase. */
const LIMITS_HIGH = { read: 0x10000, erase: 0x10000, write: 0x10000, write4k: 0x20e0 } as const;

const FLASH_LOADER = {
  commands: new Set(LOADER_COMMANDS),
  crcRange: "pages",
  crcUnit: 0x100,
  baudTickMs: 2,
  readAlias: READ_ALIAS,
  // 39 reads and 8 erases in a row were answered by every loader that was run; 100 bytes is what survives an erase.
  queue: 4,
  erase32k: false,
  bootloaderIsLifeline: true,
  knowsJedec: false,
  hasStatusRegister: false,
  unprotectsByLinkCheck: true,
  hasEfuse: false,
  resyncFiller: "refused",
  buffersWrites: true,
  isProvisional: false,
} as const satisfies Partial<ProtocolProfile>;

const WITH_VERSION = { commands: new Set<CommandName>([...LOADER_COMMANDS, "readBootVersion"]) } as const;

export const PROFILES: Readonly<Record<LoaderFamily, ProtocolProfile>> = {
  A: {
    ...FLASH_LOADER,
    family: "A",
    byVersionAlone: ["A"],
    name: words`flash loader`,
    crcLocks: "until-reset",
    limits: LIMITS_LOW,
    divider: "ceil",
    // Of the known programs two do something else, which their own rows say.
    rebootCommand: "starts-app",
    rebootsWhenIdle: false,
  },
  "A'": {
    ...FLASH_LOADER,
    family: "A'",
    byVersionAlone: ["A'"],
    name: words`flash loader`,
    crcLocks: "until-reset",
    limits: LIMITS_HIGH,
    divider: "ceil",
    rebootCommand: "starts-app",
    rebootsWhenIdle: false,
  },
  "B'": {
    ...FLASH_LOADER,
    ...WITH_VERSION,
    family: "B'",
    byVersionAlone: ["B'", "B"],
    name: words`flash loader of Tuya's kind, up to 1.0.4`,
    crcLocks: "until-reset",
    limits: LIMITS_HIGH,
    divider: "round",
    rebootCommand: "resets",
    rebootsWhenIdle: true,
  },
  B: {
    ...FLASH_LOADER,
    ...WITH_VERSION,
    family: "B",
    byVersionAlone: ["B"],
    name: words`flash loader of Tuya's kind, from 1.0.5`,
    crcLocks: "until-link-and-erase",
    limits: LIMITS_HIGH,
    divider: "round",
    rebootCommand: "resets",
    rebootsWhenIdle: true,
  },
  C: {
    ...FLASH_LOADER,
    family: "C",
    byVersionAlone: ["C"],
    name: words`flash loader`,
    crcLocks: "until-link-and-erase",
    limits: LIMITS_LOW,
    divider: "round",
    rebootCommand: "resets",
    rebootsWhenIdle: true,
  },
  rom: {
    family: "rom",
    name: words`boot ROM`,
    commands: new Set(ROM_COMMANDS),
    crcRange: "inclusive",
    crcUnit: 1,
    crcLocks: "never",
    limits: { read: 0, erase: 0, write: 0, write4k: 0 },
    divider: "floor",
    baudTickMs: 1,
    // It jumps to the flash or resets, which of the two is not documented; `resetRom` is the sure way back to the start.
    rebootCommand: "starts-app",
    rebootsWhenIdle: false,
    queue: 1,
    readAlias: undefined,
    erase32k: true,
    bootloaderIsLifeline: false,
    knowsJedec: true,
    hasStatusRegister: true,
    unprotectsByLinkCheck: false,
    hasEfuse: true,
    resyncFiller: "inside-plan",
    // It has the command, but no one has run it there.
    buffersWrites: false,
    isProvisional: false,
    byVersionAlone: ["rom"],
  },
  // Every answer of this row is the one that stays right whichever of the five families it turns out to be.
  loader: {
    ...FLASH_LOADER,
    family: "loader",
    name: words`flash loader of an unknown kind`,
    crcLocks: "until-reset",
    limits: { read: 0x10000, erase: 0x10000, write: 0x10000, write4k: 0x10000 },
    divider: "ceil-or-round",
    rebootCommand: "starts-app",
    rebootsWhenIdle: true,
    queue: 1,
    isProvisional: true,
    byVersionAlone: ["loader"],
  },
};
