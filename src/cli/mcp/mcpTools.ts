/** The tools of the MCP server: each from what a model asks to a plain answer. They run what the commands run. */
import {
  asFlasherError,
  formatPort,
  inspectImage,
  passportOf,
  readUntilVerdict,
  type FlasherError,
} from "../../core/index";
import { canBeFlashed } from "../../archives/archive";
import {
  buildAnswer,
  chipAnswer,
  failureAnswer,
  fileAnswer,
  forAssistants,
  logAnswer,
} from "../../shared/assistantAnswers";
import type { ToolName } from "../../shared/assistantTools";
import { flash, restore } from "../commands/writeCommands";
import type { Approvals } from "../jobs/approvals";
import { buildsBelow, nativePathOf } from "../jobs/diskBuilds";
import { openFirmware } from "../jobs/firmwareFile";
import { runCommandJob, type ConnectionOptions } from "../jobs/jobRunner";
import type { Machine } from "../jobs/machine";
import { choosePort } from "../jobs/namedPort";
import { portLog } from "../jobs/portLogs";
import { Consent, type AskPerson } from "./consent";
import { ToolOutput } from "./toolOutput";

type Fields = Readonly<Record<string, unknown>>;

/** One call of a tool. */
export interface Call {
  readonly input: Fields;
  readonly signal: AbortSignal;
  /** Told what is being done. */
  readonly progress: (doing: string) => void;
  readonly askPerson: AskPerson | undefined;
  readonly machine: Machine;
  readonly approvals: Approvals;
}

const TOOLS: Readonly<Record<ToolName, (call: Call) => Promise<unknown>>> = {
  beken_list_devices: listDevices,
  beken_chip_info: chipInfo,
  beken_inspect_file: inspectFile,
  beken_find_builds: findBuilds,
  beken_flash: (call) => write(call, flash),
  beken_restore: (call) => write(call, restore),
  beken_read_log: readLog,
};

/** Never rejects: what fails is an answer too. */
export async function answerCall(name: ToolName, call: Call): Promise<unknown> {
  try {
    return await TOOLS[name](call);
  } catch (error) {
    return failureAnswer(asFlasherError(error, name));
  }
}

function textIn({ input }: Call, name: string): string | undefined {
  const value = input[name];
  return typeof value === "string" && value.trim() !== "" ? value.trim() : undefined;
}

function numberIn({ input }: Call, name: string): number | undefined {
  const value = input[name];
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

async function connection(call: Call): Promise<ConnectionOptions & { readonly port: string }> {
  const { machine, signal } = call;
  const port = formatPort(await choosePort(textIn(call, "port"), machine));
  return { port, baud: "auto", linkTimeout: LINK_SECONDS, reset: true, machine, signal };
}

const LINK_SECONDS = 60;

async function listDevices({ machine }: Call): Promise<unknown> {
  const ports = await machine.ports();
  return {
    devices: ports.map(({ path, adapter, manufacturer, vendorId, productId, serialNumber }) => ({
      port: path,
      kind: "serial",
      facts: [adapter ?? manufacturer, vendorId && `${vendorId}:${productId ?? "????"}`, serialNumber].filter(
        (fact) => fact !== undefined,
      ),
    })),
  };
}

async function chipInfo(call: Call): Promise<unknown> {
  const options = await connection(call);
  const { result } = await runCommandJob({ kind: "info" }, {}, options, new ToolOutput(call.progress));
  return { ok: true, port: options.port, chip: chipAnswer(result.chip) };
}

async function inspectFile(call: Call): Promise<unknown> {
  const file = await openFirmware(textIn(call, "file") ?? "", canBeFlashed, new ToolOutput(call.progress));
  const { bytes, name, beside, identity } = file;
  return fileAnswer(identity, await inspectImage(bytes, name, { beside }), passportOf(bytes));
}

async function findBuilds(call: Call): Promise<unknown> {
  const projects = await buildsBelow(textIn(call, "folder") ?? ".", call.signal);
  return { builds: projects.map((project) => buildAnswer(project, nativePathOf)) };
}

type WriteCommand = typeof flash | typeof restore;

/** As the command does it, with every safeguard of the command, and the person's yes before anything is touched. */
async function write(call: Call, command: WriteCommand): Promise<unknown> {
  const output = new ToolOutput(call.progress);
  const options = await connection(call);
  const consent = new Consent(call.approvals, call.askPerson, options.port, () => output.plan);
  const at = numberIn(call, "at");
  try {
    await command(
      textIn(call, "file") ?? "",
      {
        ...options,
        verify: true,
        reboot: true,
        check: true,
        approve: consent.approve,
        ...(at !== undefined && { at }),
      },
      output,
    );
    return forAssistants({ ok: true, ...output.found });
  } catch (error) {
    return notWritten(asFlasherError(error, "write"), consent);
  }
}

function notWritten(error: FlasherError, { waiting }: Consent): unknown {
  if (error.code !== "cancelled" || waiting === undefined) return failureAnswer(error);
  const { code, lines } = waiting;
  return forAssistants({
    ok: false,
    code: "approval-missing",
    flash: error.flash,
    plan: lines,
    approve: `beken-flasher approve ${code}`,
    steps: [
      "Show the plan to the person.",
      `Ask the person to type "beken-flasher approve ${code}" in a terminal of their own, within ten minutes. It asks them; you cannot answer for them.`,
      "When they say that it is done, call this tool again with the same arguments.",
    ],
  });
}

const LISTEN_SECONDS = { usual: 30, most: 300 } as const;

async function readLog(call: Call): Promise<unknown> {
  const { machine, signal } = call;
  const seconds = Math.min(LISTEN_SECONDS.most, Math.max(1, numberIn(call, "seconds") ?? LISTEN_SECONDS.usual));
  const log = portLog(await choosePort(textIn(call, "port"), machine), LOG_BAUD, machine);
  const { verdict, lines } = await readUntilVerdict(log, { timeoutMs: seconds * 1000, clock: machine.clock }, signal);
  return logAnswer(verdict, lines);
}

const LOG_BAUD = 115_200;
