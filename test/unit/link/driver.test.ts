/**
 * Jobs over a driver that speaks no protocol at all: a flash in memory behind the driver interface. What the jobs need of a driver
 * is what the interface has.
 */
import assert from "node:assert/strict";
import { crc32 } from "../../../src/core/base/checksum";
import { silentLog } from "../../../src/core/base/coreLog";
import { isFlasherError } from "../../../src/core/base/errors";
import { contains, rangeOf, type Range } from "../../../src/core/base/ranges";
import { systemClock } from "../../../src/core/base/timing";
import { CHIPS } from "../../../src/core/beken/chips/chips";
import { BK72XX } from "../../../src/core/beken/chips/geometry";
import { identifyChip } from "../../../src/core/beken/chips/identify";
import type { ChipIdentity } from "../../../src/core/beken/chips/types";
import type { ChipDevice, PlanGrant } from "../../../src/core/driver/chipDevice";
import type { ChipDriver, ChipLink, LoaderEvidence } from "../../../src/core/driver/chipDriver";
import { KnownSectors } from "../../../src/core/driver/knownSectors";
import type { JobRequest, JobResult, SessionDeps } from "../../../src/core/jobs/events";
import { runJob } from "../../../src/core/jobs/job";
import type { Transport } from "../../../src/core/transport/transport";
import { SECTOR } from "../../flashUnits";

const SIZE = 0x200000;
const START = 9600;

class MemoryChip implements ChipDevice {
  readonly profile = {
    crcUnit: 1,
    crcLocks: "never",
    rebootCommand: "resets",
    rebootsWhenIdle: false,
    bootloaderIsLifeline: true,
    knowsJedec: false,
  } as const;
  readonly baudRate = START;
  readonly flash = new Uint8Array(SIZE).map((_, i) => (i * 7 + (i >> 8)) & 0xff);
  readonly seen = new Map<number, number>();
  readonly known: KnownSectors;
  readonly strays: Range[] = [];
  readonly possibleStrays: Range[] = [];
  readonly inDoubt = false;
  gaps = 0;
  lockedByCrc = false;
  grant: PlanGrant | undefined;
  readonly erased: number[] = [];

  constructor(readonly sector = SECTOR) {
    this.known = new KnownSectors(sector);
  }

  get changing(): readonly Range[] {
    return this.grant?.writeRanges ?? [];
  }

  readSector(address: number): Promise<Uint8Array> {
    return Promise.resolve(this.flash.slice(address, address + this.sector));
  }

  async *readSectors(addresses: readonly number[]): AsyncGenerator<Uint8Array, void, void> {
    for (const address of addresses) yield await this.readSector(address);
  }

  readInPieces(addresses: readonly number[]): AsyncGenerator<Uint8Array, void, void> {
    return this.readSectors(addresses);
  }

  crc(start: number, length: number): Promise<number> {
    return Promise.resolve(crc32(this.flash, start, start + length));
  }

  async *crcs(ranges: readonly Range[]): AsyncGenerator<number, void, void> {
    for (const { start, end } of ranges) yield await this.crc(start, end - start);
  }

  allow(grant: PlanGrant | undefined): void {
    this.grant = grant;
  }

  erase({ address, length }: { readonly address: number; readonly length: number }): Promise<void> {
    assert.ok(this.grant?.eraseRanges.some((one) => contains(one, rangeOf(address, length))));
    this.flash.fill(0xff, address, address + length);
    assert.equal(address % length, 0);
    this.erased.push(address);
    return Promise.resolve();
  }

  async *erases(
    steps: readonly { readonly address: number; readonly length: number }[],
  ): AsyncGenerator<void, void, void> {
    for (const step of steps) yield await this.erase(step);
  }

  writeSector(address: number, data: Uint8Array): Promise<void> {
    assert.ok(this.grant?.writeRanges.some((one) => contains(one, rangeOf(address, this.sector))));
    assert.deepEqual([address % this.sector, data.length], [0, this.sector]);
    for (const [i, byte] of data.entries()) this.flash[address + i] = (this.flash[address + i] ?? 0) & byte;
    return Promise.resolve();
  }

  recover(): Promise<void> {
    return Promise.resolve();
  }

  pause(): Promise<void> {
    return Promise.resolve();
  }

  whileAwake<T>(work: () => Promise<T>): Promise<T> {
    return work();
  }

  isStillLocked(): void {
    assert.fail("nothing locks it");
  }

  mayChange(): boolean {
    return false;
  }

  settleDoubt(): Promise<void> {
    return Promise.resolve();
  }

  doubted(): readonly Range[] {
    return [];
  }
}

const identity = identifyChip({ sizeByWrap: SIZE });
const evidence: LoaderEvidence = {
  profile: identity.protocol,
  registerChipId: undefined,
  bootVersion: undefined,
  bootloader: undefined,
  bootCode: undefined,
  fingerprint: undefined,
};

/** A driver whose chip is there at once, and what was asked of it, in order. */
function memoryDriver(device: MemoryChip, asked: string[], chip = identity): ChipDriver {
  /* eslint-disable require-yield -- steps like a driver's, which have nothing to tell */
  const link: ChipLink = {
    baudRate: START,
    mutations: 0,
    rateOnTrial: false,
    async *connect() {
      asked.push("connect");
      return { device, evidence, notes: [] };
    },
    async *reconnect() {
      return assert.fail("the link holds");
    },
    async *restart() {
      return assert.fail("nothing has to be reset");
    },
    recognise: () => Promise.resolve(evidence),
    recogniseAnew: (before) => Promise.resolve(before),
    async *identify() {
      asked.push("identify");
      return chip;
    },
    isLinked: () => Promise.resolve(true),
    recover: () => Promise.resolve(true),
    async *slowDown() {
      assert.fail("nothing is lost");
    },
    async *unprotect() {
      asked.push("unprotect");
    },
    async *protectAgain() {
      return undefined;
    },
    jobBegins: () => Promise.resolve(),
    keepAwake: () => undefined,
    letSleep: () => undefined,
    reboot: () => {
      asked.push("reboot");
      return Promise.resolve();
    },
    async *watchStart() {
      return assert.fail("nobody asked for it");
    },
    leave: () => {
      asked.push("leave");
      return Promise.resolve();
    },
  };
  /* eslint-enable require-yield */
  return { startBaud: START, over: () => link };
}

/** Bytes go nowhere: this driver sends none. */
const SILENT: Transport = {
  label: "memory",
  can: { baudRate: false, controlLines: false },
  read: () => assert.fail("nothing is read"),
  write: () => assert.fail("nothing is written"),
  setBaudRate: () => Promise.resolve(),
  setControlLines: () => Promise.resolve(),
  discardInput: () => Promise.resolve(),
  close: () => Promise.resolve(),
};

async function run(
  request: JobRequest,
  device = new MemoryChip(),
  asked: string[] = [],
  chip = identity,
): Promise<JobResult> {
  const opened: number[] = [];
  const deps: SessionDeps = {
    open: (_port, { baudRate }) => {
      opened.push(baudRate);
      return Promise.resolve(SILENT);
    },
    clock: systemClock,
    log: silentLog,
    driver: memoryDriver(device, asked, chip),
  };
  const options = { port: { kind: "serial", path: "memory" }, baudRate: "auto", linkTimeoutMs: 1000 } as const;
  const job = runJob(request, {}, { session: options, deps, signal: new AbortController().signal });
  for (;;) {
    const step = await job.next();
    if (!step.done) continue;
    assert.deepEqual(opened, [START]);
    return step.value;
  }
}

describe("another driver", () => {
  it("is linked, identified and left by a session", async () => {
    const asked: string[] = [];
    const result = await run({ kind: "info" }, new MemoryChip(), asked);
    assert.equal(result.kind === "info" && result.baudRate, START);
    assert.deepEqual(asked, ["connect", "identify", "leave"]);
  });

  it("gives its flash to a read", async () => {
    const device = new MemoryChip();
    const result = await run({ kind: "read", start: 0x12000, length: 0x3000 }, device);
    assert.deepEqual(result.kind === "read" && result.data, device.flash.slice(0x12000, 0x15000));
  });

  it("erases what the plan names, with protection lifted first, and is proven by its own CRC", async () => {
    const [device, asked] = [new MemoryChip(), [] as string[]];
    const before = device.flash.slice();
    const result = await run({ kind: "erase", start: 0x40000, length: 0x11000, dryRun: false }, device, asked);
    assert.equal(result.kind === "erase" && result.bytesErased, 0x11000);
    assert.ok(asked.indexOf("unprotect") > asked.indexOf("identify"));
    assert.deepEqual([...device.erased].sort(), [0x40000, 0x50000]);
    assert.ok(device.flash.subarray(0x40000, 0x51000).every((byte) => byte === 0xff));
    before.fill(0xff, 0x40000, 0x51000);
    assert.deepEqual(device.flash, before);
    assert.equal(device.grant, undefined);
  });

  it("is written in the sectors of its chip's row, what a file leaves of them is kept, and read back in them", async () => {
    const geometry = { ...BK72XX, sector: 0x2000, block: 0x8000, bootCodeEnd: 0x12000, applicationStart: 0x12000 };
    const chip: ChipIdentity = { ...identity, chip: { ...CHIPS.bk7231t, geometry } };
    const device = new MemoryChip(geometry.sector);
    const expected = device.flash.slice();
    const bytes = Uint8Array.from({ length: 0xb000 }, (_, i) => (i * 13 + (i >> 7)) & 0xff);
    expected.set(bytes, 0x157100);
    const request = { kind: "flash", file: { name: "settings.bin", bytes }, at: 0x157100 } as const;
    const result = await run({ ...request, verify: true, reboot: false, dryRun: false }, device, [], chip);
    assert.deepEqual(device.flash, expected);
    assert.ok(result.kind === "flash" && result.verified);
    assert.deepEqual([...device.erased].sort(), [0x156000, 0x158000, 0x160000, 0x162000]);
    const backup = await run({ kind: "backup" }, device, [], chip);
    assert.deepEqual(backup.kind === "backup" && backup.data, expected);
  });

  it("does not get boot code to change: the plan refuses it before the driver is asked", async () => {
    const device = new MemoryChip();
    await assert.rejects(
      run({ kind: "erase", start: 0x10000, length: SECTOR, dryRun: false }, device),
      (error) => isFlasherError(error) && error.code === "plan-touches-bootloader",
    );
    assert.deepEqual(device.erased, []);
  });
});
