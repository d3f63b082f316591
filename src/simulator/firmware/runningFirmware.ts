/**
 * What runs after the boot stage: firmware that may listen on the flashing UART and may be asked to restart into it.
 * Knows nothing of flash. Sources: LibreTiny documentation (automatic download reboot), OpenBeken's command line.
 */
import { ascii } from "../../core/base/bytes";
import type { Board } from "../board/board";
import { work, type Program } from "../board/processor";

/**
 * `libretiny` restarts on a link check frame, `openbeken` on the text "reboot"; `tuya` listens to a microcontroller of
 * its own and `none` to nothing. `libretiny-loops` restarts by itself before its setup is over, `libretiny-hangs` stands still at
 * its beginning and hears nothing.
 */
export type FirmwareKind = "libretiny" | "libretiny-loops" | "libretiny-hangs" | "openbeken" | "tuya" | "none";

interface Trigger {
  readonly bytes: Uint8Array;
  readonly reply: string;
  readonly afterUs: number;
}

/** How long firmware lasts that restarts by itself. */
const LASTS_US = 700_000;
const LINK_CHECK: Trigger = { bytes: Uint8Array.of(0x01, 0xe0, 0xfc, 0x01, 0x00), reply: "", afterUs: 20_000 };

const TRIGGERS: Readonly<Record<FirmwareKind, Trigger | undefined>> = {
  "libretiny-hangs": undefined,
  libretiny: LINK_CHECK,
  "libretiny-loops": LINK_CHECK,
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
  const until = kind === "libretiny-loops" ? board.time.idleNow() + LASTS_US : undefined;
  for (let matched = 0; trigger === undefined || matched < trigger.bytes.length;) {
    const idleUs = until === undefined ? undefined : until - board.time.idleNow();
    if (idleUs !== undefined && idleUs <= 0) return "reset";
    if (board.rx.unread === 0) yield { kind: "receive", idleUs };
    if (board.rx.unread === 0) continue;
    const byte = board.rx.read();
    if (trigger === undefined) continue;
    matched = byte === trigger.bytes[matched] ? matched + 1 : byte === trigger.bytes[0] ? 1 : 0;
  }
  yield* board.send(ascii(trigger.reply));
  yield* work(trigger.afterUs);
  return "reset";
}
