/**
 * The states a dashboard can be in, made the way the extension makes them: real images, plans and identities, a job's
 * events in their documented order, one reducer. Shared by the tests of the pages and of the reducer.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { english, words } from "../../../src/core/base/words";
import { CHIPS } from "../../../src/core/beken/chips/chips";
import { BOOTLOADERS, findBootloaders } from "../../../src/core/beken/chips/bootloaders";
import { findFlashPart } from "../../../src/core/beken/chips/flashParts";
import { TUYA_KEY, ZERO_KEY } from "../../../src/core/beken/chips/keys";
import { findLayout, usualLayout } from "../../../src/core/beken/chips/layouts";
import { PROFILES } from "../../../src/core/beken/chips/profiles";
import type { ChipIdentity } from "../../../src/core/beken/chips/types";
import type { JobEvent, Phase } from "../../../src/core/jobs/events";
import { detectImage } from "../../../src/core/beken/images/detect";
import { NOTE_WORDS } from "../../../src/core/driver/noteWords";
import { judgeStart, type StartCheck } from "../../../src/core/jobs/judgeStart";
import type { FirstSteps } from "../../../src/core/passport/firstSteps";
import { logWire } from "../../../src/core/passport/logWire";
import { inspectImage } from "../../../src/core/beken/images/inspect";
import type { FirmwareImage } from "../../../src/core/beken/images/firmwareImage";
import { buildAdvice } from "../../../src/core/plan/buildAdvice";
import type { FlashPlan } from "../../../src/core/plan/flashPlan";
import { planErase, planWrite, preservedSectors, programmedSectors } from "../../../src/core/plan/planWrite";
import {
  approved,
  askApproval,
  cancel,
  fail,
  newJob,
  reduceJob,
  succeed,
  withFirstSteps,
  withBackup,
  type ErrorView,
  type JobPort,
  type JobState,
} from "../../../src/shared/jobState";
import { verbsOf } from "../../../src/core/backup/fileVerbs";
import { contentOf, type DumpContent } from "../../../src/extension/imageViewer/dumpContent";
import { DumpExplorer } from "../../../src/extension/imageViewer/dumpExplorer";
import type { DumpView } from "../../../src/shared/dumpView";
import { tuyaDump } from "../passport/sampleDump";
import { toHistoryEntry } from "../../../src/shared/historyEntry";
import { jobsToShow, type DashboardState, type ImageViewerState, type PortView } from "../../../src/shared/messages";
import { ENGLISH, type Strings } from "../../../src/shared/strings";
import { toChipView, toImageView, type StartView } from "../../../src/shared/views";

const BUILD = "examples/esphome/.esphome/build/bedroom-bulb/.pioenvs/bedroom-bulb";
export const RBL = "image_bk7231t_app.0x011000.rbl";
export const OTA_RBL = "image_bk7231t_app.ota.rbl";

export const readBuild = (name: string): Uint8Array => readFileSync(`${BUILD}/${name}`);

export const image: FirmwareImage = detectImage(readBuild(RBL), RBL);

/** A BK7231T as its flash loader shows it. */
export const chip: ChipIdentity = {
  chip: CHIPS.bk7231t,
  alternatives: [CHIPS.bk7231u],
  protocol: PROFILES.A,
  bootloader: { profile: BOOTLOADERS.find(({ family }) => family === "A"), crc256: 0xc6064af3, version: undefined },
  chipIdRegister: undefined,
  flash: { jedecId: undefined, part: undefined, size: 0x200000, sizeFrom: "wrap-around" },
  statusRegister: undefined,
  mac: "C8:47:8C:12:34:56",
  calibration: { address: 0x1e0000, from: "known" },
  key: { kind: "tuya", coefficients: TUYA_KEY, from: "application" },
  layout: findLayout("libretiny-bk7231t-tuya"),
};

/** A BK7231N as its boot ROM shows it. */
export const romChip: ChipIdentity = {
  chip: CHIPS.bk7231n,
  protocol: PROFILES.rom,
  bootloader: { profile: undefined, crc256: 0x1ebe6e45, version: undefined },
  chipIdRegister: 0x7231c000,
  flash: { jedecId: "EB6015", part: findFlashPart("EB6015"), size: 0x200000, sizeFrom: "jedec" },
  statusRegister: { value: 0x4000, bytes: 2, words: [words`nothing protected`, words`quad enabled`] },
  mac: "7C:F6:66:AB:CD:EF",
  calibration: { address: 0x1d0000, from: "known" },
  key: { kind: "tuya", coefficients: TUYA_KEY, from: "efuse" },
  layout: findLayout("tuya-bk7231n"),
};

export const plan: FlashPlan = planWrite(image, chip, { allowBootloader: false, calibrationAt: 0x1e0000 });

const erasePlan = planErase(0x150000, 0x10000, 0x200000, { allowBootloader: false, calibrationAt: 0x1e0000 });

export const START = Date.UTC(2026, 8, 14, 10, 30);

export const usb: JobPort = { id: "/dev/ttyUSB0", label: "/dev/ttyUSB0", adapter: "CP210x" };
const other: JobPort = { id: "/dev/ttyUSB1", label: "/dev/ttyUSB1", adapter: "CH340" };
const practice: JobPort = { id: "practice", label: "Practice BK7231N", practice: true };

const step = 0x1000;

/** One phase over whole sectors. */
function phase(name: Phase, addresses: readonly number[], length = step): JobEvent[] {
  const total = addresses.length * length;
  return [
    { type: "phase-started", phase: name, total },
    ...addresses.map((address, i): JobEvent => ({
      type: "progress",
      phase: name,
      done: (i + 1) * length,
      total,
      address,
      length,
    })),
    { type: "phase-finished", phase: name },
  ];
}

const sectorsOf = (some: FlashPlan, length = step): number[] =>
  some.sectors.flatMap(({ start, end }) =>
    Array.from({ length: Math.ceil((end - start) / length) }, (_, i) => start + i * length),
  );

const linkingAt = (elapsedMs: number, more: Partial<Extract<JobEvent, { type: "linking" }>> = {}): JobEvent => ({
  type: "linking",
  elapsedMs,
  limitMs: 60_000,
  wire: "silence",
  bytesSeen: 0,
  needsPerson: false,
  ...more,
});

export const linkEvents: readonly JobEvent[] = [
  linkingAt(250),
  linkingAt(6000, { needsPerson: true, wire: "log-text", bytesSeen: 812 }),
  { type: "linked", afterMs: 8200, by: "power cycle" },
];

const identifyEvents = (identity: ChipIdentity): JobEvent[] => [
  { type: "phase-started", phase: "identify", total: 2 },
  { type: "progress", phase: "identify", done: 1, total: 2, address: 0, length: 0 },
  { type: "phase-finished", phase: "identify" },
  { type: "identified", chip: identity, baudRate: 921_600 },
];

/** A whole flash job, in the order of events.ts. */
export const flashEvents: readonly JobEvent[] = [
  ...linkEvents,
  ...identifyEvents(chip),
  {
    type: "note",
    level: "warning",
    code: "baud-fallback",
    words: NOTE_WORDS["baud-fallback"],
    context: { detail: "1500000 baud: no answer" },
  },
  { type: "planned", plan, image },
  ...phase("preserve", preservedSectors(plan)),
  ...phase("erase", sectorsOf(plan)),
  ...phase("write", programmedSectors(plan)),
  ...phase("verify", sectorsOf(plan)),
];

/** Runs events `everyMs` apart, up to the first for which `until` holds. */
export function play(
  state: JobState,
  events: readonly JobEvent[],
  { everyMs = 60, until }: { readonly everyMs?: number; readonly until?: (state: JobState) => boolean } = {},
): JobState {
  let now = state.startedAt;
  let current = state;
  for (const event of events) {
    if (until?.(current) === true) break;
    now += everyMs;
    current = reduceJob(current, event, now, english);
  }
  return current;
}

export const flashJob = (port: JobPort = usb, id = "job-1"): JobState =>
  newJob({ id, kind: "flash", title: `Flash ${RBL}`, port, fileName: RBL }, START);

export const flashResult = {
  kind: "flash",
  chip,
  plan,
  bytesWritten: plan.totals.write,
  bytesErased: plan.totals.erase,
  bytesSkipped: 0,
  bytesKept: 0,
  image,
  advice: { yaml: [], updates: undefined },
  verified: true,
  dryRun: false,
  rebooted: true,
  repairedSectors: 0,
} as const;

const runs: StartCheck = {
  ...judgeStart({ unasked: [], asked: [35, 36], heldUpMs: 0, watchedMs: 2_950, left: true }, 4_400),
};
const firstSteps: FirstSteps = {
  see: [
    words`The device joins the Wi-Fi of its configuration, and is ${"bedroom-bulb"}.local there.`,
    words`Where it cannot, it opens the network ${"Bedroom Bulb Fallback Hotspot"} after a minute or two: join it and open ${"http://192.168.4.1"}.`,
  ],
  adopt: [words`Home Assistant finds it by itself: Settings, Devices & services, ESPHome.`],
  log: logWire("bk7231t", undefined),
};

export const done: JobState = withFirstSteps(
  succeed(play(flashJob(), flashEvents), { ...flashResult, started: runs }, START + 41_300, english),
  firstSteps,
  english,
);
const silentNow = judgeStart({ unasked: [], asked: [undefined], heldUpMs: 0, watchedMs: 2_950, left: true }, 5_900);
const doneNotSeen = withFirstSteps(
  succeed(play(flashJob(), flashEvents), { ...flashResult, started: silentNow }, START + 41_300, english),
  firstSteps,
  english,
);

/** The seed's chip: no key, no table in its boot code, its calibration elsewhere. */
const seedAdvice = buildAdvice(
  {
    ...chip,
    bootloader: { ...chip.bootloader, profile: findBootloaders({ crc256: 0xbefd79d6 })[0] },
    key: { kind: "zero", coefficients: ZERO_KEY, from: "bootloader" },
    calibration: { address: 0x1f3000, from: "scan" },
  },
  image,
  new Uint8Array(),
);
const flashEventsAdvised = flashEvents.map((event) =>
  event.type === "planned" ? { ...event, advice: seedAdvice } : event,
);

const writing = play(flashJob(), flashEvents, { until: ({ overall }) => overall > 0.58 });

export const failure: ErrorView = {
  code: "verify-failed",
  title: "The flash does not hold what the file says (at 0x0A3000).",
  evidence: [
    "File: image_bk7231t_app.0x011000.rbl",
    "Expected: CRC 5D1F0A33",
    "Attempts: 3",
    "Error code: verify-failed",
  ],
  steps: ["Give the module a steady 3.3 V.", "Use short wires, and choose a lower speed.", "Run the same job again."],
  flash: "partly-written",
  address: 0xa3000,
  actions: ["retry", "selectBaudRate", "showLog"],
};

const silent: ErrorView = {
  code: "no-link-silence",
  title: "The chip sent nothing at all.",
  evidence: ["Received on the wire: 0 bytes", "60 s of link checks, 0 bytes seen", "Error code: no-link-silence"],
  steps: [
    "Check that the chip has power: 3.3 V between VCC and GND, measured at the module.",
    "Check the wires: adapter RX to the chip's TX1 (P11), adapter TX to the chip's RX1 (P10), GND to GND.",
    "Cut the chip's power for a second, or pull CEN to GND for a moment, and let it go while the flasher waits.",
  ],
  flash: "untouched",
  actions: ["retry", "selectPort", "showLog"],
};

const backupJob = newJob({ id: "job-7", kind: "backup", title: "Back up BK7231N", port: practice }, START - 60_000);
const backupDone = succeed(
  play(backupJob, [
    ...identifyEvents(romChip),
    ...phase(
      "read",
      sectorsOf(planErase(0x11000, 0x1ef000, 0x200000, { allowBootloader: false, calibrationAt: undefined })),
    ),
  ]),
  {
    kind: "backup",
    chip: romChip,
    data: new Uint8Array(0x200000),
    bytesRead: 0x200000,
    verified: true,
    crc32: 0x1234abcd,
    bytesTaken: 0,
    bytesFromBase: 0,
  },
  START - 20_000,
  english,
  "backups/7CF666ABCDEF-2026-09-14.bin",
);

const portOf = (port: JobPort, more: Partial<PortView> = {}): PortView => ({ ...port, present: true, ...more });

function dashboard(jobs: readonly JobState[], more: Partial<DashboardState> = {}): DashboardState {
  return {
    locale: "en",
    strings: ENGLISH,
    ports: [portOf(usb)],
    selectedPortId: usb.id,
    jobs: jobsToShow(jobs),
    history: jobs.flatMap((job) => toHistoryEntry(job) ?? []),
    interrupted: [],
    ...more,
  };
}

const planned = play(flashJob(), flashEvents, { until: ({ plan: known }) => known !== undefined });
const withCopy = withBackup(
  reduceJob(planned, { type: "backup-planned", length: 0x200000, needsReset: true }, START, english),
  {
    folder: "/home/me/backups",
  },
);
const copying = [
  { type: "phase-started", phase: "backup", total: 0x200000 },
  { type: "progress", phase: "backup", done: 0x8000, total: 0x200000, address: 0x7000, length: step },
] as const;
const linkingOn = (more: Partial<Extract<JobEvent, { type: "linking" }>>): JobState =>
  play(flashJob(), [linkingAt(2_000, { needsPerson: true, ...more })]);
const linkingJob = play(flashJob(), linkEvents.slice(0, 2));

/** On a chip with a boot ROM and nothing behind it. */
function withoutStart(
  job: JobState,
  start: StartView = {
    starts: "no",
    reasons: ["there is no boot code, the flash is blank below 0x011000"],
    lacksBootCode: true,
    calibration: false,
  },
): JobState {
  return {
    ...job,
    chip: toChipView(romChip, english),
    plan: job.plan && { ...job.plan, start, asksAboutStart: start.starts === "no" },
  };
}

const infoDone = succeed(
  play(newJob({ id: "job-9", kind: "info", title: "Show chip info", port: usb }, START), [
    ...linkEvents,
    ...identifyEvents(romChip),
  ]),
  { kind: "info", chip: romChip, baudRate: 921_600 },
  START + 3_000,
  english,
);

/** Every state worth looking at, by name. */
export const scenes: Readonly<Record<string, DashboardState>> = {
  empty: dashboard([], { ports: [], selectedPortId: undefined }),
  idle: dashboard([], {
    latestBuild: { label: "bedroom-bulb, 3 minutes ago", uri: "file:///x" },
    ports: [portOf(usb, { chip: toChipView(romChip, english) })],
  }),
  newPort: dashboard([]),
  goneServer: dashboard([], {
    ports: [portOf({ id: "tcp://bridge:8888", label: "tcp://bridge:8888" }, { present: false }), portOf(usb)],
    selectedPortId: "tcp://bridge:8888",
  }),
  info: dashboard([infoDone], { ports: [portOf(usb, { chip: toChipView(romChip, english) })] }),
  infoBackedUp: dashboard([infoDone], {
    ports: [
      portOf(usb, {
        label: "Kitchen bulb",
        chip: toChipView(romChip, english),
        passport: {
          line: "CB2S, Tuya: oem_bk7231n_plug, 1.1.12 (on 2.3.1), BK7231N",
          paired: true,
          private: ["name and password of a Wi-Fi network in Tuya's settings"],
        },
        backedUpAt: START,
      }),
    ],
  }),
  noBuildFits: dashboard([], {
    latestBuild: { label: "hall-plug", uri: "file:///x" },
    ports: [portOf(usb, { chip: toChipView(romChip, english), latestBuild: "none" })],
  }),
  interrupted: dashboard([], {
    interrupted: [
      { id: "11AA22BB", kind: "flash", title: "Flash kitchen.rbl", portLabel: "/dev/ttyUSB0", startedAt: START },
      { id: "33CC44DD", kind: "backup", title: "Back up flash", portLabel: "/dev/ttyUSB1", startedAt: START },
    ],
  }),
  approvalBackup: dashboard([askApproval(withCopy, START)]),
  backingUp: dashboard([play(approved(askApproval(withCopy, START), START), copying)]),
  doneBackup: dashboard([
    succeed(withBackup(withCopy, { savedTo: "/home/me/backups/bk7231t.bin" }), flashResult, START + 60_000, english),
  ]),
  queued: dashboard([flashJob()]),
  linkingAutomatic: dashboard([play(flashJob(), linkEvents.slice(0, 1))]),
  linkingPerson: dashboard([linkingJob]),
  linkingNoise: dashboard([
    reduceJob(
      linkingJob,
      linkingAt(21_000, { needsPerson: true, wire: "noise", bytesSeen: 52 }),
      START + 21_000,
      english,
    ),
  ]),
  linkingEcho: dashboard([
    reduceJob(linkingJob, linkingAt(7_000, { needsPerson: true, wire: "echo", bytesSeen: 40 }), START + 7_000, english),
  ]),
  linkingCrossed: dashboard([linkingOn({ wire: "crossed", bytesSeen: 61 })]),
  linkingSpeed: dashboard([linkingOn({ wire: "other-speed", bytesSeen: 300, rate: { baud: 9_600, orSlower: true } })]),
  linkingHeld: dashboard([linkingOn({ wire: "held", bytesSeen: 458 })]),
  linkingPrints: dashboard([linkingOn({ wire: "log-text", bytesSeen: 812, firmware: "ESPHome 2026.8.0" })]),
  linkingSilence: dashboard([
    reduceJob(linkingJob, linkingAt(25_000, { needsPerson: true, wire: "silence" }), START + 25_000, english),
  ]),
  approval: dashboard([askApproval(planned, START)]),
  approvalAdvice: dashboard([
    askApproval(play(flashJob(), flashEventsAdvised, { until: ({ plan: there }) => there !== undefined }), START),
  ]),
  doneAdvice: dashboard([succeed(play(flashJob(), flashEventsAdvised), flashResult, START + 41_300, english)]),
  approvalNoStart: dashboard([askApproval(withoutStart(planned), START)]),
  doneNoStart: dashboard([withoutStart(done)]),
  doneStartUnknown: dashboard([
    withoutStart(done, {
      starts: "unknown",
      reasons: ["the boot code cannot be read"],
      lacksBootCode: false,
      calibration: true,
    }),
  ]),
  otherBuild: dashboard([
    askApproval(
      {
        ...planned,
        builtFor: {
          words: "Built for: cbu, BK7231N",
          careful: "Careful: the build is for BK7231N, but the chip on the wire is BK7231T.",
        },
      },
      START,
    ),
  ]),
  restoreApproval: dashboard([
    askApproval(
      {
        ...planned,
        kind: "restore",
        title: "Restore 7CF666ABCDEF-2026-09-14.bin",
        plan: planned.plan && { ...planned.plan, bootCode: { start: 0, end: 0x11000 } },
        restore: {
          device: "other",
          calibration: "kept",
          mac: "C8:47:8C:12:34:56",
          warnings: ["The dump comes from another device: its calibration and MAC address are left out."],
        },
      },
      START,
    ),
  ]),
  eraseApproval: dashboard([
    askApproval(
      play(newJob({ id: "job-4", kind: "erase", title: "Erase 0x150000–0x160000", port: usb }, START), [
        ...linkEvents,
        ...identifyEvents(chip),
        { type: "planned", plan: erasePlan, image: undefined },
      ]),
      START,
    ),
  ]),
  running: dashboard([writing], { history: [toHistoryEntry(backupDone)].flatMap((entry) => entry ?? []) }),
  done: dashboard([done, backupDone]),
  donePartly: dashboard([
    {
      ...done,
      outcome: {
        ...done.outcome,
        bytesErased: 13 * step,
        bytesWritten: 13 * step,
        bytesSkipped: plan.totals.erase - 13 * step,
      },
    },
  ]),
  doneNotSeen: dashboard([doneNotSeen]),
  doneWaiting: dashboard([{ ...done, outcome: { ...done.outcome, rebooted: false } }]),
  failedVerify: dashboard([fail(play(flashJob(), flashEvents), failure, START + 44_000)]),
  refused: dashboard([
    fail(
      play(flashJob(), [...linkEvents, ...identifyEvents(chip)]),
      {
        ...failure,
        code: "image-wrong-chip",
        title: "The file is for another chip.",
        flash: "untouched",
        address: undefined,
      },
      START + 9_000,
    ),
  ]),
  declined: dashboard([cancel(askApproval(planned, START), "untouched", START + 9_000)]),
  failedSilence: dashboard([fail(linkingJob, silent, START + 60_000)]),
  cancelled: dashboard([cancel(approved(writing, START), "partly-written", START + 20_000), done]),
  stoppedMidway: dashboard([cancel(approved(writing, START), "partly-written", START + 20_000)], {
    interrupted: [
      { id: "55EE66FF", kind: "flash", title: writing.title, portLabel: usb.label, startedAt: START - 86_400_000 },
    ],
  }),
  backupDone: dashboard([backupDone], { ports: [portOf(practice)], selectedPortId: practice.id }),
  twoDevices: dashboard([writing, play(flashJob(other, "job-2"), linkEvents.slice(0, 2)), backupDone], {
    ports: [portOf(usb), portOf(other), portOf(practice, { chip: toChipView(romChip, english) })],
  }),
  unplugged: dashboard(
    [
      fail(
        writing,
        { ...failure, code: "port-lost", title: "The adapter was unplugged (/dev/ttyUSB0).", address: 0x61000 },
        START + 15_000,
      ),
    ],
    {
      ports: [],
      selectedPortId: undefined,
    },
  ),
};

const texts: { readonly locale: string; readonly strings: Strings } = { locale: "en", strings: ENGLISH };

function explored(content: DumpContent): DumpView {
  const explorer = new DumpExplorer({ changed: () => undefined, breathe: () => Promise.resolve(), hexEditor: true });
  explorer.show(content);
  assert.ok(explorer.view);
  return explorer.view;
}

export async function imageScenes(): Promise<Readonly<Record<string, ImageViewerState>>> {
  const shown = async (name: string, bytes: Uint8Array): Promise<ImageViewerState> => {
    const inspected = await inspectImage(bytes, name);
    const layout = usualLayout("bk7231t");
    const file = { name, bytes };
    const recognised = { ...file, recognised: { ...file, image: inspected } };
    const refusal = inspected.refusal && {
      title: "This file is for updates over the air only.",
      steps: [`Use ${RBL} instead.`],
      instead: RBL,
    };
    return {
      ...texts,
      status: "shown",
      image: toImageView(inspected, layout, english),
      refusal,
      layoutName: layout?.name,
      verbs: verbsOf(recognised),
      dump: explored(contentOf(recognised, inspected)),
    };
  };
  const archive = {
    fileName: "release.zip",
    files: [
      { path: `t/${RBL}`, label: "Application container with RBL header for BK7231T", size: 1_150_832 },
      { path: "n/plug.tar.gz#firmware.uf2", label: "LibreTiny UF2 for BK7231N", size: 1_400_000 },
    ],
    others: 3,
    unread: ["The file is damaged. secret.bin: it is encrypted"],
  };
  const damaged = Uint8Array.from(readBuild(RBL));
  damaged[0x2345] = (damaged[0x2345] ?? 0) ^ 0x40;
  return {
    imageLoading: { ...texts, status: "loading", fileName: RBL },
    imageRbl: await shown(RBL, readBuild(RBL)),
    imageUf2: await shown("firmware.uf2", readBuild("firmware.uf2")),
    imageOta: await shown(OTA_RBL, readBuild(OTA_RBL)),
    imageDamaged: await shown(RBL, damaged),
    imageArchive: { ...texts, status: "archive", archive },
    imageArchiveEmpty: { ...texts, status: "archive", archive: { ...archive, files: [], unread: [] } },
    imageInArchive: {
      ...(await shown(RBL, readBuild(RBL))),
      archive: { ...archive, chosen: `t/${RBL}` },
    } as ImageViewerState,
    imageDump: await shown("kitchen.bin", tuyaDump()),
    imageUnreadable: {
      ...texts,
      status: "unreadable",
      fileName: RBL,
      reason: "The file could not be read.",
      steps: ["Check that it still exists."],
    },
  };
}
