/**
 * What nothing but chips of other makers print, which run ESPHome, LibreTiny or OpenBeken's sisters as well: their boot ROMs, their
 * SDKs, and the names of components that exist for them alone.
 */
import type { LogSign, SignGroup, SignRow } from "./signTypes";

const foreign =
  (chip: string, starts = false) =>
  (): LogSign =>
    starts ? { kind: "foreign", chip, starts } : { kind: "foreign", chip };

export const FOREIGN_SIGNS: SignGroup = {
  begins:
    /ts [A-Z][a-z]{2} |ESP-ROM:|load[: ]0x|chksum 0x|configsip:|clk_drv:0x|entry 0x4|rst:0x|[VDIWE] \(\d+\) \w+|Guru Meditation|ROM:\[V|<RTL|IMG[12] ENTRY|RTL\d{4}\w*\[|Open(?!BK)[A-Z]{2}\w*, version|Project \S+ - /,
  before: "glitch",
  rows: [
    [/^ts [A-Z][a-z]{2} {1,2}\d{1,2} \d{4},rst cause:/, foreign("ESP8266", true)],
    [/^(?:ESP-ROM:|ts [A-Z][a-z]{2} {1,2}\d{1,2} \d{4} )/, foreign("ESP32", true)],
    [
      /^(?:rst:0x[0-9a-f]+ \(\w+\)|[VDIWE] \(\d+\) (?:boot|esp_image|cpu_start|heap_init|app_init)\b|Guru Meditation Error)/,
      foreign("ESP32"),
    ],
    [/^(?:load 0x40[0-9a-f]{6}, len \d|chksum 0x[0-9a-f]{2}$)/, foreign("ESP8266")],
    [/^(?:load:0x[34][0-9a-f]{7},len|configsip: \d|clk_drv:0x|entry 0x4[0-9a-f]{7}$)/, foreign("ESP32")],
    [/^(?:ROM:\[V\d|<RTL\d{4}\w*>|IMG1 ENTRY\[)/, foreign("RTL87xx", true)],
    [/^(?:IMG2 ENTRY\[|RTL\d{4}\w*\[)/, foreign("RTL87xx")],
    [/^Open((?:BL|LN|W|XR|ESP|RTL|TR|RDA|ECR|TXW|GD)\w*), version \S/, ([, chip = ""]) => ({ kind: "foreign", chip })],
    [/^Project \S+ - .*Version [\d.]+\(\w+\)-\d/, foreign("Tasmota")],
  ],
};

/** Components of ESPHome that exist for other chips alone. */
export const FOREIGN_COMPONENTS: readonly SignRow[] = [
  [/^\[\w+\]\[(?:\w+\.)*(?:wifi_)?esp8266\b/, foreign("ESP8266")],
  [/^\[\w+\]\[(?:\w+\.)*(?:esp32|esp-idf|wifi_esp32|psram)(?:_\w+|\.\w+)*\b/, foreign("ESP32")],
  // These chips have no such ports; the default of theirs is none of these names.
  [
    /^\[C\]\[logger(?::\d+)?\]:\s*Hardware UART: (?:UART0|USB_CDC|USB_SERIAL_JTAG)\b/,
    foreign("ESP32, ESP8266 or RTL87xx"),
  ],
  [/^\[\w+\]\[(?:\w+\.)*(?:rp2040|wifi_pico_w)\b/, foreign("RP2040")],
];

/** LibreTiny's boards with other families of chips. */
export const FOREIGN_BOARDS: readonly SignRow[] = [
  [
    /LibreTiny v\S+ on \S*?(rtl87\d\d\w*|ln882\w*)/i,
    ([, chip = ""]) => ({ kind: "foreign", chip: chip.toUpperCase() }),
  ],
];
