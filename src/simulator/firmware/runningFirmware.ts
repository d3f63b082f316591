/**
 * What runs after the boot stage: firmware that may listen on the flashing UART and may be asked to restart into it.
 * Knows nothing of flash. Sources: LibreTiny documentation (automatic download reboot), OpenBeken's command line.
 */
import { ascii } from "../../core/base/bytes";
import type { Board } from "../board/board";
import { work, type Program } from "../board/processor";

/**
 * `libretiny` restarts on a link check frame, `openbeken` on the text "reboot"; `tuya` listens to a microcontroller of
 * its own and `none` to nobody.
 */
export type FirmwareKind = "libretiny" | "openbeken" | "tuya" | "none";

interface Trigger {
  readonly bytes: Uint8Array;
  readonly reply: string;
  readonly afterUs: number;
}

const TRIGGERS: Readonly<Record<FirmwareKind, Trigger | undefined>> = {
  libretiny: { bytes: Uint8Array.of(0x01, 0xe0, 0xfc, 0x01, 0x00), reply: "", afterUs: 20_000 },
  openbeken: { bytes: ascii("reboot"), reply: "\r\nInfo:CMD:Reboot\r\n", afterUs: 200_000 },
  tuya: undefined,
  none: undefined,
};

/** Runs until its trigger arrives, at the default rate. */
export function* runFirmware(board: Board, kind: FirmwareKind): Program {
  const trigger = TRIGGERS[kind];
  board.setBaud("round", 0);
  board.rx.enabled = true;
  board.tx.enabled = true;
  board.setState("app");
  for (let matched = 0; trigger === undefined || matched < trigger.bytes.length;) {
    if (board.rx.unread === 0) yield { kind: "receive", idleUs: undefined };
    const byte = board.rx.read();
    if (trigger === undefined) continue;
    matched = byte === trigger.bytes[matched] ? matched + 1 : byte === trigger.bytes[0] ? 1 : 0;
  }
  yield* board.send(ascii(trigger.reply));
  yield* work(trigger.afterUs);
  return "reset";
}
