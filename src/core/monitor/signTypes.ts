/** What a line of a log can say: the vocabulary of the rows in `*Signs.ts`. */

export type FirmwareKind = "esphome" | "libretiny" | "openbeken" | "tuya" | "sdk";

/** Why a chip started, where its firmware says so. */
export type ResetReason = "power-on" | "restart" | "watchdog" | "crash" | "wake-up" | "brown-out" | "other";

/** How it goes with the network: the access point refuses the password, is not heard, or something else is in the way. */
export type NetworkTrouble = "refused" | "not-found" | "failed";

export type LogSign =
  /** The first line of a boot code; `version` as it calls itself. */
  | { readonly kind: "boot-code"; readonly version?: string }
  /** Any other line of a boot code; `onUart1`: of one that prints on UART1, where the application does not. */
  | { readonly kind: "boot-text"; readonly onUart1?: boolean }
  /** The last line of a boot code: it gives control to the application. */
  | { readonly kind: "jump" }
  | { readonly kind: "update-begins"; readonly from: string; readonly to: string }
  | { readonly kind: "update-refused" }
  /** Nothing but a chip of another maker prints this; `starts`: once at each start. */
  | { readonly kind: "foreign"; readonly chip: string; readonly starts?: boolean }
  | { readonly kind: "reset-reason"; readonly reason: ResetReason; readonly opens?: Opener }
  /** The application names itself; `up`: which it does only once its setup is over. */
  | {
      readonly kind: "firmware";
      readonly firmware: FirmwareFacts;
      readonly opens?: Opener;
      readonly up?: boolean;
    }
  /** Nothing but an application of this kind prints such a line; `ranMs`: and says for how long it has run. */
  | { readonly kind: "speaks"; readonly firmware: FirmwareKind; readonly opens?: Opener; readonly ranMs?: number }
  | { readonly kind: "attempts"; readonly count: number }
  /** The application says that its setup is over, or its main loop runs; `ranMs`: and for how long. */
  | { readonly kind: "up"; readonly ranMs?: number; readonly joined?: boolean }
  /** It says that it has run long enough for its start to count as good. */
  | { readonly kind: "settled" }
  | { readonly kind: "safe-mode" }
  /** It restarts because it was asked to, or wants to; `lonely`: as nothing connects to it, or it to nothing. */
  | { readonly kind: "restarts"; readonly lonely?: boolean }
  /** Radio or network begins: where a weak supply shows. */
  | { readonly kind: "radio" }
  /** `undefined`: it is in its network. */
  | { readonly kind: "network"; readonly trouble: NetworkTrouble | undefined }
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

/** A pattern is tried on what stands from the beginning of a line's own words on. */
export type SignRow = readonly [pattern: RegExp, sign: (match: RegExpExecArray) => LogSign];

/** What one kind of program prints. */
export interface SignGroup {
  /** Where its own words begin in a line; most lines of others have no such place, which is found out fast. */
  readonly begins: RegExp;
  /**
   * What may stand before: `glitch`: a few bytes that a glitch of the supply makes; `more`: what another task had begun to print on
   * the same line, or a tool put there, but no words of a sentence, as a text about logs has them, and no quoted text.
   */
  readonly before: "glitch" | "more";
  readonly rows: readonly SignRow[];
}

type BareKind = Exclude<
  LogSign["kind"],
  "boot-code" | "update-begins" | "foreign" | "reset-reason" | "firmware" | "speaks" | "attempts" | "network"
>;

export const said = (kind: BareKind) => (): LogSign => ({ kind });
export const speaks = (firmware: FirmwareKind, opens?: Opener) => (): LogSign =>
  opens === undefined ? { kind: "speaks", firmware } : { kind: "speaks", firmware, opens };
export const names = (firmware: FirmwareFacts, opens?: Opener): LogSign =>
  opens === undefined ? { kind: "firmware", firmware } : { kind: "firmware", firmware, opens };
