/** What the keys of a Beken configuration are for. Source: docs/formats.md ("Keys of a Beken configuration"). */
import { words, type Words } from "../core/index";

/** Below `bk72xx`, `bk72xx: framework` and `esphome: platformio_options`; a name that ends in a dot stands for all that begin with it. */
export type KeyBlock = "bk72xx" | "framework" | "options";

export interface KeyText {
  readonly key: string;
  readonly words: Words;
  /** What is usual to write, quoted as it must be. */
  readonly usual?: string;
}

export const KEY_TEXTS: Readonly<Record<KeyBlock, readonly KeyText[]>> = {
  bk72xx: [
    {
      key: "board",
      words: words`The board of LibreTiny that is built for: it decides chip, key, partitions and pins. Take the one of the module, else the general one of the chip.`,
    },
    {
      key: "family",
      words: words`The chip of a board that LibreTiny does not know. For its own boards it may be left out, and must not contradict.`,
    },
    { key: "framework", words: words`Version and options of LibreTiny.` },
  ],
  framework: [
    {
      key: "version",
      words: words`Version of LibreTiny: recommended, latest, dev, or a number. 0.0.0 is whatever is installed.`,
      usual: "recommended",
    },
    { key: "source", words: words`Where PlatformIO takes LibreTiny from; not together with a version that is a word.` },
    { key: "loglevel", words: words`What of its messages LibreTiny prints: warn when left out.`, usual: "warn" },
    {
      key: "debug",
      words: words`Parts of LibreTiny that print more: wifi, client, server, ssl, ota, fdb, mdns, lwip.`,
    },
    {
      key: "sdk_silent",
      words: words`How much of the vendor's messages is left out: all, auto or none.`,
      usual: "auto",
    },
    { key: "uart_port", words: words`The UART that the log comes from: 0, 1 or 2.`, usual: "2" },
    { key: "gpio_recover", words: words`Gives pins back that debugging holds: true when left out.`, usual: "true" },
    { key: "options", words: words`Defines of LibreTiny, name by name. Their values are texts.` },
  ],
  options: [
    {
      key: "board_build.bkcrypt_coeffs",
      words: words`The key that the application is encrypted with: 32 hex digits, in quotes. It must be the one that the chip has, or the build does not start. 32 zeros are a chip without key.`,
      usual: `"${"0".repeat(32)}"`,
    },
    {
      key: "board_build.bkota.key",
      words: words`Key of update packages: 32 characters, in quotes when they are all digits. Boot code decrypts packages with its own.`,
      usual: "0123456789ABCDEF0123456789ABCDEF",
    },
    {
      key: "board_build.bkota.iv",
      words: words`Initial value for the key of update packages: 16 characters.`,
      usual: "0123456789ABCDEF",
    },
    { key: "board_build.bkota.encryption", words: words`How update packages are encrypted: none or aes256.` },
    { key: "board_build.bkota.compression", words: words`How update packages are compressed: none or gzip.` },
    {
      key: "board_build.bkrbl_size_app",
      words: words`Longest application that an update package may hold, in hex and in quotes.`,
      usual: '"0x108700"',
    },
    {
      key: "board_build.bkboot_version",
      words: words`Version of the boot code that LibreTiny puts into whole images; a text.`,
    },
    { key: "board_build.mcu", words: words`The chip by LibreTiny's name, where it is another one than the board's.` },
    {
      key: "board_flash.calibration",
      words: words`Where the radio's calibration and the MAC address of the chip lie: 0xSTART+0xLENGTH. The place that the vendor used, so that they stay.`,
      usual: "0x1E0000+0x1000",
    },
    {
      key: "board_flash.download",
      words: words`Where update packages go: 0xSTART+0xLENGTH. Boot code unpacks only what is where it looks.`,
      usual: "0x132000+0xA6000",
    },
    {
      key: "board_flash.app",
      words: words`Where the application is: 0xSTART+0xLENGTH, behind the boot code.`,
      usual: "0x11000+0x121000",
    },
    {
      key: "board_flash.kvs",
      words: words`Where ESPHome keeps its settings: 0xSTART+0xLENGTH.`,
      usual: "0x1D8000+0x8000",
    },
    { key: "board_flash.", words: words`A partition: 0xSTART+0xLENGTH, behind the boot code and in no other one.` },
    {
      key: "custom_flash.",
      words: words`Moves a partition: where it starts. LibreTiny works out the lengths by itself, and advises against it.`,
    },
    { key: "board_upload.speed", words: words`Speed of an upload over the wire, baud.`, usual: "921600" },
    { key: "custom_board", words: words`A board of your own: a JSON file.` },
    { key: "custom_fw_name", words: words`Name of the firmware in the files that are built.` },
    { key: "custom_versions.beken-bdk", words: words`Version of the vendor's SDK that is built with.` },
  ],
};

/** The text for a key, or for what all of its kind are. */
export function keyText(block: KeyBlock, key: string): KeyText | undefined {
  const rows = KEY_TEXTS[block];
  return rows.find((row) => row.key === key) ?? rows.find((row) => row.key.endsWith(".") && key.startsWith(row.key));
}
