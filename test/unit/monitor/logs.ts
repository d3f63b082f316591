/** Logs of our own making in the published shapes. Registers and addresses are invented. */

const ESC = "\u001b";

/** Boot code of BK7231T: CR CR LF. */
export const BOOT_T = lines(
  "\r\r\n",
  "",
  "V:BK7231S_1.0.5",
  "CPSR:400001D3",
  "R0:0BADF00D",
  "R1:00000000",
  "R13:00400000",
  "R14(LR):00000010",
  "ST:00000001",
  "J 0x10000",
);
/** Boot code of BK7231N. */
export const BOOT_N = lines(
  "\r\r\n",
  "",
  "V:BK7231N_1.0.1",
  "REG:cpsr     spsr     r13      r14",
  "SVC:400001D3          00000000 00000000",
  "SYS:400001df          00000000 00000000 ",
  "ST:00000000",
  "J 0x10000",
);
/** Boot code of BK7238, on UART1. */
export const BOOT_7238 =
  lines("\r\n", "BK7238_1.0.15", "REG:cpsr        spsr        r13         r14", "ST:0x00000000") +
  `${ESC}[32;22m[I/FAL] Fal(V0.4.0)success${ESC}[0m\n${ESC}[36;22m[I/OTA] RT-Thread OTA package(V0.2.8-beken) initialize success.${ESC}[0m\r\n\r\n\r\ngo os_addr(0x10000)..........\r\n`;
/** Boot code of BL2028N and of 1.0.8 on BK7231N, with an update or without. */
export function bootWithUpdates(...more: string[]): string {
  return lines(
    "\r\n",
    "BK7231n_1.0.8",
    "CPSR:0x000000D3",
    "R0:0x00000000",
    "ST:0x00000000",
    `${ESC}[32;22m[I/FAL] Fal(V0.4.0)success${ESC}[0m`,
    `${ESC}[36;22m[I/OTA] RT-Thread OTA package(V0.2.4) initialize success.${ESC}[0m`,
    ...more,
    "",
    "go os_addr(0x10000)..........",
  );
}

export const BANNER = `${ESC}[1;32mI [      0.000] ${ESC}[0mLibreTiny v1.9.1 on generic-bk7231n-qfn32-tuya, compiled at Mar  4 2026 05:06:07, GCC 10.3.1 (-O1)\r\n`;

/** A line of ESPHome with its colours. */
export function esphome(level: string, tag: string, text: string, end = "\r\n"): string {
  return `${ESC}[0;36m[${level}][${tag}]: ${text}${ESC}[0m${end}`;
}

export const LOGGER = esphome("I", "logger:049", "Log initialized");
export const SETUP = esphome("I", "app:073", "Running through setup()");
export const WIFI = esphome("C", "wifi:600", "Starting");
export const SETUP_DONE = esphome("I", "app:122", "setup() finished successfully!");
export const VERSION = esphome("I", "app:158", "ESPHome version 2026.8.0 compiled on 2026-08-20 10:00:00 +0000");
export const SETTLED = esphome("I", "safe_mode:105", "Boot seems successful; resetting boot loop counter");

export const SDK_START = (type: string): string =>
  lines(
    "\r\n",
    `bk_misc_init_start_type ${type} 0`,
    "prvHeapInit-start addr:0x412210, size:122352",
    "[Flash]id:0xeb6015",
    "[Flash]init over",
  );

export const OPENBEKEN = lines(
  "\r\n",
  "OpenBK7231N, version 1.18.0",
  "Entering initLog()...",
  "Info:MAIN:Main_Init_Before_Delay",
  "Info:MAIN:Main_Init_After_Delay done",
);
export const OPENBEKEN_UP =
  "Info:MAIN:Time 3, idle 180000/s, free 70000, MQTT 0(1), bWifi 1, secondsWithNoPing -1, socks 3/38 \r\n";

/** What LibreTiny prints when the processor traps; `pc` and the caller in the SYS block as given. */
export function trap(kind: string, pc: string, caller: string): string {
  const values = (count: number, last: string): string[] => [
    ...Array.from({ length: count - 1 }, (_, i) => `0x0000000${i}`),
    last,
  ];
  return (
    lines(
      "\n",
      kind,
      "Current regs:",
      "r00:0x00000001 r01:0x08080808 r02:0x00000000 r03:0x0000000a",
      "r04:0x00000001 r05:0x0040bc00 r06:0x0007cb81 r07:0x0040bba0",
      "r08:0x08080808 r09:0x09090909 r10:0x10101010",
      "fp :0x11111111 ip :0x00001868",
      `sp :0x004003d0 lr :${pc} pc :${pc}`,
      "SPSR:0x0000003f",
      "CPSR:0x00000097",
      "",
      "separate regs:",
      "SYS:cpsr r8-r14",
      ...values(8, caller),
      "IRQ:cpsr spsr r8-r14",
      ...values(9, "0x003f0fb4"),
      "FIR:cpsr spsr r8-r14",
      ...values(9, "0x00e862ac"),
      "ABT:cpsr spsr r8-r14",
      ...values(9, pc),
      "UND:cpsr spsr r8-r14",
      ...values(9, "0x9ec700a0"),
      "SVC:cpsr spsr r8-r14",
      ...values(9, "0x00016e94"),
    ) + "\r\nshutdown...\n"
  );
}

export function lines(end: string, ...texts: string[]): string {
  return texts.map((text) => text + end).join("");
}

export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
