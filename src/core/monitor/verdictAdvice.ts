/** What to do after a verdict, most promising first. Sources of the cures: docs/boot-logs.md. */
import { words, type Words } from "../base/words";
import type { BootVerdict, VerdictContext } from "./bootVerdict";

const SHOW_CRASHES = words`To see why it crashes, build with these lines and flash again: under "bk72xx:", "framework:", set "sdk_silent: none" and "loglevel: info". By default ESPHome prints no crashes.`;
const SUPPLY = words`Give the chip 3.3 V from a supply of 500 mA or more; the 3.3 V pin of many adapters is too weak for its radio.`;
const LOG_WIRE = words`The log of most firmware is on UART2: its wire is TX2 (P0), not TX1 (P11), where the chip is flashed.`;

const HELD = words`A line that is held, or floats, gives one byte alone: check GND, power, and that the wire is the chip's TX. A file like that is no log.`;
const SHOW_START = words`Restart the device while you listen: its first lines tell most.`;

type Judged = Omit<BootVerdict, "next">;

/** What the lines show beside the verdict. */
export interface AdviceHints {
  /** It restarted because nothing connected to it. */
  readonly lonely: boolean;
  /** Nothing came but one byte. */
  readonly isHeld: boolean;
  /** It says nothing more, and has shown nothing but what goes wrong: its log level hides the rest. */
  readonly isQuiet: boolean;
  /** It says nothing more, and was not through. */
  readonly isStalled: boolean;
}

export function advice(verdict: Judged, context: VerdictContext, hints: AdviceHints): readonly Words[] {
  switch (verdict.kind) {
    case "silence":
      return silence(context);
    case "wrong-speed":
      if (hints.isHeld && verdict.otherSpeed === undefined) return [HELD];
      return [
        verdict.otherSpeed === undefined
          ? words`Try other speeds: 115200 first, then 9600, 921600 and 1500000.`
          : words`Try ${verdict.otherSpeed} baud first, then other speeds.`,
        ...(hints.isHeld ? [HELD] : []),
        words`Check GND and that the adapter works at 3.3 V.`,
      ];
    case "no-application":
      return noApplication(context);
    case "update-refused":
      return [words`Flash the application over the wire; this boot code does not take the update as it was made.`];
    case "update-unpacking":
      return [words`Leave the power on: unpacking takes up to a minute.`];
    case "other-chip":
      return [words`Flash the build for this very chip.`];
    case "boot-loop":
      return loop(verdict);
    case "brown-out":
      return [SUPPLY, words`Put a capacitor of 100 uF or more close to the module.`];
    case "crash":
      return crash(verdict);
    case "watchdog":
      return isEsphome(verdict) ? [SHOW_CRASHES] : [words`Watch on: does it hang again at the same line?`];
    case "safe-mode":
      return [
        words`In safe mode only updates over the air work: correct the configuration and update it over the air, or flash it again.`,
        ...(isEsphome(verdict) ? [SHOW_CRASHES] : []),
      ];
    case "started":
      return [...network(verdict), ...alone(hints), ...unclear(verdict, hints)];
    case "running":
      return [
        ...network(verdict),
        ...alone(hints),
        ...(verdict.cause !== undefined && isEsphome(verdict) ? [SHOW_CRASHES] : []),
      ];
    case "unknown-text":
      return verdict.foreignChip === undefined
        ? [SHOW_START]
        : [words`It is no BK72xx chip: its own tools read its log and flash it, such as "esphome".`];
    case "boot-code":
      return [];
  }
}

function network({ network: trouble }: Judged): Words[] {
  switch (trouble) {
    case "refused":
      return [words`Check the password of the network, and that its access point takes WPA2.`];
    case "not-found":
      return [words`Check the name of the network, that it is on 2.4 GHz and not hidden, and how far away it is.`];
    case "failed":
      return [words`Check name and password of the network, that it is on 2.4 GHz, and how far away it is.`];
    case undefined:
      return [];
  }
}

/** ESPHome restarts by itself after 15 minutes in which nothing connects to it. */
function alone({ lonely }: AdviceHints): Words[] {
  return lonely
    ? [
        words`It restarts itself while nothing connects to it, which is no fault: add it to Home Assistant, or set "reboot_timeout: 0s" under "api:", "mqtt:" or "wifi:", whichever its log names.`,
      ]
    : [];
}

function unclear(verdict: Judged, { isQuiet, isStalled }: AdviceHints): Words[] {
  if (verdict.network !== undefined) return [];
  if (isQuiet && isEsphome(verdict))
    return [
      words`Its log may be set to say no more: look for the device in your network. "level: INFO" under "logger:" shows whether its setup ends.`,
    ];
  if (isStalled && verdict.firmware?.kind === "openbeken")
    return [
      words`Where it stops at this line at every start, flash it again; if that does not help, restore the backup of the maker's firmware, let that start once, and flash again.`,
    ];
  return [];
}

function silence({ wire, application }: VerdictContext): Words[] {
  const power = words`Check power and GND, and that the wire is the chip's TX.`;
  if (wire === "flash")
    return [
      words`On BK7231T and BK7231N nothing is expected on the wires that flash, even when all is well.`,
      LOG_WIRE,
      power,
    ];
  const boot = words`Where not even the boot code speaks, it is damaged or of another key: show the chip's information to see.`;
  return application === "verified" ? [power, LOG_WIRE, boot] : [LOG_WIRE, power, boot];
}

function noApplication({ application }: VerdictContext): Words[] {
  const moved = words`If it should run: its log may be switched off ("baud_rate: 0") or be on the other UART.`;
  switch (application) {
    case "other-key":
      return [words`The application is scrambled for another key than this chip's: flash one for this chip's key.`];
    case "blank":
      return [words`There is no application in flash: flash one.`];
    case "damaged":
      return [words`The application in flash is damaged: flash it again.`];
    case "verified":
      return [moved];
    default:
      return [
        words`The usual reasons: the application is for another key, is damaged, or there is none. Show the chip's information to see which.`,
        moved,
      ];
  }
}

function loop(verdict: Judged): Words[] {
  const steps: Words[] = [];
  if (verdict.cause === "supply") steps.push(SUPPLY);
  if (isEsphome(verdict)) steps.push(SHOW_CRASHES);
  if (verdict.firmware === undefined)
    steps.push(words`Resets without an application heard: check the supply and the reset wire, then the application.`);
  if (verdict.cause !== "supply") steps.push(SUPPLY);
  return steps;
}

function crash(verdict: Judged): Words[] {
  if (verdict.crash === undefined) return isEsphome(verdict) ? [SHOW_CRASHES] : [];
  return [words`Name the build's ELF file to see function and line: raw_firmware.elf in the folder of the build.`];
}

function isEsphome({ firmware }: Judged): boolean {
  return firmware?.kind === "esphome" || firmware?.kind === "libretiny";
}
