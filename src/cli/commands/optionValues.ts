/** What options of the command line take, from the text that was typed. Each throws InvalidArgumentError with what it would take. */
import { InvalidArgumentError, Option } from "commander";
import { RESET_STRATEGIES, chosenResets, english, type ResetStrategy } from "../../core/index";
import { PRESETS, findPreset, type Preset } from "../../simulator/index";
import type { SimulateOptions } from "./simulateCommand";

export function onePort(): Option {
  return new Option(
    "-p, --port <port>",
    "serial port, tcp://host:port or rfc2217://host:port; the only adapter plugged in when left out",
  );
}

export function severalPorts(): Option {
  const option = onePort();
  option.description += "; with --each, as often as there are ports";
  return option.argParser((port: string, before: string | readonly string[] | undefined) =>
    before === undefined ? port : [before, port].flat(),
  );
}

export function number(text: string): number {
  const value = /^(0x[0-9a-f]+|\d+)$/i.test(text) ? Number(text) : NaN;
  if (!Number.isSafeInteger(value)) throw new InvalidArgumentError("Takes a whole number, decimal or 0x hexadecimal.");
  return value;
}

export function baud(text: string): number | "auto" {
  if (text === "auto") return text;
  const value = number(text);
  if (value < 9_600 || value > 4_000_000) throw new InvalidArgumentError("Takes auto, or 9600 to 4000000.");
  return value;
}

export function fixedBaud(text: string): number {
  const rate = baud(text);
  if (rate === "auto") throw new InvalidArgumentError("Takes 9600 to 4000000.");
  return rate;
}

export function seconds(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0 || value > 3_600)
    throw new InvalidArgumentError("Takes seconds, up to 3600.");
  return value;
}

const RESETS_TAKEN = `Takes auto, none, a name (${RESET_STRATEGIES.map(({ id }) => id).join(", ")}), or steps such as "R1D0 w120 R0": R1/R0 assert/release RTS, D1/D0 DTR, w120 waits 120 ms, reboot asks the firmware, bridge the bridge, x2 at the end does it twice`;

export function resets(): Option {
  const option = new Option(
    "--reset <how>",
    `how the chip is reset (default: as was learnt of this adapter). ${RESETS_TAKEN}`,
  );
  return option.argParser(reset);
}

/** The ways that `--reset` names; undefined for those that are learnt. */
function reset(text: string): readonly ResetStrategy[] | undefined {
  const chosen = chosenResets(text);
  if ("resets" in chosen) return chosen.resets;
  const place = `\n  ${text.replace(/\s/g, " ")}\n  ${" ".repeat(chosen.at)}^\n`;
  throw new InvalidArgumentError(`At character ${chosen.at + 1}: ${english(chosen.problem)}.${place}${RESETS_TAKEN}.`);
}

export function linkTimeout(): Option {
  const what = "how long to wait for the chip, and for an adapter that was unplugged";
  return new Option("--link-timeout <seconds>", what).argParser(seconds).default(60);
}

export function latency(text: string): number {
  const value = number(text);
  if (value > 255) throw new InvalidArgumentError("Takes 0 to 255 ms, as adapters do.");
  return value;
}

export function listen(text: string): SimulateOptions["listen"] {
  if (text === "pty") return { kind: "pty" };
  const port = /^tcp:(\d{1,5})$/.exec(text)?.[1];
  if (port === undefined || Number(port) > 65_535)
    throw new InvalidArgumentError("Takes pty or tcp:PORT (tcp:0 picks a free one).");
  return { kind: "tcp", port: Number(port) };
}

export function logAt(text: string): SimulateOptions["log"] {
  const where = listen(text);
  if (where.kind !== "tcp") throw new InvalidArgumentError("Takes tcp:PORT (tcp:0 picks a free one).");
  return where;
}

export function preset(text: string): Preset {
  const found = findPreset(text);
  if (!found) throw new InvalidArgumentError(`Takes one of ${Object.keys(PRESETS).join(", ")}.`);
  return found;
}
