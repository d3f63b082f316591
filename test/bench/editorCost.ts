/**
 * What jobs cost the editor's extension host, measured inside it with every view open: processor time and memory of the
 * whole process, and how often states and snapshots were published. Bundled as a suite for scripts/vscode/hostSuite.mjs;
 * the chips are other processes, at real pace.
 */
import { renameSync, writeFileSync } from "node:fs";
import * as vscode from "vscode";
import type { JobRequest } from "../../src/core/index";
import type { Api } from "../../src/extension/main";
import type { PortEntry } from "../../src/extension/ports/portEntry";
import { activated, exampleBuild, until } from "../host/host";
import type { EditorCost } from "./editorReport";

/** Until the editor has done what it does after it was opened. */
const SETTLE_MS = 10_000;
const IDLE_MS = 10_000;
const SAMPLE_EVERY_MS = 250;

interface Usage {
  readonly seconds: number;
  readonly cpuShare: number;
  readonly heapGrowth: number;
  readonly rssGrowth: number;
}

/** Runs `work` and tells what this process needed meanwhile. Memory is sampled: its highest is compared with its start. */
async function using(work: () => Promise<unknown>): Promise<Usage> {
  const held = (): number => {
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  };
  global.gc?.();
  const before = { at: performance.now(), cpu: process.cpuUsage(), heap: held(), rss: process.memoryUsage.rss() };
  const most = { heap: before.heap, rss: before.rss };
  const sampling = setInterval(() => {
    most.heap = Math.max(most.heap, held());
    most.rss = Math.max(most.rss, process.memoryUsage.rss());
  }, SAMPLE_EVERY_MS);
  try {
    await work();
  } finally {
    clearInterval(sampling);
  }
  const { user, system } = process.cpuUsage(before.cpu);
  const ms = performance.now() - before.at;
  return {
    seconds: ms / 1000,
    cpuShare: (user + system) / 1000 / ms,
    heapGrowth: most.heap - before.heap,
    rssGrowth: most.rss - before.rss,
  };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

async function costOf(
  api: Api,
  port: PortEntry,
  chip: string,
  title: string,
  request: JobRequest,
): Promise<EditorCost> {
  const { jobs } = api.services;
  let states = 0;
  const counting = jobs.onDidChange(() => states++);
  const snapshots = api.dashboard.snapshotsPosted;
  let outcome = "";
  try {
    const usage = await using(async () => {
      const end = await jobs.start({ port, title, request, ...("file" in request && { fileName: request.file.name }) });
      outcome = end.status === "failed" ? `failed: ${end.error.message}` : end.status;
    });
    const posted = api.dashboard.snapshotsPosted - snapshots;
    return { chip, job: title, outcome, states, snapshots: posted, visible: api.dashboard.isVisible, ...usage };
  } finally {
    counting.dispose();
  }
}

interface Measured {
  readonly costs: readonly EditorCost[];
  /** How long `activate` took, ms. */
  readonly activationMs: number;
}

async function measure(): Promise<Measured> {
  const chips = JSON.parse(process.env.BEKEN_COST_CHIPS ?? "[]") as readonly { chip: string; port: string }[];
  const api = await activated();
  const { ports, settings } = api.services;
  await settings.update(
    "extraPorts",
    chips.map(({ port }) => port),
  );
  await until(() => chips.every(({ port }) => ports.find(port) !== undefined));
  await vscode.commands.executeCommand("beken.devices.focus");
  api.dashboard.show();
  await until(() => api.dashboard.snapshotsPosted > 0);
  const costs: EditorCost[] = [];
  await pause(SETTLE_MS);
  const idle = await using(() => pause(IDLE_MS));
  costs.push({ chip: "", job: "idle", outcome: "", states: 0, snapshots: 0, visible: true, ...idle });
  const name = "image_bk7231t_app.0x011000.rbl";
  const file = { name, bytes: await vscode.workspace.fs.readFile(exampleBuild("bedroom-bulb", name)) };
  for (const { chip, port } of chips) {
    const entry = ports.find(port);
    if (entry === undefined) throw new Error(`${port} is gone`);
    const cost = async (title: string, request: JobRequest): Promise<void> => {
      costs.push(await costOf(api, entry, chip, title, request));
    };
    // Linking is waiting, and not what is measured.
    await cost("link", { kind: "read", start: 0, length: 0x1000 });
    await cost("backup", { kind: "backup" });
    if (chip === "bk7231t")
      await cost("full flash", { kind: "flash", file, verify: true, reboot: false, dryRun: false, full: true });
  }
  await settings.update("extraPorts", []);
  return { costs, activationMs: api.activationMs };
}

/** Called by the editor. The results come in the file that every host suite writes. */
export async function run(): Promise<void> {
  const results = process.env.BEKEN_HOST_RESULTS;
  if (results === undefined) throw new Error("BEKEN_HOST_RESULTS names no file");
  const outcome = await measure().catch((error: unknown) => ({
    costs: [],
    failure: error instanceof Error ? error.stack : String(error),
  }));
  writeFileSync(`${results}.part`, JSON.stringify(outcome));
  renameSync(`${results}.part`, results);
}
