/**
 * The vocabulary of chips: plain data. Rows live in the tables of this folder; adding a chip, a bootloader,
 * a flash part or a layout is adding a row. All addresses and sizes are bytes of physical flash unless named logical.
 */
import type { Text, Words } from "../../base/words";
import type { StartVerdict } from "./startVerdict";

export type ChipId =
  | "bk7231q"
  | "bk7231s"
  | "bk7231t"
  | "bk7231u"
  | "bk7231n"
  | "bk7231m"
  | "bk7238"
  | "bk7251"
  | "bk7252"
  | "bk7252n"
  | "bk7236"
  | "bk7258"
  | "bl2028n";

/** Four 32-bit words c0..c3, as written in boards and eFuse: `510fb093 a3cbeadc 5993a17e c7adeb03`. */
export type Coefficients = readonly [number, number, number, number];

/** Which key the code in flash is scrambled with. `unknown`: there was nothing to tell it by. */
export type KeyKind = "tuya" | "zero" | "other" | "unknown";

export interface KeyState {
  readonly kind: KeyKind;
  readonly coefficients?: Coefficients;
  readonly from: "efuse" | "application" | "bootloader" | "nothing";
}

/**
 * Which program answers on the UART. The letters are those of docs/protocol.md ("Loader families");
 * `rom` is the mask ROM of BK7231N and later, `loader` a flash loader that is in no table.
 */
export type LoaderFamily = "A" | "A'" | "B'" | "B" | "C" | "rom" | "loader";

export type CommandName =
  | "linkCheck"
  | "writeRegister"
  | "readRegister"
  | "reboot"
  | "setBaudRate"
  | "checkCrc"
  | "readBootVersion"
  | "resetRom"
  | "stayRom"
  | "writeFlash"
  | "writeFlash4k"
  | "readFlash"
  | "readFlash4k"
  | "eraseFlash4k"
  | "readStatusRegister"
  | "writeStatusRegister"
  | "spiTransfer"
  | "eraseFlash";

/**
 * How a loader turns a wanted rate into the field of its UART clock divider. `ceil-or-round`: one of the two, not known which.
 */
export type Divider = "ceil" | "round" | "floor" | "ceil-or-round";

/** What one loader family or ROM does, as far as a flasher must know it. */
export interface ProtocolProfile {
  readonly family: LoaderFamily;
  readonly name: Words;
  readonly commands: ReadonlySet<CommandName>;
  /** `pages`: whole 256-byte pages, end exclusive or inclusive alike; `inclusive`: start..end byte exact. */
  readonly crcRange: "pages" | "inclusive";
  /** A CheckCRC takes whole multiples of so many bytes. */
  readonly crcUnit: number;
  /** What a CheckCRC does to later erases and writes. */
  readonly crcLocks: "never" | "until-link-and-erase" | "until-reset";
  /** Lowest address each command accepts without the alias past the flash end; 0 = no limit. */
  readonly limits: {
    readonly read: number;
    readonly erase: number;
    readonly write: number;
    readonly write4k: number;
  };
  readonly divider: Divider;
  /** Length of one tick of the SetBaudRate delay. */
  readonly baudTickMs: number;
  /**
   * `resets`: the reboot command opens the link window again; `starts-app`: it goes straight on to the application;
   * `begins-again`: the loader waits for a link again, with all that it has set in the flash and in its memory as it was.
   */
  readonly rebootCommand: "resets" | "starts-app" | "begins-again";
  /** How many read, CRC or erase requests may be out at once: what the loader was seen to queue, with a margin; 1 without evidence. */
  readonly queue: number;
  /** Idle linked loaders of these families reboot by themselves. */
  readonly rebootsWhenIdle: boolean;
  /** Reads below the limit work through this alias (a multiple of every flash size); undefined where none is needed. */
  readonly readAlias: number | undefined;
  readonly erase32k: boolean;
  /** Boot code in flash is all that answers, so it runs, and damage there needs a programmer. False: a mask ROM answers. */
  readonly bootloaderIsLifeline: boolean;
  /** The flash part can be asked for its JEDEC id. */
  readonly knowsJedec: boolean;
  /** The flash's status register can be read and written; protection is lifted and put back there. */
  readonly hasStatusRegister: boolean;
  /** The first erase after a link check lifts the flash's protection, and nothing else does. */
  readonly unprotectsByLinkCheck: boolean;
  /** The eFuse, with the key and a MAC address, can be read. */
  readonly hasEfuse: boolean;
  /**
   * What completes a frame of which the chip got only a part (docs/protocol.md, "Half a frame of the last session"). `refused`:
   * an address that this loader's limits refuse; `inside-plan`: it has no limits, so the byte must point into the plan.
   */
  readonly resyncFiller: "refused" | "inside-plan";
  /** Has a write command that takes a sector in whole before programming it, for rates at which streaming overruns. */
  readonly buffersWrites: boolean;
  /** Until boot code has been read, stands for any flash loader. */
  readonly isProvisional: boolean;
  /** The families a loader may be of that is taken for this one by its version alone; with its own. */
  readonly byVersionAlone: readonly LoaderFamily[];
}

export interface BootloaderProfile {
  readonly id: string;
  readonly name: Text;
  readonly version?: string;
  /** CRC-32 of the first 256 bytes of flash, unsigned: what a flash loader hashes when asked for 0..256. */
  readonly crc256?: number;
  /** CRC-32 of the first 257 bytes, unsigned: what a ROM hashes for the same request. At least one of the two is given. */
  readonly crc257?: number;
  /** Most likely first. */
  readonly chips: readonly ChipId[];
  readonly family: LoaderFamily;
  /** Where it looks for a package to unpack, bytes of flash; only where that is known of this very program. */
  readonly download?: number;
  /** It is known to look for none. */
  readonly unpacksNothing?: true;
  /** The key its vendor's modules carry; `unknown` where it varies. */
  readonly key: KeyKind;
  /** Where this program differs from the rest of its family. */
  readonly differs?: Partial<Pick<ProtocolProfile, "rebootCommand">>;
  /** What a person at the bench should know. */
  readonly note?: Words;
  readonly source: string;
}

/** Something in a file's content that tells a chip (images/chipSigns.ts). */
export interface ChipSign {
  readonly chips: readonly ChipId[];
  /** From 1.5, a hint, to 4, which decides by itself. */
  readonly weight: number;
  /** What was found, in one phrase. */
  readonly words: Words;
}

export interface Partition {
  readonly name: string;
  readonly offset: number;
  readonly length: number;
}

export interface FlashLayout {
  readonly id: string;
  readonly name: string;
  readonly flashSize: number;
  readonly partitions: readonly Partition[];
}

/** How a chip's flash is divided. Bytes of physical flash, every figure but the page whole sectors. */
export interface FlashGeometry {
  /** Smallest unit the flash can erase; a power of two. */
  readonly sector: number;
  /** What its block erase erases: a power of two, several sectors. */
  readonly block: number;
  /** Largest unit the flash programs at once; a power of two. */
  readonly page: number;
  /** Boot code lies below. What is lost there on a chip whose loader lives in flash, only a programmer brings back. */
  readonly bootCodeEnd: number;
  /** Where boot code jumps to unless its own table says otherwise. */
  readonly applicationStart: number;
  /** No application known reaches beyond: from here on vendors put calibration and settings. */
  readonly applicationsEnd: number;
  /** No such chip with less flash is known. */
  readonly smallestFlash: number;
}

/**
 * The vector table that a chip's code begins with: a branch and loads of PC (ARM9), or a stack pointer and Thumb addresses
 * (Armv8-M).
 */
export type VectorKind = "arm" | "thumb";

export interface ChipProfile {
  readonly id: ChipId;
  readonly name: string;
  /** Values of the chip id register, one of CHIP_ID_REGISTERS (ROM chips can be asked). */
  readonly chipIds: readonly number[];
  readonly vectors: VectorKind;
  /** What the boot ROM wants to read in boot code before it leaves for it, where that is another name than the chip's. */
  readonly romName?: string;
  /** The key and a MAC address are in 32 bytes of eFuse behind the register at 0x800074; false: it has none there. */
  readonly hasEfuse: boolean;
  /** What of this row is inferred, because nobody known to us has seen it on the chip; left out where many have. */
  readonly inferred?: Words;
  /** UF2 family ids whose firmware runs here, own family first. */
  readonly uf2Families: readonly number[];
  /** Whose firmware runs here, own id first (BK7231S runs BK7231T builds). */
  readonly runs: readonly ChipId[];
  readonly usualFlashSize: number;
  readonly geometry: FlashGeometry;
  /** Where OpenBeken puts an update for boot code to unpack; undefined where the vendor's unpacks without encrypting, or not at all. */
  readonly openBekenUpdateAt: number | undefined;
  /** Where calibration and MAC ("TLV") usually are, most likely first. */
  readonly calibrationAt: readonly number[];
  /** Layout ids that are usual on this chip, most likely first. */
  readonly layouts: readonly string[];
  readonly usualKey: KeyKind;
}

export interface FlashPart {
  /** JEDEC id, upper-case hex: maker, type, capacity ("0B4015"). */
  readonly id: string;
  readonly maker: string;
  readonly name: string;
  readonly size: number;
  /** Status register: how many bytes, and the commands that read and write them. */
  readonly statusBytes: number;
  readonly statusRead: readonly number[];
  readonly statusWrite: readonly number[];
  /** Status bits that protect against writing; cleared before the first erase where the host can (ROM). */
  readonly protectMask: number;
}

/** Some bytes of the flash as they were read. */
export interface FlashSample {
  readonly address: number;
  readonly data: Uint8Array;
}

export interface ChipIdentity {
  /** undefined: linked, but in no table. That is information, not a failure. */
  readonly chip: ChipProfile | undefined;
  /** Other chips the same evidence fits, most likely first; absent or empty when there are none. */
  readonly alternatives?: readonly ChipProfile[];
  readonly protocol: ProtocolProfile;
  readonly bootloader: {
    readonly profile: BootloaderProfile | undefined;
    /** CRC-32 of the first 256 bytes; undefined when boot code could not be read. */
    readonly crc256: number | undefined;
    /** What the loader itself says, where it can. */
    readonly version: string | undefined;
    /** There is nothing that could be boot code: the flash is blank there, or reads as zeros as one that does not answer. */
    readonly empty?: "blank" | "zeros" | undefined;
  };
  readonly chipIdRegister: number | undefined;
  readonly flash: {
    readonly jedecId: string | undefined;
    readonly part: FlashPart | undefined;
    readonly size: number;
    /** `wrap-around`: by where the content comes again, which contradicts the id where there is one. */
    readonly sizeFrom: "jedec" | "wrap-around" | "bootloader" | "assumed";
    /** False: nothing on the flash tells where it ends, whatever the id says. Left out where no chip was asked. */
    readonly sizeProven?: boolean;
  };
  readonly statusRegister:
    { readonly value: number; readonly bytes: number; readonly words: readonly Words[] } | undefined;
  readonly mac: string | undefined;
  readonly calibration: { readonly address: number; readonly from: "known" | "scan" } | undefined;
  /** Names the content of its calibration sector, which each device has for itself; undefined while none was read. */
  readonly calibrationMark?: string | undefined;
  readonly key: KeyState;
  /** All that told a key, strongest first; `key` is its head. More than one kind is a contradiction worth showing. */
  readonly keyEvidence?: readonly KeyState[];
  /** The partition layout that fits best; undefined when nothing tells. */
  readonly layout: FlashLayout | undefined;
  /** What of the flash was read on the way: boot code, the start of the application. */
  readonly samples?: readonly FlashSample[];
  /** Whether it starts as it is. */
  readonly start?: StartVerdict;
}
