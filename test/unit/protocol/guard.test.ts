import assert from "node:assert/strict";
import fc from "fast-check";
import type { CommandName } from "../../../src/core/beken/chips/types";
import { ProtocolError, isFlasherError, type FlasherErrorCode } from "../../../src/core/base/errors";
import type { Range } from "../../../src/core/base/ranges";
import {
  COMMANDS,
  encodeRequest,
  JEDEC_REQUEST,
  type CommandFields,
} from "../../../src/core/beken/protocol/commandTable";
import {
  bootloaderToken,
  nameToType,
  type BootloaderProof,
  type BootloaderToken,
} from "../../../src/core/driver/bootloaderToken";
import { assertCovered, type WriteGrant } from "../../../src/core/beken/protocol/writeGuard";
import { CHIPS } from "../../../src/core/beken/chips/chips";
import { PROFILES } from "../../../src/core/beken/chips/profiles";

/** Where boot code ends on every BK72xx. */
const BOOTLOADER_END = 0x11000;

const MIB = 0x100000;
const BOOT_CODE = new Uint8Array(BOOTLOADER_END).fill(0x5a);
const PROOF: BootloaderProof = {
  chip: { chip: CHIPS.bk7231n, chipIdRegister: 0x7231c, protocol: PROFILES.rom },
  typed: "BK7231N",
  readings: [BOOT_CODE, BOOT_CODE.slice()],
  stored: BOOT_CODE.slice(),
};
const TOKEN = bootloaderToken(PROOF);

/** A request as a property test draws it; encoding may throw. */
interface Drawn {
  readonly name: CommandName;
  readonly fields: CommandFields[CommandName];
}

function draw<Name extends CommandName>(name: Name, fields: CommandFields[Name]): Drawn {
  return { name, fields };
}

/** The frame, if encoder and guard let it through. */
function pass(grant: WriteGrant | undefined, { name, fields }: Drawn): Uint8Array | undefined {
  try {
    assertCovered(grant, name, fields as never);
    return encodeRequest(name, fields as never);
  } catch (error) {
    assert.ok(error instanceof ProtocolError && error.code === "frame-refused", String(error));
    return undefined;
  }
}

/**
 * What a chip does on a frame, read from its bytes alone: flash wraps at its size, erases take the unit around the address,
 * programming takes byte for byte, write addresses from 16 MiB turn into erases of everything.
 */
function physicalEffect(frame: Uint8Array, flashSize: number): readonly Range[] {
  if (frame[3] !== 0xff) return [];
  const body = frame.subarray(8);
  const word = (at: number): number => new DataView(body.buffer, body.byteOffset, body.byteLength).getUint32(at, true);
  const erase = (address: number, unit: number): readonly Range[] => {
    const inside = (address & 0xffffff) % flashSize;
    const start = Math.floor(inside / unit) * unit;
    return [{ start, end: start + unit }];
  };
  const program = (address: number, length: number): readonly Range[] => {
    if (address >= 0x1000000) return [{ start: 0, end: flashSize }];
    const start = address % flashSize;
    if (start + length <= flashSize) return [{ start, end: start + length }];
    return [
      { start, end: flashSize },
      { start: 0, end: start + length - flashSize },
    ];
  };
  switch (frame[7]) {
    case 0x06:
    case 0x07:
      return program(word(0), body.length - 4);
    case 0x0a:
      return [{ start: 0, end: flashSize }];
    case 0x0b:
      return erase(word(0), 0x1000);
    case 0x0f: {
      const units: Readonly<Record<number, number>> = { 0x20: 0x1000, 0x52: 0x8000, 0xd8: 0x10000 };
      return erase(word(1), units[body[0] ?? 0] ?? flashSize);
    }
    default:
      return [];
  }
}

function covered({ start, end }: Range, ranges: readonly Range[]): boolean {
  let at = start;
  while (at < end) {
    const reach = Math.max(at, ...ranges.filter((one) => one.start <= at).map((one) => one.end));
    if (reach === at) return false;
    at = reach;
  }
  return true;
}

const flashSize = fc.constantFrom(MIB, 2 * MIB, 4 * MIB);
const edge = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 0, max: 64 }).map((n) => n * 0x10000) },
  { weight: 3, arbitrary: fc.integer({ min: 0, max: 1024 }).map((n) => n * 0x1000) },
  fc.constantFrom(BOOTLOADER_END, BOOTLOADER_END - 32, BOOTLOADER_END + 32),
  fc.integer({ min: 0, max: 4 * MIB }),
);
const range = fc.tuple(edge, edge).map(([a, b]): Range => ({ start: Math.min(a, b), end: Math.max(a, b) }));
const ranges = fc.array(range, { maxLength: 4 });

const grants: fc.Arbitrary<WriteGrant> = fc
  .tuple(flashSize, ranges, ranges, fc.constantFrom(undefined, TOKEN, {} as BootloaderToken))
  .map(([size, eraseRanges, writeRanges, token]) => ({
    label: "drawn",
    flashSize: size,
    eraseRanges,
    writeRanges,
    ...(token === undefined ? {} : { bootloaderToken: token }),
  }));

const address = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.tuple(edge, fc.constantFrom(0, 0, MIB, 2 * MIB, 4 * MIB, 8 * MIB)).map(([a, b]) => a + b),
  },
  fc.integer({ min: 0, max: 0xffffffff }),
  fc.integer({ min: -0x20000, max: 0 }),
  fc.constantFrom(0xfff000, 0xffffe0, 0x1000000, 0x1011000, 0x2011000, 0x80011000),
);
const data = fc
  .oneof(fc.constantFrom(4096, 256, 32, 64), fc.integer({ min: 0, max: 4200 }))
  .map((n) => new Uint8Array(n));
const requests: fc.Arbitrary<Drawn> = fc.oneof(
  fc.record({ address, data }).map((fields) => draw("writeFlash", fields)),
  fc
    .tuple(address, fc.constantFrom(4096, 4096, 4096, 512))
    .map(([at, length]) => draw("writeFlash4k", { address: at, data: new Uint8Array(length) })),
  fc
    .record({
      address,
      sizeCode: fc.oneof(fc.constantFrom(0x20, 0x20, 0xd8, 0xd8, 0x52), fc.integer({ min: 0, max: 255 })),
      erase32k: fc.boolean(),
    })
    .map((fields) => draw("eraseFlash", fields)),
  address.map((at) => draw("eraseFlash4k", { address: at })),
  fc.uint8Array({ maxLength: 8 }).map((bytes) => draw("spiTransfer", { bytes })),
);

describe("write guard", () => {
  it("whatever passes changes nothing outside the grant, nor boot code without a token", () => {
    let passed = 0;
    let withAlias = 0;
    fc.assert(
      fc.property(grants, requests, (grant, request) => {
        const frame = pass(grant, request);
        if (frame === undefined) return;
        const allowed = request.name.startsWith("erase") ? grant.eraseRanges : grant.writeRanges;
        for (const piece of physicalEffect(frame, grant.flashSize)) {
          passed++;
          if ("address" in request.fields && request.fields.address >= grant.flashSize) withAlias++;
          assert.ok(covered(piece, allowed));
          assert.ok(piece.end <= grant.flashSize);
          if (grant.bootloaderToken !== TOKEN) assert.ok(piece.start >= BOOTLOADER_END);
        }
      }),
      { numRuns: 60_000 },
    );
    assert.ok(passed > 1_500 && withAlias > 100, `only ${passed} and ${withAlias} passed: the property is empty`);
  });

  const grant: WriteGrant = {
    label: "flash app",
    flashSize: 2 * MIB,
    eraseRanges: [
      { start: 0x11000, end: 0x18000 },
      { start: 0x18000, end: 0x40000 },
    ],
    writeRanges: [{ start: 0x11000, end: 0x20000 }],
  };
  const erase = (at: number, sizeCode = 0x20): Drawn => draw("eraseFlash", { address: at, sizeCode, erase32k: true });
  const write4k = (at: number): Drawn => draw("writeFlash4k", { address: at, data: new Uint8Array(4096) });
  const passes = (request: Drawn, given: WriteGrant | undefined = grant): boolean => pass(given, request) !== undefined;

  it("lets what is covered pass, by alias too, and over ranges that touch", () => {
    assert.ok(passes(erase(0x11000)) && passes(erase(0x211000)) && passes(erase(0x20000, 0xd8)));
    assert.ok(passes(erase(0x10000 + 0x8000, 0x52)));
    assert.ok(passes(write4k(0x1f000)) && passes(write4k(0xe11000)));
    const wide = { ...grant, eraseRanges: [...grant.eraseRanges, { start: 0x40000, end: 0x60000 }] };
    assert.ok(passes(erase(0x30000, 0xd8), wide) && passes(erase(0x40000, 0xd8), wide));
  });
  it("stops what is not", () => {
    assert.ok(!passes(erase(0x40000)) && !passes(erase(0x240000)) && !passes(erase(0x10000, 0xd8)));
    assert.ok(!passes(write4k(0x20000)), "erasable is not writable");
    assert.ok(!passes(write4k(0x10000)) && !passes(erase(0x0)) && !passes(erase(0x200000)));
  });
  it("stops everything that changes flash without a plan, and nothing else", () => {
    const changing: readonly Drawn[] = [
      erase(0x11000),
      write4k(0x11000),
      draw("eraseFlash4k", { address: 0x11000 }),
      draw("writeFlash", { address: 0x11000, data: new Uint8Array(32) }),
      draw("writeStatusRegister", { command: 1, value: 0, bytes: 2, current: 0x407c }),
    ];
    for (const request of changing) {
      assert.equal(pass(undefined, request), undefined, request.name);
      assert.ok(passes(request), request.name);
    }
    const harmless: readonly Drawn[] = [
      draw("linkCheck", {}),
      draw("writeRegister", { address: 0x800074, value: 1 }),
      draw("readRegister", { address: 0 }),
      draw("reboot", {}),
      draw("setBaudRate", { baud: 115_200, delay: 20, tickMs: 2 }),
      draw("checkCrc", { start: 0, length: 256, range: "pages" }),
      draw("readBootVersion", {}),
      draw("resetRom", {}),
      draw("stayRom", {}),
      draw("readFlash", { address: 0, length: 16 }),
      draw("readFlash4k", { address: 0 }),
      draw("readStatusRegister", { command: 5 }),
      draw("spiTransfer", { bytes: JEDEC_REQUEST }),
    ];
    for (const request of harmless) assert.ok(pass(undefined, request), request.name);
    const all = new Set([...changing, ...harmless].map((request) => request.name));
    assert.deepEqual(
      Object.keys(COMMANDS).filter((name) => !all.has(name as CommandName)),
      [],
    );
  });
  it("boot code needs a token that was issued, and a plan", () => {
    const boot: WriteGrant = {
      ...grant,
      eraseRanges: [{ start: 0, end: 0x20000 }],
      writeRanges: [{ start: 0, end: 0x20000 }],
    };
    assert.ok(!passes(erase(0x10000), boot) && !passes(write4k(0x200000), boot) && !passes(erase(0x10000, 0xd8), boot));
    const forged = { ...boot, bootloaderToken: { ...TOKEN } };
    assert.ok(!passes(erase(0x10000), forged));
    const allowed = { ...boot, bootloaderToken: TOKEN };
    assert.ok(passes(erase(0x10000), allowed) && passes(erase(0, 0xd8), allowed) && passes(write4k(0x200000), allowed));
    assert.ok(!passes(erase(0x10000), { ...grant, bootloaderToken: TOKEN }));
  });
  it("a token takes the chip's name, two equal readings, and the stored copy read back; on a lifeline there is none", () => {
    const changed = BOOT_CODE.slice();
    changed[0x10fff] = 0;
    const bad: readonly (readonly [FlasherErrorCode, Partial<BootloaderProof>])[] = [
      ["bootloader-not-confirmed", { typed: undefined }],
      ["bootloader-not-confirmed", { typed: "" }],
      ["bootloader-not-confirmed", { typed: "yes" }],
      ["bootloader-not-confirmed", { typed: "bk7231n" }],
      ["bootloader-not-confirmed", { typed: "BK7231T" }],
      ["read-crc-mismatch", { readings: [BOOT_CODE, changed] }],
      ["read-crc-mismatch", { readings: [new Uint8Array(0), new Uint8Array(0)], stored: new Uint8Array(0) }],
      ["backup-damaged", { stored: changed }],
      ["backup-damaged", { stored: BOOT_CODE.subarray(0, 0x1000) }],
      ...Object.values(PROFILES)
        .filter(({ family }) => family !== "rom")
        .map((protocol) => ["plan-touches-bootloader", { chip: { ...PROOF.chip, protocol } }] as const),
    ];
    for (const [code, wrong] of bad) {
      assert.throws(
        () => bootloaderToken({ ...PROOF, ...wrong }),
        (error: unknown) => isFlasherError(error) && error.code === code,
        code,
      );
    }
    assert.equal(nameToType({ ...PROOF.chip, chip: undefined }), "0x7231C");
    const unknown = { ...PROOF.chip, chip: undefined };
    assert.ok(
      passes(erase(0), {
        ...grant,
        eraseRanges: [{ start: 0, end: MIB }],
        bootloaderToken: bootloaderToken({ ...PROOF, chip: unknown, typed: " 0x7231C " }),
      }),
    );
  });
  it("does not write around the end of the flash, nor believe an impossible size", () => {
    const tail: WriteGrant = { ...grant, writeRanges: [{ start: 0x11000, end: 4 * MIB }], bootloaderToken: TOKEN };
    const last = (length: number): Drawn => draw("writeFlash", { address: 2 * MIB - 32, data: new Uint8Array(length) });
    assert.ok(passes(last(32), tail) && !passes(last(64), tail));
    for (const size of [0, -1, 1.5, 3 * MIB, Number.NaN, 0x8000])
      assert.ok(!passes(write4k(0x11000), { ...grant, flashSize: size }));
  });
  it("believes no impossible size where all of it is granted, boot code as well", () => {
    const all = [{ start: 0, end: 16 * MIB }];
    const wide: WriteGrant = { ...grant, eraseRanges: all, writeRanges: all, bootloaderToken: TOKEN };
    for (const size of [MIB, 2 * MIB, 16 * MIB])
      assert.ok(
        passes(write4k(0x12000), { ...wide, flashSize: size }) && passes(erase(0), { ...wide, flashSize: size }),
      );
    for (const size of [0, -MIB, 1.5 * MIB + 0.5, 3 * MIB, Number.NaN, Infinity, 0x8000, 0x4000, 4096])
      assert.ok(!passes(write4k(0x12000), { ...wide, flashSize: size }), `${size}`);
  });
  it("takes more for boot code where a chip has more of it, and never less than any chip has", () => {
    const from = (bootCodeEnd: number): WriteGrant => {
      const all = [{ start: 0, end: 0x40000 }];
      return { ...grant, eraseRanges: all, writeRanges: all, bootCodeEnd };
    };
    const changes = (at: number, bootCodeEnd: number): boolean[] =>
      [erase(at), write4k(at)].map((one) => passes(one, from(bootCodeEnd)));
    assert.deepEqual(changes(0x11000, 0x20000), [false, false]);
    assert.deepEqual(changes(0x1f000, 0x20000), [false, false]);
    assert.deepEqual(changes(0x20000, 0x20000), [true, true]);
    for (const less of [0, 0x1000, -1]) {
      assert.deepEqual(changes(0x10000, less), [false, false]);
      assert.deepEqual(changes(0x11000, less), [true, true]);
    }
    assert.deepEqual(changes(0x20000, Number.NaN), [false, false]);
    assert.ok(passes(erase(0x11000), { ...from(0x20000), bootloaderToken: TOKEN }));
  });
  it("lets through what a loader takes to the last byte, and nothing longer", () => {
    const bytes = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => (i === 0 ? 0x9f : 0));
    const written = (length: number): boolean =>
      passes(draw("writeFlash", { address: 0x11000, data: new Uint8Array(length) }));
    assert.deepEqual([32, 4096, 0, 33, 4128].map(written), [true, true, false, false, false]);
    const asked = (length: number): boolean => passes(draw("spiTransfer", { bytes: bytes(length) }));
    assert.deepEqual([1, 64, 65, 0].map(asked), [true, true, false, false]);
    const register = (value: number): boolean => passes(draw("writeRegister", { address: 0x800074, value }));
    assert.deepEqual([0, 0xfffffffd, 2, 2 ** 32, 2 ** 33, -1, 0.5].map(register), [
      true,
      true,
      ...Array<boolean>(5).fill(false),
    ]);
  });
  it("says which plan, and where", () => {
    assert.throws(
      () => assertCovered(grant, "eraseFlash", { address: 0x40000, sizeCode: 0x20 }),
      (error: unknown) =>
        error instanceof ProtocolError &&
        error.context.address === 0x40000 &&
        error.context.length === 0x1000 &&
        /erase 4 KiB at 0x040000: the plan "flash app" does not cover 0x040000-0x041000/.test(error.message),
    );
  });
});
