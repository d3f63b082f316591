/**
 * Every text the webviews show, in English. The host passes each through `vscode.l10n.t` and sends the result along with
 * the state; a webview holds no words of its own. `{0}`, `{1}` are filled where the text is used.
 */
import type { FlashCondition } from "../core/base/errors";
import type { KeyKind } from "../core/beken/chips/types";
import type { JobKind, Phase, WireState } from "../core/jobs/events";
import type { ImageCheck } from "../core/beken/images/firmwareImage";
import { COACH_TEXTS } from "./coachStrings";
import { EXPLORER_TEXTS } from "./explorerStrings";
import type { DashboardCommand } from "./pageCommands";
import { PLAN_TEXTS } from "./planStrings";
import { ROUND_TEXTS } from "./roundStrings";
import type { SectorState } from "./flashMap";
import type { ErrorAction, JobStatus } from "./jobState";
import type { ChipView, RestoreView, StartView } from "./views";

const phase = {
  identify: "Identify",
  scan: "Look for calibration",
  preserve: "Keep what stays",
  compare: "Compare with the chip",
  erase: "Erase",
  write: "Write",
  verify: "Verify",
  read: "Read",
  check: "Check against the chip",
  repair: "Repair",
  reboot: "Reboot",
  starts: "Check that it runs",
  backup: "Back up first",
  "backup-check": "Check the backup",
} satisfies Record<Phase, string>;

const status = {
  queued: "Waiting for its turn",
  linking: "Waiting for the chip",
  running: "Running",
  approval: "Waiting for your approval",
  succeeded: "Done",
  failed: "Failed",
  cancelled: "Stopped",
} satisfies Record<JobStatus, string>;

const kind = {
  info: "Chip info",
  read: "Read",
  backup: "Backup",
  flash: "Flash",
  verify: "Verify",
  erase: "Erase",
  restore: "Restore",
  reboot: "Reboot",
} satisfies Record<JobKind, string>;

const sector = {
  kept: "kept",
  planned: "planned",
  erased: "erased",
  skipped: "skipped, nothing to do",
  written: "written",
  read: "read",
  verified: "verified",
  failed: "failed",
} satisfies Record<SectorState, string>;

const wire = {
  silence: "Nothing heard: a chip that was not reset says nothing, and so does one without power or on crossed wires.",
  noise: "Unreadable bytes: the chip sends, at another speed or over a bad wire.",
  echo: "Only our own bytes come back: TX and RX are bridged, or swapped at one end.",
  "log-text": "The firmware on the chip is running and talking: power-cycle it now.",
  crossed: "Unreadable bytes, and only while the flasher sends: RX hears nothing but TX beside it.",
  "other-speed": "Bytes of another speed: from firmware, another part on the same wires, or a wire that is pulled low.",
  held: "The chip is heard only while RTS or DTR is asserted: released, that line holds it in reset.",
} satisfies Record<WireState, string>;

/** Said when it has taken long: what to look for, by what is heard. */
const wireLong = {
  silence:
    "Still nothing. Check in this order: 3.3 V at the chip itself, GND joined, RX and TX swapped over, CEN not held low. Then cut the power for a full second.",
  noise:
    "Still unreadable. Shorten the wires, join the grounds, and make sure that the adapter works at 3.3 V, not 5 V.",
  echo: "Still only an echo. Take the wires off the chip: if the echo stays, the bridge is at the adapter.",
  "log-text":
    "The firmware still starts. Is this wire on TX2 (P0), where logs come? The loader answers on TX1 (P11) only. Keep the power off for a full second.",
  crossed:
    "Still only while the flasher sends. Swap RX and TX, and check that the adapter's RX reaches the chip's TX1 (P11).",
  "other-speed":
    "Still another speed. Take the other part off the wires, or hold it in reset, then power-cycle the chip.",
  held: "Still held. Take the wire off CEN, or set the way to reset by hand, and power-cycle the chip.",
} satisfies Record<WireState, string>;

const flash = {
  untouched: "The flash was not touched.",
  "partly-written": "The flash is partly written: flash again before the device is used.",
  written: "Everything was written, but not proven.",
} satisfies Record<FlashCondition, string>;

const key = {
  tuya: "Tuya key",
  zero: "zero key (not encrypted)",
  other: "another key",
  unknown: "unknown",
} satisfies Record<KeyKind, string>;

const keyFrom = {
  efuse: "from eFuse",
  application: "from the application on the flash",
  bootloader: "from the bootloader",
  nothing: "nothing to tell it by",
} satisfies Record<ChipView["key"]["from"], string>;

const sizeFrom = {
  jedec: "from the flash id",
  "wrap-around": "measured",
  bootloader: "usual with this bootloader",
  assumed: "assumed",
} satisfies Record<ChipView["flash"]["sizeFrom"], string>;

const backupOf = {
  same: "this very device",
  other: "another device",
  unknown: "not known which device",
} satisfies Record<RestoreView["device"], string>;

const calibrationAfter = {
  kept: "stays as it is",
  written: "replaced by the backup's",
  none: "there is none",
} satisfies Record<RestoreView["calibration"], string>;

const verdict = { ok: "passed", bad: "failed", skipped: "not checked" } satisfies Record<ImageCheck["verdict"], string>;

const action = {
  retry: "Try Again",
  rekey: "Re-encrypt for This Chip",
  flashFile: "Flash File…",
  flashLatestBuild: "Flash Latest Build",
  showChipInfo: "Show Chip Info",
  copyEspHomeConfiguration: "Copy ESPHome Configuration",
  backUpFlash: "Back Up Flash…",
  readRange: "Read Range…",
  verifyFile: "Verify Against File…",
  eraseRange: "Erase Range…",
  restoreBackup: "Restore Backup…",
  bringBackBootCode: "Bring Back Boot Code…",
  rebootDevice: "Reboot Device",
  openMonitor: "Open Serial Monitor",
  inspectImage: "Inspect Image…",
  selectPort: "Select Port…",
  selectBaudRate: "Select Baud Rate…",
  addPort: "Add Port…",
  startPracticeDevice: "Start Practice Device",
  showLog: "Show Log",
  copyDiagnostics: "Copy Diagnostics",
  openWalkthrough: "Open Walkthrough",
} satisfies Record<DashboardCommand | ErrorAction, string>;

/** What is sensible to do next after a job that succeeded. */
const next = {
  info: "Save a backup before you change anything.",
  read: "Keep the file, or look into it.",
  backup: "Keep the file safe. The chip can be flashed now.",
  flash: "The device was told to start its new firmware. Disconnect the adapter before you put it back on mains power.",
  verify: "Reboot the device to start it.",
  erase: "If firmware was in the range, flash a file before you use the device.",
  restore: "Disconnect the adapter before you put the device back on mains power.",
  reboot: "Its log tells whether the firmware runs.",
} satisfies Record<JobKind, string>;

/** Whether a chip starts; `{0}`: what speaks against it. */
const start = {
  fact: {
    yes: "yes, as far as boot code and the beginning of the application tell",
    no: "no",
    unknown: "not known",
  } satisfies Record<StartView["starts"], string>,
  planNo: "Afterwards the device does not start: {0}.",
  planUnknown: "Whether the device starts afterwards is not known: {0}.",
  doneNo: "The device does not start: {0}.",
  doneYes: "The device starts, as far as boot code and application tell.",
  doneUnknown: "Whether the device starts is not known: {0}.",
  noCalibration:
    "No calibration was found on this chip: without it the radio works badly or not at all. A backup of this very device brings it back.",
  flashOther: "Flash firmware that is for this chip and its key.",
  bringBack: "Bring its boot code back: from a backup of this device, or a QIO image for this chip.",
  reset: "The chip was reset.",
};

export const ENGLISH = {
  start,
  phase,
  status,
  kind,
  sector,
  wire,
  wireLong,
  flash,
  key,
  keyFrom,
  sizeFrom,
  backupOf,
  calibrationAfter,
  verdict,
  action,
  next,
  dashboard: {
    title: "Beken Flasher",
    devices: "Devices",
    history: "History",
    historyEmpty: "No job has finished yet.",
    practice: "practice device",
    notPresent: "unplugged",
    /** Of a port that has no plug. */
    notThere: "not there",
  },
  ...COACH_TEXTS,
  running: {
    progress: "Progress of {0}",
    speed: "Speed",
    left: "Time left",
    phases: "Phases",
    phaseDone: "done",
    phasePending: "to come",
    phaseFailed: "failed",
    phaseStopped: "stopped",
    phaseUnreached: "not reached",
    round: "round {0}",
    stop: "Stop",
    stopping: "The sector in flight is finished first.",
    notes: "What was noticed",
    times: "{0} times",
    baud: "{0} baud",
    steps: "{0} of {1} steps",
    backingUp: "Nothing on the chip is changed yet: first all of it is copied to {0}.",
  },
  map: {
    heading: "Flash map",
    caption: "Flash, {0}, one cell per sector of {1}",
    cell: "{0}, {1}",
    cellIn: "{0}, {1}, in {2}",
    legend: "Legend",
    count: "{0}: {1}",
    summary: "Of {0} sectors: {1}.",
    table: "As a table",
    state: "State",
    range: "Addresses",
    size: "Size",
    partitions: "Partitions",
    help: "Arrow keys move from sector to sector, Home and End to the row's ends.",
  },
  chip: {
    heading: "Chip",
    unknown: "Unknown chip",
    orMaybe: "or {0}",
    found: "{0} on {1}",
    name: "Chip",
    answers: "Answers",
    bootloader: "Bootloader",
    bootloaderUnknown: "in no table",
    bootloaderBlank: "none: the flash is blank there",
    bootloaderZeros: "none: the flash reads as zeros, as one that does not answer does",
    crc: "CRC {0}",
    chipId: "Chip id",
    flash: "Flash memory",
    flashId: "id {0}",
    status: "Status register",
    mac: "MAC address",
    calibration: "Calibration",
    calibrationFound: "at {0}",
    calibrationScan: "at {0}, found by search",
    encryption: "Encryption",
    contradiction: "The flash shows signs of more than one key.",
    layout: "Layout",
    starts: "Starts",
    holds: "Holds",
    paired: "Paired",
    pairedYes: "yes, with an account of Tuya's cloud",
    pairedNo: "no",
    private: "A backup of it is not to be given away as it is: {0}.",
    updates: "Updates over the air",
    speed: "Speed",
    lifeline:
      "This chip has no boot ROM loader: if its bootloader is damaged, only a flash programmer helps. The flasher never writes there by itself.",
  },
  ...PLAN_TEXTS,
  ending: {
    next: "Next",
    then: "After that",
    details: "Details",
  },
  failed: {
    guide: "Open Guide",
    reportHint: "The log holds the rest.",
  },
  interrupted: {
    heading: "Interrupted: {0}",
    write: "{0}, begun {1}. The device may not start until it is finished: only what is missing is sent.",
    backup: "{0}, begun {1}. What was read is kept; what the chip still agrees to is not read again.",
    goOn: "Resume goes on where it stopped.",
    resume: "Resume",
    dismiss: "Dismiss",
  },
  history: {
    job: "Job",
    port: "Port",
    result: "Result",
    duration: "Duration",
    time: "Time",
  },
  ...EXPLORER_TEXTS,
  round: ROUND_TEXTS,
  image: {
    loading: "Reading {0}…",
    unreadable: "{0} cannot be read",
    format: "Format",
    size: "Size",
    chips: "For chip",
    anyChip: "not named in the file",
    key: "Encryption",
    flash: "Flash to Device",
    flashTo: "Flash to {0}",
    restore: "Restore to Device",
    restoreTo: "Restore to {0}",
    isCopy: "A copy of a whole flash: it is restored, not flashed.",
    verify: "Verify Against Device",
    verifyOn: "Verify Against {0}",
    refused: "Not for flashing over serial",
    openInstead: "Open {0}",
    archive: "Inside the archive {0}",
    chooseInside: "A device takes one of these files. Choose one to see what it is.",
    nothingInside: "There is no firmware in this archive.",
    shownInside: "shown below",
    othersInside: "Other files, without firmware: {0}",
    checks: "Checks",
    checkName: "Check",
    checkVerdict: "Verdict",
    checkDetail: "Detail",
    noChecks: "This format holds nothing that could be checked.",
    fields: "Fields",
    warnings: "Warnings",
    ranges: "What it writes",
    content: "Content",
    map: "On the flash",
    mapLayout: "Drawn on the layout {0}.",
    nothing: "Nothing of this file can be written over serial.",
  },
} as const;

type Texts<T> = { readonly [K in keyof T]: T[K] extends string ? string : Texts<T[K]> };

export type Strings = Texts<typeof ENGLISH>;

/** Every text through `translate`, the structure kept. */
export function localise(translate: (english: string) => string): Strings {
  const walk = (value: unknown): unknown => {
    if (typeof value === "string") return translate(value);
    return Object.fromEntries(
      Object.entries(value as Record<string, unknown>).map(([name, inner]) => [name, walk(inner)]),
    );
  };
  return walk(ENGLISH) as Strings;
}

/** Every English text once: what a translation has to cover. */
export function allTexts(): readonly string[] {
  const texts = new Set<string>();
  localise((english) => {
    texts.add(english);
    return english;
  });
  return [...texts];
}
