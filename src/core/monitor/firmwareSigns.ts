/** What Beken's SDKs, LibreTiny, OpenBeken and Tuya's firmware print. Sources: docs/boot-logs.md. */
import { FOREIGN_BOARDS } from "./foreignSigns";
import { names, said, speaks, type ResetReason, type SignGroup } from "./signTypes";

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

/** The reasons of BK7236 and BK7258, whose SDK writes them out. */
function writtenReason(text: string): ResetReason {
  if (/watchdog|wdt/i.test(text)) return "watchdog";
  if (/crash|abort|fault|assert/i.test(text)) return "crash";
  if (/sleep/i.test(text)) return "wake-up";
  if (/power on/i.test(text)) return "power-on";
  return /reboot/i.test(text) ? "restart" : "other";
}

export const SDK_SIGNS: SignGroup = {
  begins:
    /bk_misc_init|(?:prv|vH|Heap)\w*Init-start|\[MEM DBG\]|Unsupported chip|\[(?:FUNC|THD|Flash|bk|rx_iq|sa_sta)\]|txdesc flush|(?:SDK|OSK|IP) Rev: |sctrl_sta|chip id=|calibration_main|xtal_cali:|cset:\d|(?:[ac]p\d?:|cpu\d:)?[a-z]\w{1,15}:[VDIWE]\(\d+\):/,
  before: "more",
  rows: [
    [
      /^bk_misc_init_start_type ([0-9a-f]) /,
      ([, type = ""]) => ({ kind: "reset-reason", reason: START_TYPES[type] ?? "other", opens: "start-type" }),
    ],
    [/^\w*Init-start addr:0x/, speaks("sdk", "heap")],
    [/^\[MEM DBG\] heap init-/, speaks("sdk", "heap")],
    [/^Unsupported chip or dev/, said("chip-mismatch")],
    [/^(?:\[FUNC\]rwnxl_init|\[bk\]tx_txdesc_flush|txdesc flush)/, said("radio")],
    [/^\[(?:FUNC|THD|Flash|bk|rx_iq|sa_sta)\]/, speaks("sdk")],
    [
      /^(?:(?:SDK|OSK|IP) Rev: |sctrl_sta_ps_init|chip id=[0-9a-f]{4} device id=|calibration_main over|xtal_cali:|cset:\d)/,
      speaks("sdk"),
    ],
    // BK7236 and BK7258; both of their processors may print it.
    [
      /^(?:[ac]p\d?:|cpu\d:)?init:[VDIWE]\(\d+\):reason - (.+)$/,
      ([, text = ""]) => ({ kind: "reset-reason", reason: writtenReason(text) }),
    ],
    [/^(?:[ac]p\d?:|cpu\d:)?[a-z]\w{1,15}:[VDIWE]\(\d+\):/, speaks("sdk")],
  ],
};

/** Level letter and seconds since the start. */
const LEVEL = /[VDIWEF] \[ *(\d+)\.\d{3}\] /;
const leveled = ({ source }: RegExp, flags = ""): RegExp => new RegExp(`^${LEVEL.source}${source}`, flags);

export const LIBRETINY_SIGNS: SignGroup = {
  begins: /[VDIWEF] \[ *\d+\.\d{3}\] |LibreTiny v|Reset reason: /,
  before: "more",
  rows: [
    ...FOREIGN_BOARDS,
    [
      /^[^'"]{0,32}?LibreTiny v(\S+) on (\S+), compiled at (\w{3} {1,2}\d{1,2} \d{4} \d\d:\d\d:\d\d)/,
      ([, version = "", board = "", compiled = ""]) =>
        names({ kind: "libretiny", version, board, compiled }, "libretiny"),
    ],
    [
      leveled(/LibreTiny v(\d[^\s,]*)(?: on ([^\s,]+))?/),
      ([, , version = "", board]) =>
        names({ kind: "libretiny", version, ...(board === undefined ? {} : { board }) }, "libretiny"),
    ],
    // The newest have it on a line of its own.
    [
      leveled(/Compiled at (\w{3} {1,2}\d{1,2} \d{4} \d\d:\d\d:\d\d)/),
      ([, , compiled = ""]) => names({ kind: "libretiny", compiled }),
    ],
    [
      /^(?:[VDIWEF] \[ *\d+\.\d{3}\] )?Reset reason: (.+)$/,
      ([, text = ""]) => ({
        kind: "reset-reason",
        reason: text.startsWith("Sleep Wakeup") ? "wake-up" : (RESET_TEXTS[text.trim()] ?? "other"),
      }),
    ],
    [leveled(/.*\breboot(?:ing)?\b/, "i"), said("restarts")],
    [leveled(/./), ([, seconds = ""]) => ({ kind: "speaks", firmware: "libretiny", ranMs: Number(seconds) * 1000 })],
  ],
};

/** `Level:FEATURE:`; a ^ marks lost text. Older versions have GEN where newer ones have MAIN. */
const info = ({ source }: RegExp): RegExp => new RegExp(`^\\^?Info:(?:MAIN|GEN):${source}`);

export const OPENBEKEN_SIGNS: SignGroup = {
  begins: /OpenBK\w+, version|\^?(?:Error|Warn|Info|Debug|ExtraDebug|All):[A-Z]\w+:/,
  before: "more",
  rows: [
    [
      /^(OpenBK\w+), version (\S+)/,
      ([, project = "", version = ""]) => names({ kind: "openbeken", project, version }, "openbeken"),
    ],
    [info(/(?:\[SAFE\] Time \d|#* ?safe mode activated - boot failures \d)/), said("safe-mode")],
    // Each second; before 2023 in fewer words.
    [
      info(/(?:Time (\d+), (?:idle|free) |Timer is (\d+) free mem)(?:.*\bbWifi ([01]))?/),
      ([, now, old, joined]) => ({ kind: "up", ranMs: Number(now ?? old) * 1000, joined: joined === "1" }),
    ],
    [info(/Boot complete time reached/), said("settled")],
    [
      /^\^?Info:(?:MAIN|GEN|CMD|OTA|HTTP|API|CFG):.*(?:\bHAL_RebootModule|Module reboot in \d|\b(?:reboot|restart)ing\b)/i,
      said("restarts"),
    ],
    [info(/Main_OnWiFiStatusChange - WIFI_STA_AUTH_FAILED/), () => ({ kind: "network", trouble: "refused" })],
    [info(/Main_OnWiFiStatusChange - WIFI_(?:STA|AP)_CONNECTED/), () => ({ kind: "network", trouble: undefined })],
    [info(/Main_OnWiFiStatusChange - WIFI_STA_DISCONNECTED/), () => ({ kind: "network", trouble: "failed" })],
    [
      /^\^?\w+:(?:HTTP|MQTT|CFG|HTTP_CLIENT|OTA|PINS|MAIN|GEN|API|LFS|CMD|NTP|TuyaMCU|I2C|EnergyMeter|EVENT|DGR|DDP|HASS|IR|SENSOR|DRV|BERRY):/,
      speaks("openbeken"),
    ],
  ],
};

export const TUYA_SIGNS: SignGroup = {
  begins:
    /\[\d\d-\d\d \d\d:\d\d:\d\d(?:[.:]\d+)? (?:TUYA|ty) \w+\]|< ?TUYA IOT SDK|\*{3,}\[?\w+\]? \[?[\d.]+\]? compiled|oem_bk\w+:\d|bk72\w+_common\w*:\d|\[PLATFORM (?:NOTICE|DEBUG|INFO|ERR)/i,
  before: "more",
  rows: [
    [/^[^'"]*< ?TUYA IOT SDK V:(\S+)/, ([, version = ""]) => names({ kind: "tuya", version }, "tuya")],
    [
      /\*{3,}\[?(\w+)\]? \[?([\d.]+)\]? compiled at (\w{3} {1,2}\d{1,2} \d{4} \d\d:\d\d:\d\d)/,
      ([, project = "", version = "", compiled = ""]) =>
        names({ kind: "tuya", project: `${project} ${version}`, compiled }),
    ],
    [
      /^[^'"]*\b(oem_bk\w+|bk72\w+_common\w*):(\d+(?:\.\d+)+)/,
      ([, project = "", version = ""]) => names({ kind: "tuya", project: `${project} ${version}` }),
    ],
    [/^\[/, speaks("tuya")],
  ],
};
