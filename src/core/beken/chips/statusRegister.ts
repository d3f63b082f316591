/**
 * The status register of a serial flash: in words, and what to write to lift block protection. Pure numbers; reading
 * and writing it is the protocol layer's. Value: first status byte in bits 0-7, second in bits 8-15.
 * Source: docs/protocol.md ("Flash write protection"); bit names as common datasheets have them.
 */
import { listed, words, type Words } from "../../base/words";
import type { FlashPart } from "./types";

/**
 * Bits that protect blocks and can be cleared again: BP0-BP4 and CMP. Vendor lists give some parts wider masks; what
 * lies beyond these is a one-time lock or nothing, and is never touched.
 */
const BLOCK_PROTECTION = 0x407c;
const BP = 0x007c;
const CMP = 0x4000;
const MACRONIX_CONFIGURATION_COMMAND = 0x15;

/** Name and bit, lowest first. BP0-BP4 and CMP get sentences of their own. */
const COMMON_BITS: readonly (readonly [bit: number, meaning: Words])[] = [
  [0, words`WIP: busy`],
  [1, words`WEL: write enabled`],
];
const STANDARD_BITS: readonly (readonly [bit: number, meaning: Words])[] = [
  [7, words`SRP0: status register locked while the WP pin is low`],
  [8, words`SRP1: status register locked until power-up`],
  [9, words`QE: quad mode on`],
  [11, words`LB1: security register 1 locked for ever`],
  [12, words`LB2: security register 2 locked for ever`],
  [13, words`LB3: security register 3 locked for ever`],
  [15, words`SUS: erase or program suspended`],
];
/** Macronix parts: four BP bits, QE in the first byte; the second byte is a configuration register without locks. */
const MACRONIX_BITS: readonly (readonly [bit: number, meaning: Words])[] = [
  [6, words`QE: quad mode on`],
  [7, words`SRWD: status register locked while the WP pin is low`],
  [11, words`TB: protection counts from the bottom`],
];

/** What the bits that are set mean, protection first. Reserved bits are left out. */
export function decodeStatusRegister(value: number, bytes: number, part?: FlashPart): readonly Words[] {
  const own = bytes === 1 ? value & 0xff : value & 0xffff;
  const macronix = part !== undefined && part.statusRead[1] === MACRONIX_CONFIGURATION_COMMAND;
  const bits = [...COMMON_BITS, ...(macronix ? MACRONIX_BITS : STANDARD_BITS)];
  return [
    macronix ? protectionWords(own & 0x3c, 0x3c, false) : protectionWords(own & BP, BP, (own & CMP) !== 0),
    ...bits.filter(([bit]) => (own >>> bit) & 1).map(([, meaning]) => meaning),
  ];
}

/**
 * The value to write so that nothing is protected: BP and CMP bits within `mask` cleared, every other bit as it was.
 * Nothing is ever newly set, so no lock bit can be.
 */
export function unprotectValue(value: number, mask: number): number {
  return value & ~(mask & BLOCK_PROTECTION) & 0xffff;
}

/** True when a BP or CMP bit within `mask` is set: some or all of the flash may ignore erase and program. */
export function isProtected(value: number, mask: number): boolean {
  return (value & mask & BLOCK_PROTECTION) !== 0;
}

/** `value` with the protection that `earlier` had; every other bit as it is, lock bits included. */
export function protectedAgain(value: number, earlier: number, mask: number): number {
  return value | (earlier & mask & BLOCK_PROTECTION);
}

function protectionWords(set: number, all: number, complement: boolean): Words {
  if (set === 0) return complement ? words`CMP alone: all protected` : words`BP: nothing protected`;
  const last = all === BP ? 4 : 3;
  if (set === all)
    return complement ? words`BP0-BP${last} and CMP: nothing protected` : words`BP0-BP${last}: all protected`;
  const names: string[] = [];
  for (let n = 0; n <= last; n++) if ((set >>> (n + 2)) & 1) names.push(`BP${n}`);
  if (complement) names.push("CMP");
  return words`${listed(names)}: partly protected`;
}
