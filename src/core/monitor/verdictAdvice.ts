/** What to do after a verdict, most promising first. Sources of the cures: docs/boot-logs.md. */
import { words, type Words } from "../base/words";
import type { BootVerdict, VerdictContext } from "./bootVerdict";

const SHOW_CRASHES = words`To see why it crashes, build with these lines and flash again: under "bk72xx:", "framework:", set "sdk_silent: none" and "loglevel: info". By default ESPHome prints no crashes.`;
const SUPPLY = words`Give the chip 3.3 V from a supply of 500 mA or more; the 3.3 V pin of many adapters is too weak for its radio.`;
const LOG_WIRE = words`The log of most firmware is on UART2: its wire is TX2 (P0), not TX1 (P11), where the chip is flashed.`;

type Judged = Omit<BootVerdict, "next">;

export function advice(verdict: Judged, context: VerdictContext): readonly Words[] {
  switch (verdict.kind) {
    case "silence":
      return silence(context);
    case "wrong-speed":
      return [
        verdict.otherSpeed === undefined
          ? words`Try other speeds: 115200 first, then 9600, 921600 and 1500000.`
          : words`Try ${verdict.otherSpeed} baud first, then other speeds.`,
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
    case "boot-code":
    case "started":
    case "unknown-text":
    case "running":
      return [];
  }
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
