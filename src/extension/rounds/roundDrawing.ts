/** How far a port of a round is, and what became of its devices, as the page draws it: judgements over what the round has told. Pure. */
import { deviceMark, type ChipIdentity, type RoundEntry } from "../../core/index";
import { linkTask, taskWords } from "../../shared/coach";
import { stageOfWork, type RoundDeviceView, type RoundLaneView, type RoundStage } from "../../shared/roundView";
import { deviceKey, type DeviceNames } from "../ports/deviceNames";
import { localised, t } from "../text/l10n";
import type { RoundLane } from "./roundLane";
import { entryLines, repeatedWords } from "./roundWords";

/** A port with what it shows besides how far its work is. */
export interface DrawnLane {
  readonly line: Pick<RoundLane, "job" | "isAtWork" | "isAsking">;
  device?: ChipIdentity | undefined;
  last?: RoundEntry | undefined;
  same?: RoundEntry | undefined;
  trouble?: string | undefined;
  /** The person wants the device of this entry to be flashed once more. */
  again?: RoundEntry | undefined;
}

export class RoundDrawing {
  /** Why an entry of this run ended as it did, in the person's language. */
  private readonly reasons = new Map<string, string>();

  constructor(private readonly names: Pick<DeviceNames, "of">) {}

  because(entry: RoundEntry, reason: string): void {
    this.reasons.set(entry.id, reason);
  }

  nameOf({ device: { mac, calibration } }: RoundEntry): string {
    const key = deviceKey({ mac: mac ?? undefined, calibrationMark: calibration ?? undefined });
    return this.names.of(key) ?? mac ?? t("without an address");
  }

  /** Of an entry from before, as the ledger has it. */
  reasonOf({ id, result, detail }: RoundEntry): string | undefined {
    return this.reasons.get(id) ?? (result === "running" ? undefined : (detail ?? undefined));
  }

  /** @param round `isLast`: no more devices are taken */
  lane(
    lane: DrawnLane,
    round: { readonly isOver: boolean; readonly isLast: boolean; readonly isPaused: boolean },
  ): RoundLaneView {
    const { line, device, last, same, again } = lane;
    const stage = round.isOver ? endOf(lane) : stageOf(lane, round.isPaused);
    const told = last ?? same;
    const isWorking = line.isAtWork && !line.isAsking;
    return {
      port: line.job.port,
      stage,
      ...(isWorking && { share: line.job.overall }),
      device: device ? this.chipWords(device) : told && `${this.nameOf(told)}, ${chipOf(told)}`,
      lines: this.linesFor(lane, stage, round.isLast),
      again: again === undefined ? offersAgain(lane) : "wanted",
    };
  }

  /** @param portLabel what the port of the entry is called, where it is one of this round's */
  device(entry: RoundEntry, portLabel: string | undefined): RoundDeviceView {
    const { id, result, port, time, durationMs, backup } = entry;
    return {
      id,
      name: this.nameOf(entry),
      chip: chipOf(entry),
      result,
      reason: this.reasonOf(entry),
      port: portLabel ?? port,
      at: Date.parse(time),
      tookMs: durationMs,
      backup: backup ?? undefined,
    };
  }

  private linesFor({ line, last, same, trouble }: DrawnLane, stage: RoundStage, isLast: boolean): readonly string[] {
    switch (stage) {
      case "trouble":
        return trouble === undefined ? [] : [trouble];
      case "same":
        return same === undefined ? [] : [repeatedWords(same, this.nameOf(same))];
      case "next":
      case "link": {
        const { link, port } = line.job;
        const isPractice = port.practice === true;
        // That it is found by itself is no news for who has connected nothing.
        const isNews = link !== undefined && linkTask(link, isPractice) !== "wait";
        return isNews ? [taskWords(link, isPractice, localised())] : [];
      }
      default:
        return last?.result === stage ? entryLines(last, this.reasonOf(last), isLast) : [];
    }
  }

  private chipWords(chip: ChipIdentity): string {
    const { mac } = deviceMark(chip);
    const name = this.names.of(deviceKey(chip)) ?? mac ?? t("without an address");
    return `${name}, ${chip.chip?.name ?? t("Unknown chip")}`;
  }
}

function stageOf({ line, device, last, same, trouble }: DrawnLane, isPaused: boolean): RoundStage {
  if (line.isAsking) return "asking";
  if (device !== undefined) return line.isAtWork ? stageOfWork(line.job) : "checking";
  if (trouble !== undefined) return "trouble";
  if (last !== undefined && last.result !== "begun") return last.result;
  if (same !== undefined) return "same";
  if (isPaused) return "paused";
  const { status, link } = line.job;
  if (status === "running") return "checking";
  return link !== undefined && link.wire !== "silence" ? "link" : "next";
}

/** Of a port whose round is over. */
function endOf({ last }: DrawnLane): RoundStage {
  return last === undefined || last.result === "begun" ? "over" : last.result;
}

/** Not of one that has just come well to its end: that was meant to be taken off. */
export function offersAgain({ same, last, device }: DrawnLane): "offered" | undefined {
  if (device !== undefined) return undefined;
  return same !== undefined || last?.result === "failed" ? "offered" : undefined;
}

function chipOf({ device: { chip } }: RoundEntry): string {
  return chip === null ? t("Unknown chip") : chip.toUpperCase();
}
