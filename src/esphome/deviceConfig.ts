/** What a configuration is made of: the passport of a dump, the wiring out of its settings, and the board to build for. */
import { boardFor, type BoardProfile, type Passport } from "../core/index";
import { pinsOfBoard } from "./boardPins";
import { pinTextOf } from "./openBekenPins";
import type { PinText } from "./pinReader";
import { pinsIn, wiringOf, type Wiring } from "./pinWiring";

export interface DeviceConfig {
  readonly passport: Passport;
  readonly wiring: Wiring;
  /** The board to build for; undefined where none is known. */
  readonly board: BoardProfile | undefined;
  /** It is made for the very module, and has all pins of the device. */
  readonly isBoardOfModule: boolean;
  readonly from: "tuya" | "openbeken" | "nothing";
  readonly link: { readonly baud: number | undefined } | undefined;
}

/** Where another processor is linked: RX1 and TX1. */
const LINK_PINS: readonly number[] = [10, 11];

export function deviceConfig(passport: Passport): DeviceConfig {
  const { tuya, openBeken } = passport.settings;
  const link = tuya?.tuyaMcu;
  const isTuya = tuya !== undefined && (tuya.pins !== undefined || link !== undefined);
  const from = isTuya ? "tuya" : openBeken ? "openbeken" : "nothing";
  const text: PinText = isTuya ? (tuya.pins ?? {}) : openBeken ? pinTextOf(openBeken) : {};
  const general = passport.board && boardFor(undefined, passport.board.chip)?.board;
  const boards = [passport.board, general].flatMap((board) => (board && pinsOfBoard(board.board)) ?? []);
  const there = boards.length === 0 ? undefined : new Set(boards.flatMap((pins) => [...pins]));
  const wiring = wiringOf(text, { there, ...(isTuya && link && { taken: LINK_PINS }) });
  return { passport, wiring, ...boardOf(passport, wiring, general), from, link: isTuya ? link : undefined };
}

/** The module's own board, unless the device uses a pin that it does not lead out, which ESPHome would refuse. */
function boardOf(
  { board, isBoardOfModule }: Passport,
  wiring: Wiring,
  general: BoardProfile | undefined,
): Pick<DeviceConfig, "board" | "isBoardOfModule"> {
  const pins = board && pinsOfBoard(board.board);
  const lacksOne = pins !== undefined && pinsIn(wiring).some((pin) => !pins.has(pin));
  return lacksOne && general ? { board: general, isBoardOfModule: general === board } : { board, isBoardOfModule };
}

/** Parts of a wiring that are no part of the device. */
const NO_PARTS: readonly (keyof Wiring)[] = ["remarks", "unused", "twice", "isLedShared", "battery"];

/** Something to switch, show or measure was found. */
export function hasComponents({ wiring, link }: DeviceConfig): boolean {
  const found = Object.entries(wiring).some(
    ([name, part]: [string, unknown]) =>
      !NO_PARTS.includes(name as keyof Wiring) && (Array.isArray(part) ? part.length > 0 : part !== undefined),
  );
  return found || link !== undefined || wiring.battery.adc !== undefined || wiring.battery.relay !== undefined;
}
