/** flash --each: one file for device after device, on one port or several, with a ledger. */
import { join } from "node:path";
import {
  countsOf,
  devicesDone,
  fileAlone,
  formatPort,
  recogniseFile,
  runRound,
  sha256,
  systemClock,
  type Approve,
  type FlashRequest,
  type RoundFile,
  type RoundLedger,
  type RoundNews,
} from "../../core/index";
import { canBeFlashed } from "../../archives/archive";
import { nodeFiles, runningPrograms } from "../../storage/nodeFileSystem";
import { StoredRoundBook, ledgerName, tablePath } from "../../storage/roundBook";
import { formatBytes } from "../../shared/figures";
import type { BackupOptions } from "../jobs/backupQuestion";
import { roundsFolder } from "../jobs/dataFolders";
import { openFirmware } from "../jobs/firmwareFile";
import type { ConnectionOptions } from "../jobs/jobRunner";
import { choosePort } from "../jobs/namedPort";
import { CommandRoundLine } from "../jobs/roundLine";
import { askYesNo } from "../terminal/ask";
import { planWords } from "../terminal/eventTexts";
import { roundNewsText } from "../terminal/roundTexts";
import { finishFirst, interrupted } from "../terminal/interrupt";
import type { Output } from "../terminal/output";

export interface RoundOptions extends Omit<ConnectionOptions, "port">, BackupOptions {
  readonly ports: readonly string[];
  readonly json: boolean;
  /** False with `--no-check`. */
  readonly check: boolean;
  readonly at?: number;
  readonly full?: boolean;
  readonly rekey?: boolean;
  readonly evenIfItCannotStart?: boolean;
  readonly evenIfChipUnknown?: boolean;
  readonly count?: number;
  readonly ledger?: string;
}

export async function flashEach(path: string, options: RoundOptions, output: Output): Promise<void> {
  const opened = await openFirmware(path, canBeFlashed, output);
  const { at, ledger: named } = options;
  const request: FlashRequest = {
    kind: "flash",
    file: recogniseFile(fileAlone(opened), at),
    verify: true,
    reboot: true,
    checkStart: options.check,
    dryRun: false,
    full: options.full === true,
    rekey: options.rekey === true,
    evenIfItCannotStart: options.evenIfItCannotStart === true,
    evenIfChipUnknown: options.evenIfChipUnknown === true,
    ...(at !== undefined && { at }),
  };
  const file: RoundFile = { name: opened.name, sha256: await sha256(opened.bytes), size: opened.bytes.length };
  const ledgerPath = named ?? join(roundsFolder(), ledgerName(file));
  const book = await StoredRoundBook.open({
    files: nodeFiles,
    programs: runningPrograms,
    path: ledgerPath,
    file,
    tableNotWritten: (table, why) =>
      output.facts([`${table} could not be written: ${why}. The ledger itself is whole.`], {
        type: "table-not-written",
        file: table,
        detail: why,
      }),
  });
  try {
    const ports = await portsOf(options);
    const several = ports.length > 1;
    tellStart(file, ledgerPath, book.ledger, output);
    const lines = ports.map((port) => {
      const own = options.json || several ? ofPort(output, port) : { ...bound(output), isInteractive: false };
      return new CommandRoundLine(request, { ...options, port }, own);
    });
    const agreed = await runRound(
      lines,
      {
        book,
        clock: systemClock,
        now: () => new Date(),
        agree: agreeOnce(file, output),
        tell: teller(
          output,
          several,
          () => interrupted.aborted || devicesDone(book.ledger) >= (options.count ?? Infinity),
        ),
        fileChanged: async () => ![undefined, file.sha256].includes(await hashOf(path, output)),
        ...(options.count !== undefined && { most: options.count }),
      },
      { enough: interrupted, now: finishFirst() },
    );
    const counts = countsOf(book.ledger);
    const { entries } = book.ledger;
    output.result(
      [
        agreed
          ? `Devices with ${file.name}, verified on the chip: ${devicesDone(book.ledger)}.`
          : "Nothing was flashed.",
        ...otherCounts(counts),
        `Ledger: ${ledgerPath}, and as a table ${tablePath(nodeFiles, ledgerPath)}.`,
      ],
      {
        command: "flash",
        each: true,
        file: opened.identity,
        sha256: file.sha256,
        ledger: ledgerPath,
        table: tablePath(nodeFiles, ledgerPath),
        agreed,
        counts,
        entries,
      },
    );
  } finally {
    await book.close();
  }
}

/** What cannot be read now says nothing of a change. */
async function hashOf(path: string, output: Output): Promise<string | undefined> {
  try {
    const { bytes } = await openFirmware(path, canBeFlashed, { ...output, news: () => undefined });
    return await sha256(bytes);
  } catch {
    return undefined;
  }
}

/** Each once, however it was written: one port is served by one. */
async function portsOf({ ports, machine }: RoundOptions): Promise<readonly string[]> {
  const named: readonly (string | undefined)[] = ports.length > 0 ? ports : [undefined];
  const chosen: string[] = [];
  for (const port of named) chosen.push(formatPort(await choosePort(port, machine)));
  return [...new Set(chosen)];
}

function tellStart(file: RoundFile, ledger: string, now: RoundLedger, output: Output): void {
  const done = devicesDone(now);
  output.news(
    [
      `A round with ${file.name}, ${formatBytes(file.size)}, SHA-256 ${file.sha256.slice(0, 16)}...; ledger ${ledger}.`,
      ...(now.entries.length === 0 ? [] : [`It goes on; devices that are done: ${done}.`]),
      "Ctrl-C ends it when the device at hand is finished; a second one at once.",
    ],
    { type: "round-started", file: file.name, sha256: file.sha256, ledger, done },
  );
}

const RULES = [
  "Every device that is connected from now on gets this, after a backup of its own, without another question.",
  "Refused: another chip, another key, a device for which anything else would be written, and one that has the file already.",
];

/** By its arguments a program has agreed. */
function agreeOnce(file: RoundFile, output: Output): Approve {
  return async (plan, chip, image) => {
    output.facts([`${chip.chip?.name ?? "Unknown chip"}, ${file.name}:`, ...planWords(plan, image), ...RULES], {
      type: "round-rules",
      chip: chip.chip?.id ?? null,
      key: chip.key.kind,
      sectors: plan.sectors,
    });
    return !output.isInteractive || (await askYesNo("Flash them all like this?"));
  };
}

/**
 * What was said of a port is not said again until something has happened there.
 * @param isLast no more devices are taken
 */
function teller(output: Output, several: boolean, isLast: () => boolean): (news: RoundNews) => void {
  const said = new Map<string, Set<string>>();
  return (news) => {
    const { lines, json } = roundNewsText(news, isLast());
    const key = keyOf(news);
    const known = said.get(news.port) ?? new Set();
    if (known.has(key)) return;
    if (news.type === "waiting" || news.type === "port-trouble") known.add(key);
    said.set(news.port, news.type === "same" ? new Set([key]) : known);
    if (news.type === "entry" || news.type === "device") said.delete(news.port);
    output.news(several ? lines.map((line) => `${news.port}: ${line}`) : lines, json);
  };
}

function keyOf(news: RoundNews): string {
  if (news.type === "waiting") return `waiting ${news.done?.id ?? ""}`;
  return news.type === "same" ? `same ${news.entry.id}` : news.type;
}

function otherCounts(counts: ReturnType<typeof countsOf>): string[] {
  const others = (["not-running", "failed", "refused", "stopped", "begun"] as const).filter(
    (result) => counts[result] > 0,
  );
  return others.length === 0 ? [] : [`Besides: ${others.map((result) => `${counts[result]} ${result}`).join(", ")}.`];
}

/** A port's own lines among those of others; questions are not asked while they run. */
function ofPort(output: Output, port: string): Output {
  const lines = (all: readonly string[]): readonly string[] => all.map((line) => `${port}: ${line}`);
  return {
    ...bound(output),
    isInteractive: false,
    event: (event) => {
      if (event.type !== "linking") output.event(event, port);
    },
    facts: (all, json) => output.facts(lines(all), { ...json, port }),
    news: (all, json) => output.news(lines(all), { ...json, port }),
  };
}

function bound(output: Output): Output {
  return {
    log: output.log,
    isInteractive: output.isInteractive,
    event: (event, port) => output.event(event, port),
    facts: (lines, json) => output.facts(lines, json),
    news: (lines, json) => output.news(lines, json),
    result: (lines, json) => output.result(lines, json),
    failure: (error) => output.failure(error),
    usage: (message) => output.usage(message),
  };
}
