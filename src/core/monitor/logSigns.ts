/**
 * What single lines of a log say, as rows: boot codes, Beken's SDK, LibreTiny, ESPHome, OpenBeken, Tuya. Matched by words, never by
 * line numbers. Sources: real dumps run in an emulator, and the published sources of LibreTiny, ESPHome and OpenBeken (docs/boot-logs.md).
 */
import type { LogLine } from "./logLines";

export type FirmwareKind = "esphome" | "libretiny" | "openbeken" | "tuya" | "sdk";

/** Why a chip started, where its firmware says so. */
export type ResetReason = "power-on" | "restart" | "watchdog" | "crash" | "wake-up" | "brown-out" | "other";

export type LogSign =
  /** The first line of a boot code; `version` as it calls itself. */
  | { readonly kind: "boot-code"; readonly version?: string }
  /** Any other line of a boot code; `onUart1`: of one that prints on UART1, where the application does not. */
  | { readonly kind: "boot-text"; readonly onUart1?: boolean }
  /** The last line of a boot code: it gives control to the application. */
  | { readonly kind: "jump" }
  | { readonly kind: "update-begins"; readonly from: string; readonly to: string }
  | { readonly kind: "update-refused" }
  | { readonly kind: "reset-reason"; readonly reason: ResetReason; readonly opens?: Opener }
  /** The application names itself. */
  | { readonly kind: "firmware"; readonly firmware: FirmwareFacts; readonly opens?: Opener }
  /** Nothing but an application of this kind prints such a line. */
  | { readonly kind: "speaks"; readonly firmware: FirmwareKind; readonly opens?: Opener }
  | { readonly kind: "attempts"; readonly count: number }
  /** The application says that its setup is over, or its main loop runs. */
  | { readonly kind: "up" }
  /** It says that it has run long enough for its start to count as good. */
  | { readonly kind: "settled" }
  | { readonly kind: "safe-mode" }
  /** It restarts because it was asked to, or wants to. */
  | { readonly kind: "restarts" }
  /** Radio or network begins: where a weak supply shows. */
  | { readonly kind: "radio" }
  | { readonly kind: "chip-mismatch" };

/** Lines that an application prints once in each start, near its beginning, in this order as far as it prints them. */
export const OPENERS = ["start-type", "heap", "libretiny", "esphome", "esphome-setup", "openbeken", "tuya"] as const;
export type Opener = (typeof OPENERS)[number];

export interface FirmwareFacts {
  readonly kind: FirmwareKind;
  readonly version?: string;
  /** LibreTiny's board. */
  readonly board?: string;
  /** ESPHome's project or Tuya's program. */
  readonly project?: string;
  /** Date and time as the compiler wrote them. */
  readonly compiled?: string;
}

type Row = readonly [pattern: RegExp, sign: (match: RegExpExecArray) => LogSign];

const said =
  (
    kind:
      "boot-text" | "jump" | "update-refused" | "up" | "settled" | "safe-mode" | "restarts" | "radio" | "chip-mismatch",
  ) =>
  (): LogSign => ({ kind });
const speaks = (firmware: FirmwareKind, opens?: Opener) => (): LogSign =>
  opens === undefined ? { kind: "speaks", firmware } : { kind: "speaks", firmware, opens };
const names = (firmware: FirmwareFacts, opens?: Opener): LogSign =>
  opens === undefined ? { kind: "firmware", firmware } : { kind: "firmware", firmware, opens };

/** A glitch of the supply may put a few bytes before the first letter. */
const GLITCH = "^.{0,4}?";
const HEX8 = "(?:0x)?[0-9a-f]{8}";
/** What may stand before a line's own words: not what another line says, which a sensor or an API may repeat in quotes. */
const OWN = "^(?:(?!\\]: )[^'\"]){0,64}?";
const behind = ({ source }: RegExp): RegExp => new RegExp(OWN + source);

const BOOT: readonly Row[] = [
  [
    new RegExp(`${GLITCH}V:((?:BK|BL)\\w{4,6}_\\d+(?:\\.\\d+)+)$`, "i"),
    ([, version = ""]) => ({ kind: "boot-code", version }),
  ],
  [
    new RegExp(`${GLITCH}((?:BK|BL)\\d{4}\\w{0,2}_\\d+\\.\\d+\\.\\d+)$`, "i"),
    ([, version = ""]) => ({ kind: "boot-code", version }),
  ],
  // BK7238 and BK7252N set their columns wider than BK7231N.
  [new RegExp(`${GLITCH}REG:cpsr {7,}spsr {7,}r13`), () => ({ kind: "boot-text", onUart1: true })],
  [new RegExp(`${GLITCH}REG:cpsr\\s+spsr\\s+r13`), said("boot-text")],
  [/^reset register dump:$/, said("boot-text")],
  [new RegExp(`^R0\\s*:\\s*${HEX8}\\b`, "i"), said("boot-text")],
  [/\[I\/FAL\]/, said("boot-text")],
  [
    /\[I\/OTA\] OTA firmware\(\w+\) upgrade\((.*)->(.*)\) startup/,
    ([, from = "", to = ""]) => ({ kind: "update-begins", from, to }),
  ],
  [/\[E\/OTA\]/, said("update-refused")],
  [/\[[IWD]\/OTA\]/, said("boot-text")],
  [/^.{0,2}J 0x1[0-9a-f]{4}$/i, said("jump")],
  [/go os_addr\(0x[0-9a-f]+\)/i, said("jump")],
];

/** `bk_misc_init_start_type A B`; A by the SDK's `start_type_pub.h`. */
const START_TYPES: Readonly<Record<string, ResetReason>> = {
  "0": "power-on",
  "1": "restart",
  "2": "watchdog",
  "3": "wake-up",
  "4": "wake-up",
  "5": "crash",
  "6": "crash",
  "7": "crash",
  "8": "crash",
  "9": "crash",
  a: "wake-up",
  c: "crash",
};

/** LibreTiny's `lt_get_reboot_reason_name`. */
const RESET_TEXTS: Readonly<Record<string, ResetReason>> = {
  "Power-On": "power-on",
  Brownout: "brown-out",
  "HW Reboot": "restart",
  "SW Reboot": "restart",
  "WDT Reset": "watchdog",
  Crash: "crash",
};

const SDK: readonly Row[] = [
  [
    /bk_misc_init_start_type ([0-9a-f]) /,
    ([, type = ""]) => ({ kind: "reset-reason", reason: START_TYPES[type] ?? "other", opens: "start-type" }),
  ],
  [/^.{0,4}?prvHeapInit-start addr:0x/, speaks("sdk", "heap")],
  [/Unsupported chip or dev/, said("chip-mismatch")],
  [/\[FUNC\]rwnxl_init|tx_txdesc_flush|^txdesc flush/, said("radio")],
  [/^\[(?:FUNC|THD|Flash|bk|rx_iq)\]/, speaks("sdk")],
  [
    /^(?:SDK|OSK|IP) Rev: |^sctrl_sta_ps_init|^chip id=[0-9a-f]{4} device id=|^calibration_main over|^xtal_cali:|^cset:\d/,
    speaks("sdk"),
  ],
];

const LIBRETINY: readonly Row[] = [
  [
    behind(/\bLibreTiny v(\S+) on (\S+), compiled at (\w{3} {1,2}\d{1,2} \d{4} \d\d:\d\d:\d\d)/),
    ([, version = "", board = "", compiled = ""]) =>
      names({ kind: "libretiny", version, board, compiled }, "libretiny"),
  ],
  [behind(/\bLibreTiny v(\d\S*)/), ([, version = ""]) => names({ kind: "libretiny", version }, "libretiny")],
  [
    /\bReset reason: (.+)$/,
    ([, text = ""]) => ({
      kind: "reset-reason",
      reason: text.startsWith("Sleep Wakeup") ? "wake-up" : (RESET_TEXTS[text.trim()] ?? "other"),
    }),
  ],
  [/^[VDIWEF] \[ *\d+\.\d{3}\] /, speaks("libretiny")],
];

/** `[L][tag:line]: text`; another task's name may stand before the colon. */
const tagged = (tag: string, text: RegExp): RegExp =>
  new RegExp(`${OWN}\\[[EWICDV]{1,2}\\]\\[${tag}(?::\\d+)?\\](?:\\[[^\\]]*\\])?:\\s*(?:${text.source})`);

const ESPHOME: readonly Row[] = [
  [tagged("logger", /Log initialized/), speaks("esphome", "esphome")],
  [tagged("app", /Running through setup\(\)/), speaks("esphome", "esphome-setup")],
  [
    tagged(
      "(?:ota|safe_mode)",
      /(?:There have been (\d+) suspected unsuccessful boot attempts|Unsuccessful boot attempts: (\d+))/,
    ),
    ([, old, now]) => ({ kind: "attempts", count: Number(old ?? now) }),
  ],
  [tagged("(?:ota|safe_mode)", /Boot seems successful/), said("settled")],
  [tagged("(?:ota|safe_mode)", /(?:SAFE MODE IS ACTIVE|Boot loop detected)/), said("safe-mode")],
  [
    // Sleep ends in a start that was meant, too.
    tagged(
      "[\\w.]+",
      /(?:Forcing a reboot|Rebooting safely|Safe mode enable time has elapsed|Timeout, restarting|Beginning (?:deep )?sleep)/i,
    ),
    said("restarts"),
  ],
  [tagged("app", /setup\(\) finished successfully/), said("up")],
  [
    tagged("app", /Project (\S+) version (\S+)/),
    ([, project = "", version = ""]) => names({ kind: "esphome", project: `${project} ${version}` }),
  ],
  [
    tagged("app", /ESPHome version (\S+) compiled on (\S+(?:[ ,]+[\d:]{8}|(?: \w+)* [\d:]{8})?)/),
    ([, version = "", compiled = ""]) => names({ kind: "esphome", version, compiled }),
  ],
  [tagged("wifi", /(?:Starting|Connecting|WiFi Connecting)/), said("radio")],
  [tagged("[\\w.]+", /(?=\S|$)/), speaks("esphome")],
];

const OPENBEKEN: readonly Row[] = [
  [
    /\b(OpenB[KLW]\w+|OpenLN\w+|OpenXR\w+), version (\S+)/,
    ([, project = "", version = ""]) => names({ kind: "openbeken", project, version }, "openbeken"),
  ],
  [/^\^?Info:MAIN:\[SAFE\] Time \d|safe mode activated - boot failures \d/, said("safe-mode")],
  // Each second; before 2023 in fewer words.
  [/^\^?Info:(?:MAIN|GEN):(?:Time \d+, (?:idle|free) |Timer is \d+ free mem)/, said("up")],
  [/Boot complete time reached/, said("settled")],
  [
    /^\^?(?:Error|Warn|Info|Debug|ExtraDebug|All):(?:HTTP|MQTT|CFG|HTTP_CLIENT|OTA|PINS|MAIN|GEN|API|LFS|CMD|NTP|TuyaMCU|I2C|EnergyMeter|EVENT|DGR|DDP|HASS|IR|SENSOR|DRV|BERRY):/,
    speaks("openbeken"),
  ],
];

const TUYA: readonly Row[] = [
  [/< ?TUYA IOT SDK V:(\S+)/, ([, version = ""]) => names({ kind: "tuya", version }, "tuya")],
  [
    /\*{3,}\[?(\w+)\]? \[?([\d.]+)\]? compiled at (\w{3} {1,2}\d{1,2} \d{4} \d\d:\d\d:\d\d)/,
    ([, project = "", version = "", compiled = ""]) =>
      names({ kind: "tuya", project: `${project} ${version}`, compiled }),
  ],
  [
    /\b(oem_bk\w+|bk72\w+_common\w*):(\d+(?:\.\d+)+)/,
    ([, project = "", version = ""]) => names({ kind: "tuya", project: `${project} ${version}` }),
  ],
  [/^.{0,24}\[\d\d-\d\d \d\d:\d\d:\d\d(?:[.:]\d+)? (?:TUYA|ty) \w+\]/i, speaks("tuya")],
  [/^\[PLATFORM (?:NOTICE|DEBUG|INFO|ERR\w*)\]/, speaks("tuya")],
];

const ROWS: readonly Row[] = [...BOOT, ...LIBRETINY, ...ESPHOME, ...OPENBEKEN, ...TUYA, ...SDK];

/** Registers of boot codes, which say nothing but stand before the application. */
const REGISTERS = /^(?:REG|CPSR|SPSR|SVC|IRQ|FI[RQ]|ABT|UND|SYS|ST|R\d+(?:\(LR\))?)\s*:/i;
/** What terminal programs say of themselves. */
const TERMINAL = /^-{3,4} .+ -{3,4}$|^-{3} |^\[screen is |^Terminal ready$|^Thanks for using|^(?:Dis)?connected\b/i;

/**
 * True for a line that somebody wrote to be read, in whatever language: behind the boot code's last line nothing but an application
 * can have done so.
 */
export function isSpeech({ text, ended }: LogLine): boolean {
  if (!ended || REGISTERS.test(text) || TERMINAL.test(text)) return false;
  // A character that could not be decoded, or one that no text has, is of the wire.
  return /\p{L}(?:.*\p{L}){3}/u.test(text) && !/[\ufffd\p{Cc}]/u.test(text.replaceAll("\t", " "));
}

/** What a line says; undefined for a line that says nothing by itself. */
export function readSign({ text }: LogLine): LogSign | undefined {
  for (const [pattern, sign] of ROWS) {
    const match = pattern.exec(text);
    if (match !== null) return sign(match);
  }
  return undefined;
}
