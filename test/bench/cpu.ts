/**
 * CPU time of the work that must not hold up the wire, in a process that has done nothing else: no figure profits from
 * code that is warm already. Run as a program; prints one line of JSON.
 */
import { readFileSync } from "node:fs";
import { concat, readU32 } from "../../src/core/base/bytes";
import { crc32 } from "../../src/core/base/checksum";
import { BootWatch, detectImage, runJob, silentLog, systemClock, type ChipIdentity } from "../../src/core/index";
import { writeUf2 } from "../../src/core/beken/images/uf2Writer";
import { planWrite } from "../../src/core/plan/planWrite";
import { encodeRequest, matchReply } from "../../src/core/beken/protocol/commandTable";
import { ReplyDecoder } from "../../src/core/beken/protocol/decoder";
import { replyLong } from "../../src/core/beken/protocol/frames";
import { LogMask } from "../../src/core/monitor/logMask";
import { ALL, KeptLines, isShown } from "../../src/extension/monitor/logView";
import { TerminalText } from "../../src/extension/monitor/terminalText";
import { PRESETS, createChip, memoryTransport, practiceFirmware } from "../../src/simulator/index";
import { noise } from "../../src/simulator/prng";
import { VirtualLine, World } from "../campaign/world";

const SECTOR = 0x1000;
const FLASH = 0x200000;
/** Bytes that a driver typically delivers at once at full rate. */
const CHUNK = 248;
const APP = "examples/esphome/.esphome/build/bedroom-bulb/.pioenvs/bedroom-bulb/image_bk7231t_app.0x011000.crc";
const UF2 = APP.replace(/[^/]+$/, "firmware.uf2");
const FAMILY_AT = 28;
const UF2_BLOCKS = 0x400000 / 512;
const UF2_CHUNK = 256;

async function cpuMs(work: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** 2 MiB written and read back: every frame of it encoded, every answer decoded and matched, all of it hashed. */
async function wireWork(): Promise<number> {
  const data = noise(1, FLASH);
  const answers = concat(
    ...Array.from({ length: FLASH / SECTOR }, (_, index) => {
      const address = Uint8Array.of(0, (index << 4) & 0xff, index >> 4, 0);
      return replyLong(0x09, 0, concat(address, data.subarray(index * SECTOR, (index + 1) * SECTOR)));
    }),
  );
  const expected = crc32(data.subarray(0, SECTOR));
  return cpuMs(() => {
    const back = new Uint8Array(FLASH);
    for (let address = 0; address < FLASH; address += SECTOR) {
      encodeRequest("writeFlash4k", { address: address + FLASH / 2, data: data.subarray(address, address + SECTOR) });
      encodeRequest("readFlash4k", { address });
    }
    const decoder = new ReplyDecoder();
    let address = 0;
    for (let at = 0; at < answers.length; at += CHUNK) {
      for (const reply of decoder.push(answers.subarray(at, at + CHUNK))) {
        const match = matchReply("readFlash4k", { address }, reply);
        if (match.kind !== "match") throw new Error(`the answer for ${address} was not understood`);
        back.set(match.value, address);
        address += SECTOR;
      }
    }
    if (address !== FLASH || crc32(back.subarray(0, SECTOR)) !== expected) throw new Error("not all of it came back");
    for (let start = 0; start < FLASH; start += 0x10000) crc32(back, start, start + 0x10000);
  });
}

async function identity(): Promise<ChipIdentity> {
  const chip = createChip("bk7231t", { pace: "none", person: "auto" });
  const job = runJob(
    { kind: "info" },
    {},
    {
      session: { port: { kind: "serial", path: "memory" }, baudRate: "auto", linkTimeoutMs: 10_000 },
      deps: { open: () => Promise.resolve(memoryTransport(chip)), clock: systemClock, log: silentLog },
      signal: new AbortController().signal,
    },
  );
  for (;;) {
    const step = await job.next();
    if (!step.done) continue;
    chip.dispose();
    if (step.value.kind !== "info") throw new Error("info was asked for");
    return step.value.chip;
  }
}

/** A UF2 of 4 MiB: the genuine application, and an update that fills the rest. */
function largeUf2(): Uint8Array {
  const app = new Uint8Array(readFileSync(APP));
  const download = noise(2, (UF2_BLOCKS - 1 - Math.ceil(app.length / UF2_CHUNK)) * UF2_CHUNK);
  return writeUf2({
    family: readU32(readFileSync(UF2), FAMILY_AT),
    board: "generic-bk7231t-qfn32-tuya",
    firmware: "esphome",
    version: "2025.5.0",
    ltVersion: "1.13.0",
    buildDate: 0,
    partitions: [
      { name: "app", offset: 0x11000, length: 0x121000 },
      { name: "download", offset: 0x132000, length: 0x180000 },
    ],
    images: [
      { data: app, parts: { FLASHER_SINGLE: "app" } },
      { data: download, parts: { DEVICE_SINGLE: "download" } },
    ],
  });
}

async function planWork(): Promise<{ readonly ms: number; readonly bytes: number }> {
  const file = largeUf2();
  const chip = await identity();
  const ms = await cpuMs(() =>
    planWrite(detectImage(file, "firmware.uf2"), chip, {
      allowBootloader: false,
      calibrationAt: chip.calibration?.address,
    }),
  );
  return { ms, bytes: file.length };
}

/** Seconds of a log that never pauses. */
const LOG_SECONDS = 10;
/** As a driver hands over what came within a tick. */
const LOG_PIECE = 64;

function busyLog(length: number): Uint8Array {
  const lines = [
    "V:BK7231S_1.0.5",
    "J 0x10000",
    "I [      0.000] LibreTiny v1.13.0 on cb2s, compiled at Jan  1 2026 00:00:00",
  ];
  let text = lines.join("\r\n");
  for (let i = 0; text.length < length; i++)
    text += `\u001b[0;36m[D][sensor:094]: 'Sensor ${i}': Sending state ${i / 8} with 1 decimals of accuracy\u001b[0m\r\n`;
  return new TextEncoder().encode(text.slice(0, length));
}

/**
 * What the monitor does with each piece of a log at this rate: lines, secrets, verdict, lines kept, text for the terminal. In percent of one core.
 * @param isHeard another extension is told each line, its secrets masked
 */
async function monitorShare(baud: number, isHeard: boolean): Promise<number> {
  const bytesPerMs = baud / 10_000;
  const log = busyLog(bytesPerMs * 1000 * LOG_SECONDS);
  const watch = new BootWatch();
  const mask = new LogMask();
  const kept = new KeptLines();
  const text = new TerminalText(() => "00:00:00 ");
  const ms = await cpuMs(() => {
    for (let at = 0; at < log.length; at += LOG_PIECE) {
      const piece = log.subarray(at, at + LOG_PIECE);
      const lines = watch.push(piece, at / bytesPerMs);
      for (const line of lines) {
        mask.learn(line.text);
        if (isHeard) mask.mask(line.text);
      }
      kept.push(lines, "00:00:00");
      lines.filter((line) => isShown(line.text, ALL));
      watch.verdictIfDue(at / bytesPerMs);
      text.push(piece);
    }
  });
  return ms / (10 * LOG_SECONDS);
}

/** What it costs a person to have a flashed chip looked at, in simulated time: the same on every machine. */
async function lookMs(): Promise<number> {
  const world = new World();
  const preset = PRESETS.bk7231t;
  const chip = createChip(preset, { time: world, person: "auto", personWaitMs: 400, firmware: "by-content" });
  const clock = {
    now: () => world.now() / 1000,
    sleep: (ms: number, signal: AbortSignal) => world.hostClock.sleep(ms, signal),
  };
  const job = async (): Promise<number> => {
    const run = runJob(
      { kind: "flash", file: practiceFirmware(preset), verify: true, reboot: true, checkStart: true, dryRun: false },
      {},
      {
        session: { port: { kind: "serial", path: "virtual" }, baudRate: "auto", linkTimeoutMs: 60_000 },
        deps: {
          open: (_ref, { baudRate }) => Promise.resolve(new VirtualLine(world, chip, baudRate, {})),
          clock,
          log: silentLog,
        },
        signal: new AbortController().signal,
      },
    );
    for (;;) {
      const step = await run.next();
      if (!step.done) continue;
      if (step.value.kind !== "flash" || step.value.started?.kind !== "running")
        throw new Error("it was not seen running");
      return step.value.started.tookMs;
    }
  };
  const ms = await world.until(job(), 600_000);
  chip.dispose();
  return ms;
}

async function main(): Promise<void> {
  const wireMs = await wireWork();
  const plan = await planWork();
  const monitor = {
    slow: await monitorShare(115_200, false),
    fast: await monitorShare(921_600, false),
    slowHeard: await monitorShare(115_200, true),
    fastHeard: await monitorShare(921_600, true),
  };
  const figures = { wireMs, planMs: plan.ms, uf2Bytes: plan.bytes, monitor, lookMs: await lookMs() };
  process.stdout.write(`${JSON.stringify(figures)}\n`);
}

void main();
