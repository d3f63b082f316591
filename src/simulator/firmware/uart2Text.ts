/**
 * What boot code and firmware print on UART2 when a chip starts, in the shapes of docs/boot-logs.md. Registers are leftovers on real
 * chips and invented here. Knows nothing of when it is printed but the pauses between.
 */
import type { FirmwareKind } from "./runningFirmware";

/** A piece of a log, and how long after the one before it comes, in microseconds. */
export interface LogPiece {
  readonly afterUs: number;
  readonly text: string;
}

const CRCRLF = "\r\r\n";

/** Boot code of chips that boot as BK7231T does. */
const LIKE_T = [
  "",
  "V:BK7231S_1.0.5",
  "CPSR:000000D3",
  "R0:FE5BEEFF",
  "R1:DFFFBFFF",
  "R2:E1C73B2F",
  "R3:17170390",
  "R4:7F3E70B3",
  "R13:FBFEFBFF",
  "R14(LR):F51DA194",
  "ST:94CB12BB",
  "J 0x10000",
]
  .map((line) => line + CRCRLF)
  .join("");

const LIKE_N = [
  "",
  "V:BK7231N_1.0.1",
  "REG:cpsr     spsr     r13      r14",
  "SVC:000000D3          00401C08 003F0FB4",
  "IRQ:000000d2 6000001f 00401c08 003f0fb4 ",
  "FIR:000000d1 00000010 00400c18 00e862ac ",
  "SYS:000000df          0041cd20 00010031 ",
  "ST:00000000",
  "J 0x10000",
]
  .map((line) => line + CRCRLF)
  .join("");

/** Boot code that prints nothing on UART2: that of these prints on UART1, or where is not known. */
const NOT_ON_UART2: readonly string[] = ["bk7238", "bk7252n", "bk7236", "bk7258"];

/** On UART2. */
export function bootText(chip: string): readonly LogPiece[] {
  if (NOT_ON_UART2.includes(chip)) return [];
  return [{ afterUs: 5_000, text: chip === "bk7231n" ? LIKE_N : LIKE_T }];
}

const CYAN = "\u001b[0;36m";
const GREEN = "\u001b[0;32m";
const MAGENTA = "\u001b[0;35m";
const END = "\u001b[0m\r\n";

/** @param banner LibreTiny's own, as the application in flash has it */
export function applicationText(kind: FirmwareKind, banner: string | undefined): readonly LogPiece[] {
  switch (kind) {
    case "libretiny":
      return [...esphomeBegins(banner), ...ESPHOME_IS_UP];
    case "libretiny-loops":
      return esphomeBegins(banner);
    case "libretiny-hangs":
      return esphomeBegins(banner).slice(0, 1);
    case "openbeken":
      return OPENBEKEN;
    case "tuya":
      return TUYA;
    case "none":
      return [];
  }
}

function esphomeBegins(banner = "LibreTiny v1.13.0 on generic, compiled at Jan  1 2026 00:00:00"): readonly LogPiece[] {
  return [
    { afterUs: 60_000, text: `\u001b[1;32mI [      0.000] \u001b[0m${banner}, GCC 10.3.1 (-O1)\r\n` },
    { afterUs: 30_000, text: `${GREEN}[I][logger:049]: Log initialized${END}` },
    { afterUs: 1_000, text: `${MAGENTA}[C][safe_mode:084]: Unsuccessful boot attempts: 0${END}` },
    { afterUs: 1_000, text: `${GREEN}[I][app:073]: Running through setup()${END}` },
    { afterUs: 1_000, text: `${MAGENTA}[C][wifi:600]: Starting${END}` },
  ];
}

const ESPHOME_IS_UP: readonly LogPiece[] = [
  { afterUs: 300_000, text: `${GREEN}[I][wifi:1271]: Connected${END}` },
  { afterUs: 10_000, text: `${GREEN}[I][app:122]: setup() finished successfully!${END}` },
  {
    afterUs: 1_000,
    text: `${GREEN}[I][app:158]: ESPHome version 2026.8.0 compiled on 2026-08-20 10:00:00 +0000${END}`,
  },
  {
    afterUs: 1_000,
    text: `${CYAN}[D][sensor:094]: 'Practice': Sending state 21.50000 with 1 decimals of accuracy${END}`,
  },
];

const OPENBEKEN: readonly LogPiece[] = [
  { afterUs: 40_000, text: "prvHeapInit-start addr:0x41f390, size:134256\r\n" },
  {
    afterUs: 60_000,
    text: "OpenBK7231N, version 1.18.300\r\nEntering initLog()...\r\nCommands registered!\r\ninitLog() done!\r\n",
  },
  { afterUs: 10_000, text: "Info:MAIN:Main_Init_Before_Delay\r\n" },
  { afterUs: 500_000, text: "Info:MAIN:Main_Init_After_Delay done\r\n" },
  {
    afterUs: 500_000,
    text: "Info:MAIN:Time 1, idle 180000/s, free 70000, MQTT 0(0), bWifi 0, secondsWithNoPing -1, socks 2/38 \r\n",
  },
];

const TUYA: readonly LogPiece[] = [
  { afterUs: 40_000, text: "prvHeapInit-start addr:0x4119e0, size:124448\r\n[Flash]id:0xb4015\r\n" },
  {
    afterUs: 60_000,
    text: "[01-01 18:12:15 TUYA Notice][tuya_main.c:311] **********[oem_practice_light] [1.0.0] compiled at Jan  1 2026 00:00:00**********\r\n",
  },
  { afterUs: 20_000, text: "[01-01 18:12:16 TUYA Notice][light_system.c:2213] goto first bright up!\r\n" },
];
