/**
 * What a dump tells of its device: every fact with what says so and how sure that is, the map of its flash, its settings, and what
 * contradicts. Pure; takes any whole or partial dump.
 */
import { asText } from "../base/bytes";
import type { Range } from "../base/ranges";
import { listed, words, type Text, type Words } from "../base/words";
import type { BoardProfile } from "../beken/chips/boards";
import { findBootloader, fingerprintOf } from "../beken/chips/bootloaders";
import { findCalibration } from "../beken/chips/calibration";
import { CHIPS } from "../beken/chips/chips";
import { findLayout, usualLayout } from "../beken/chips/layouts";
import type { BootloaderProfile, ChipId, ChipSign, Coefficients, FlashLayout, KeyKind } from "../beken/chips/types";
import { APP_LOGICAL, APP_PHYSICAL, inferKey, looksInterleaved } from "../beken/images/appKey";
import { findBootCode } from "../beken/images/bootCode";
import { applicationSigns, bootCodeSigns, calibrationSigns, chipsBySigns, signWords } from "../beken/images/chipSigns";
import { scramble } from "../beken/images/cipher";
import { stripCrcBlocks } from "../beken/images/crcBlocks";
import { physicalRange } from "../beken/images/fal";
import type { ImageKey } from "../beken/images/firmwareImage";
import { FLASH_SIZES, hasAppAt, shiftOf, straighten } from "../beken/images/shift";
import { judgeApplication } from "../beken/images/soundCode";
import { firmwareOf, type FirmwareTexts } from "./firmwareTexts";
import type { Holding } from "./holdings";
import { boardFor, chipOfModule, chipOfPlatform } from "./modules";
import { updateVerdicts, type UpdateVerdict } from "./otaVerdict";
import { partitionMap, type MapPart } from "./partitionMap";
import { contradictionsIn, privateIn } from "./doubts";
import { readSettings, type FoundSettings } from "./deviceSettings";
import {
  FIRMWARE_NAMES,
  bootCodeFact,
  calibrationFacts,
  fact,
  firmwareFacts,
  settingsFacts,
  type Confidence,
  type Fact,
} from "./facts";
import type { Application, Seen } from "./seen";

export interface Passport {
  readonly facts: readonly Fact[];
  readonly partitions: readonly MapPart[];
  readonly contradictions: readonly Words[];
  readonly updates: readonly UpdateVerdict[];
  readonly settings: FoundSettings;
  readonly firmware: FirmwareTexts;
  readonly chip: ChipId | undefined;
  readonly module: string | undefined;
  readonly board: BoardProfile | undefined;
  /** The board is made for this very module. */
  readonly isBoardOfModule: boolean;
  readonly key: KeyKind;
  /** The key itself, where the code in the dump tells it. */
  readonly coefficients: Coefficients | undefined;
  readonly bootCode: {
    readonly isThere: boolean;
    readonly profile: BootloaderProfile | undefined;
    /** Where it looks for a package, physical; undefined where its table names none. */
    readonly download: Range | undefined;
    readonly hasTable: boolean;
  };
  readonly calibrationAt: number | undefined;
  readonly flashSize: number;
  /** Why the file must not be given away as it is; empty where nothing of a person's was found. */
  readonly private: readonly Words[];
}

/** A settings storage alone is shorter. */
const LEAST_FLASH = APP_PHYSICAL;

/** @param file a flash read back, whole or in part, or settings alone */
export function passportOf(file: Uint8Array): Passport {
  const flash = straighten(file);
  const settings = readSettings(flash);
  const found = flash.length >= LEAST_FLASH ? findBootCode(flash) : undefined;
  const isFlash = found !== undefined || FLASH_SIZES.includes(flash.length) || hasAppAt(flash, APP_PHYSICAL);
  const boot = isFlash ? found : undefined;
  const app = isFlash ? applicationOf(flash) : undefined;
  const seen = { flash, settings, boot, app, wasShifted: shiftOf(file) !== undefined };
  const module = moduleOf(settings, app?.firmware);
  const { chip, chipEvidence, chipConfidence, signs, contradicts } = chipOf(seen, module);
  const choice = boardFor(module, chip);
  const download = boot?.partitions.find(({ name }) => name === "download");
  const bootCode = {
    isThere: boot !== undefined || (isFlash && looksInterleaved(flash)),
    profile: boot?.profile ?? (isFlash ? findBootloader(fingerprintOf(flash)) : undefined),
    download: download && physicalRange(download),
    hasTable: (boot?.partitions.length ?? 0) > 0,
  };
  const key = keyOf(seen);
  const calibrationAt = findCalibration(flash, isFlash ? APP_PHYSICAL : 0);
  const privacy = privateIn(settings);
  const board = choice?.board;
  const firmware = app?.firmware ?? firmwareOf("");
  const facts = [
    fact("chip", words`Chip`, chip && CHIPS[chip].name, chipEvidence, chipConfidence),
    fact("module", words`Module`, module, words`module of the pin text`, "proven"),
    fact(
      "board",
      words`Board`,
      board?.board,
      choice?.isOfModule ? words`made for this module` : words`the general one for this chip`,
      choice?.isOfModule ? "likely" : "hint",
    ),
    bootCodeFact(boot, bootCode.profile),
    fact("key", words`Key`, key.kind === "unknown" ? undefined : KEY_WORDS[key.kind], key.evidence, "proven"),
    ...firmwareFacts(firmware, app, settings),
    ...calibrationFacts(flash, calibrationAt),
    ...settingsFacts(settings),
    fact(
      "credentials",
      words`Private content`,
      privacy.length > 0 ? listed(privacy, "; ") : words`none found`,
      words`all settings, used and unused pages, were looked through`,
      "likely",
    ),
  ].filter((each) => each !== undefined);
  return {
    facts,
    partitions: partitionMap(flash, {
      table: boot?.partitions ?? [],
      settings,
      layout: isFlash && !bootCode.hasTable ? layoutOf(chip, settings, firmware) : undefined,
      application: app && holdingOfApp(app),
    }),
    contradictions: contradictionsIn(seen, { module, signs, contradicts }),
    updates: isFlash ? updateVerdicts({ ...bootCode, hasBootCode: bootCode.isThere, chip, board }) : [],
    settings,
    firmware,
    chip,
    module,
    board,
    isBoardOfModule: choice?.isOfModule ?? false,
    key: key.kind,
    coefficients: key.coefficients,
    bootCode,
    calibrationAt,
    flashSize: flash.length,
    private: privacy,
  };
}

/** How whoever's firmware is there divides the flash of this chip. */
function layoutOf(chip: ChipId | undefined, { tuya }: FoundSettings, { kind }: FirmwareTexts): FlashLayout | undefined {
  if (chip === undefined) return undefined;
  const maker = kind === "openbeken" ? "openbeken-" : kind === "tuya" || (kind === "unknown" && tuya) ? "tuya-" : "";
  const id = CHIPS[chip].layouts.find((each) => each.startsWith(maker));
  return id === undefined ? usualLayout(chip) : findLayout(id);
}

function applicationOf(flash: Uint8Array): Application | undefined {
  const key = inferKey(flash.subarray(APP_PHYSICAL));
  const verdict = judgeApplication(flash, key);
  if (verdict.verdict === "none") return undefined;
  const code = flash.subarray(APP_PHYSICAL, verdict.scan.end);
  if (key.coefficients === undefined) return { verdict, key, code, firmware: firmwareOf("") };
  const stripped = stripCrcBlocks(code);
  const plain = scramble(stripped.subarray(0, stripped.length & ~3), key.coefficients, APP_LOGICAL);
  return { verdict, key, code, firmware: firmwareOf(asText(plain)) };
}

function holdingOfApp({ verdict, firmware }: Application): Holding {
  const name = firmware.kind === "unknown" ? undefined : FIRMWARE_NAMES[firmware.kind];
  const what = name === undefined ? words`application` : words`application: ${name}`;
  return {
    kind: "application",
    words: verdict.verdict === "damaged" ? words`damaged ${what}` : what,
  };
}

function moduleOf({ tuya }: FoundSettings, firmware: FirmwareTexts | undefined): string | undefined {
  const board = firmware?.board;
  return tuya?.module ?? (board !== undefined && !board.startsWith("generic-") ? board : undefined);
}

function chipOf(
  { flash, boot, app, settings }: Seen,
  module: string | undefined,
): {
  readonly chip: ChipId | undefined;
  readonly chipEvidence: Text;
  readonly chipConfidence: Confidence;
  readonly signs: readonly ChipSign[];
  readonly contradicts: boolean;
} {
  const signs = [
    ...(boot ? bootCodeSigns(boot, flash) : []),
    ...(flash.length >= LEAST_FLASH ? calibrationSigns(flash) : []),
    ...(app ? applicationSigns(app.code, app.key, app.verdict.header?.fields.version) : []),
    ...settingsSigns(settings, module),
  ];
  const { chips, contradicts } = chipsBySigns(signs);
  const [chip] = chips;
  const fitting = chip === undefined ? signs : signs.filter((sign) => sign.chips.includes(chip));
  const weight = fitting.reduce((sum, sign) => sum + sign.weight, 0);
  return {
    chip,
    chipEvidence: signWords(fitting),
    chipConfidence: weight >= 8 ? "proven" : "likely",
    signs,
    contradicts,
  };
}

function settingsSigns({ tuya }: FoundSettings, module: string | undefined): ChipSign[] {
  const signs: ChipSign[] = [];
  const byModule = module === undefined ? undefined : (boardFor(module, undefined)?.board.chip ?? chipOfModule(module));
  if (module !== undefined && byModule)
    signs.push({ chips: [byModule], weight: 4, words: words`its module is ${module}` });
  const platform = tuya?.platform;
  const byPlatform = platform === undefined ? undefined : chipOfPlatform(platform);
  if (platform !== undefined && byPlatform)
    signs.push({ chips: [byPlatform], weight: 4, words: words`its firmware's platform is ${platform}` });
  if (tuya?.tuyaMcu && signs.length === 0) {
    const chips: readonly ChipId[] = tuya.tuyaMcu.key === "baud_cfg" ? ["bk7231n"] : ["bk7231t"];
    signs.push({ chips, weight: 4, words: words`its settings have ${tuya.tuyaMcu.key}, as those of this chip do` });
  }
  return signs;
}

const KEY_WORDS: Readonly<Record<Exclude<KeyKind, "unknown">, Text>> = {
  tuya: words`Tuya's`,
  zero: words`none (zeros)`,
  other: words`another vendor's`,
};

function keyOf({ boot, app }: Seen): ImageKey & { readonly evidence: Text } {
  if (app && app.key.kind !== "unknown")
    return { ...app.key, evidence: words`the application starts with vectors under it` };
  return { ...(boot?.key ?? { kind: "unknown" }), evidence: words`the boot code starts with vectors under it` };
}
