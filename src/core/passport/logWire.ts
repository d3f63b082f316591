/**
 * Which wire carries a firmware's log. Sources: docs/boot-logs.md ("Wires and speeds"): every board of LibreTiny has the log on UART2
 * unless its build moves it; OpenBeken and Tuya likewise; BK7238 and BK7252N print their boot code's text on UART1.
 */
import { words, type Words } from "../base/words";
import type { ChipId } from "../beken/chips/types";

/** What a build, or OpenBeken's start command, says of its log. */
export interface LogSettings {
  /** A build where it is left out. */
  readonly saidBy?: "openbeken";
  readonly uart?: 1 | 2;
  /** In baud; 0: there is no log. */
  readonly baudRate?: number;
}

export interface LogWire {
  readonly uart: 1 | 2;
  /** In baud. */
  readonly baudRate: number;
  /** Sentences. */
  readonly words: readonly Words[];
}

const USUAL_BAUD = 115_200;
/** Boot code that prints where the chip is flashed. */
const BOOTS_ON_UART1: readonly ChipId[] = ["bk7238", "bk7252n"];

/** @param said what the build of the firmware says, or its settings; undefined where that is not known */
export function logWire(chip: ChipId | undefined, said: LogSettings | undefined): LogWire {
  const { uart = 2, baudRate = USUAL_BAUD, saidBy } = said ?? {};
  const rate = baudRate === 0 ? USUAL_BAUD : baudRate;
  const where =
    uart === 1
      ? saidBy === "openbeken"
        ? words`The log is on TX1 (P11), the wire that is connected already, at ${rate} baud, as its start command says ("logPort 1").`
        : words`The log is on TX1 (P11), the wire that is connected already, at ${rate} baud, as its build says.`
      : words`The log is on TX2 (P0), at ${rate} baud: move the adapter's RX wire there from TX1 (P11), or use a second adapter.`;
  const off =
    baudRate === 0 ? [words`Its build switches the log off ("baud_rate: 0"): only its first line comes.`] : [];
  const boot =
    uart === 2 && chip !== undefined && BOOTS_ON_UART1.includes(chip)
      ? [words`Only the boot code of this chip prints on TX1 (P11).`]
      : [];
  return { uart, baudRate: rate, words: [where, ...off, ...boot] };
}

/**
 * What the sources of a build say of its log.
 * @param program `src/main.cpp` as ESPHome writes it
 * @param flags of its environment in `platformio.ini`, as the compiler is told them; the last of two counts
 */
export function readLogSettings(program: string, flags: string): LogSettings {
  const selected = /UART_SELECTION_UART([12])\b/.exec(program)?.[1];
  const moved = [...flags.matchAll(/LT_UART_DEFAULT_PORT\s*=\s*([12])\b/g)].at(-1)?.[1];
  const uart = selected ?? moved;
  const baud =
    /logger::Logger\(\s*(\d{1,7})\s*[,)]/.exec(program)?.[1] ?? /set_baud_rate\((\d{1,7})\)/.exec(program)?.[1];
  return {
    ...(uart !== undefined && { uart: uart === "1" ? 1 : 2 }),
    ...(baud !== undefined && { baudRate: Number(baud) }),
  };
}
