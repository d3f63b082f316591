/**
 * A simulated chip to practise on, behind a pseudo-terminal or a TCP port, until Ctrl-C. Lines on standard input work
 * its power: `power-cycle`, `power-off`, `power-on`, `quit`.
 */
import { createInterface } from "node:readline";
import {
  createChip,
  serveOnPty,
  serveLogOnTcp,
  type FirmwareKind,
  serveOnTcp,
  withLatency,
  type ChipUart,
  type Preset,
  type SimulatedChip,
} from "../../simulator/index";
import { nodeFiles } from "../../storage/nodeFileSystem";
import { assertCanCreate, createFile, readFirmware } from "../../storage/wholeFiles";
import type { Output } from "../terminal/output";

export interface SimulateOptions {
  readonly chip: Preset;
  readonly flash?: string;
  readonly save?: string;
  readonly listen: { readonly kind: "pty" } | { readonly kind: "tcp"; readonly port: number };
  readonly log?: { readonly kind: "tcp"; readonly port: number };
  readonly firmware?: FirmwareKind;
  readonly pace: "none" | "real";
  readonly powerCycle: "auto" | "manual";
  /** Latency timer of the simulated adapter, in ms; 0 is an adapter that waits for nothing. */
  readonly latency: number;
}

export async function simulate(options: SimulateOptions, output: Output): Promise<void> {
  const preset = options.chip;
  if (options.save !== undefined) await assertCanCreate(nodeFiles, options.save);
  const content = options.flash === undefined ? undefined : (await readFirmware(nodeFiles, options.flash)).bytes;
  const chip = createChip(preset, {
    pace: options.pace,
    exact: options.pace === "real",
    person: options.powerCycle,
    firmware: options.firmware ?? "by-content",
    ...(content && { flash: content }),
  });
  // Listened for before anybody is told the address: a signal that follows at once must end it in order.
  const told = untilToldToStop(chip);
  const server = await serve(options.latency > 0 ? withLatency(chip, options.latency) : chip, options).catch(
    (error: unknown) => {
      // What waits for the word to stop would keep this process running.
      told.end();
      told.release();
      chip.dispose();
      throw error;
    },
  );
  // UART2 has a port of its own, as it has pins of its own.
  const log = options.log === undefined ? undefined : await serveLogOnTcp(chip, options.log.port);
  const isCut = content !== undefined && content.length > chip.flash.length;
  const cut = isCut ? [`Its flash has ${chip.flash.length} bytes: the rest of ${options.flash} is left out.`] : [];
  output.facts(
    [
      `${preset.name} at ${server.port}`,
      ...logLine(log),
      ...cut,
      "Ctrl-C ends it; type power-cycle to reset it by hand.",
    ],
    {
      type: "listening",
      port: server.port,
      log: log === undefined ? null : tcpName(log.port),
      chip: preset.id,
      flashSize: chip.flash.length,
    },
  );
  await told.stop;
  await Promise.all([server.close(), log?.close()]);
  chip.dispose();
  if (options.save !== undefined) await createFile(nodeFiles, options.save, chip.flash.slice());
  told.release();
  output.result(["Stopped."], { command: "simulate", chip: preset.id, saved: options.save ?? null });
}

function logLine(log: { readonly port: number } | undefined): string[] {
  return log === undefined ? [] : [`Its log (UART2) at ${tcpName(log.port)}`];
}

function tcpName(port: number): string {
  return `tcp://127.0.0.1:${port}`;
}

async function serve(
  chip: ChipUart,
  { listen }: SimulateOptions,
): Promise<{ port: string; close: () => Promise<void> }> {
  if (listen.kind === "pty") return await serveOnPty(chip);
  const server = await serveOnTcp(chip, { port: listen.port });
  return { port: tcpName(server.port), close: () => server.close() };
}

/** `release` gives the signals back; until then a second one does not cut the ending short. */
function untilToldToStop(chip: SimulatedChip): { stop: Promise<void>; end: () => void; release: () => void } {
  const lines = createInterface({ input: process.stdin });
  let end = (): void => undefined;
  const stop = new Promise<void>((resolve) => {
    end = () => {
      lines.close();
      // A pipe that its other end keeps open would keep this process running.
      process.stdin.destroy();
      resolve();
    };
  });
  process.on("SIGINT", end);
  process.on("SIGTERM", end);
  lines.on("line", (line) => {
    const command = line.trim();
    if (command === "power-cycle") chip.powerCycle();
    else if (command === "power-off") chip.powerOff();
    else if (command === "power-on") chip.powerOn();
    else if (command === "quit") end();
  });
  const release = (): void => {
    process.off("SIGINT", end);
    process.off("SIGTERM", end);
  };
  return { stop, end, release };
}
