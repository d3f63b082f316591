/** What boot codes print. Sources: real dumps run in an emulator, logs of real chips in public reports (docs/boot-logs.md). */
import { said, type SignGroup } from "./signTypes";

export const BOOT_CODE_SIGNS: SignGroup = {
  begins: /V:B[KL]|B[KL]\d{4}\w{0,2}_\d|REG:cpsr|reset register dump|R0\s*:|\[[IEWD]\/(?:FAL|OTA)\]|J 0x1|go os_addr/i,
  before: "glitch",
  rows: [
    [/^V:((?:BK|BL)\w{4,6}_\d+(?:\.\d+)+)$/i, ([, version = ""]) => ({ kind: "boot-code", version })],
    [/^((?:BK|BL)\d{4}\w{0,2}_\d+\.\d+\.\d+)$/i, ([, version = ""]) => ({ kind: "boot-code", version })],
    // BK7238 and BK7252N set their columns wider than BK7231N.
    [/^REG:cpsr {7,}spsr {7,}r13/i, () => ({ kind: "boot-text", onUart1: true })],
    [/^REG:cpsr\s+spsr\s+r13/i, said("boot-text")],
    [/^reset register dump:$/i, said("boot-text")],
    [/^R0\s*:\s*(?:0x)?[0-9a-f]{8}\b/i, said("boot-text")],
    [/^\[I\/FAL\]/, said("boot-text")],
    [
      /^\[I\/OTA\] OTA firmware\(\w+\) upgrade\((.*)->(.*)\) startup/,
      ([, from = "", to = ""]) => ({ kind: "update-begins", from, to }),
    ],
    [/^\[E\/OTA\]/, said("update-refused")],
    [/^\[[IWD]\/OTA\]/, said("boot-text")],
    [/^J 0x1[0-9a-f]{4}$/i, said("jump")],
    [/^go os_addr\(0x[0-9a-f]+\)/i, said("jump")],
  ],
};
