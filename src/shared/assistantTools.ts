/**
 * What programs that act for a person may ask: the tools of the editor's language models and of the command line's MCP server, one
 * table for both. The manifest repeats it (tested). Texts are for models, which read English.
 */

/** JSON Schema, as far as it is used here. */
export interface ToolInput {
  readonly type: "object";
  readonly properties: Readonly<Record<string, { readonly type: "string" | "number"; readonly description: string }>>;
  readonly required?: readonly string[];
}

export interface AssistantTool {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly input: ToolInput;
  /** Shows its plan to the person, and writes only after their yes. */
  readonly writes: boolean;
}

const PORT = {
  type: "string",
  description:
    "The port as beken_list_devices names it, for example /dev/ttyUSB0, COM5 or tcp://host:port. Left out: the only one there is, or the one the person has selected.",
} as const;

const CONFIRMED =
  "Nothing is written before the person has seen the plan and said yes to it; you cannot say yes for them. What the chip holds is backed up first where there is no backup of it. The result tells whether the chip's own checksum proved what was written.";

const POWER =
  "The chip is reset through the adapter where that is wired; otherwise the person has to power-cycle it while this runs.";

const TOOLS = {
  beken_list_devices: {
    title: "List Devices",
    description: "Lists serial ports and network ports on which Beken BK72xx chips can be flashed. Opens none of them.",
    input: { type: "object", properties: {} },
    writes: false,
  },
  beken_chip_info: {
    title: "Show Chip Information",
    description: `Links with the chip on a port and tells what it is: chip, boot code, flash, calibration, encryption key. Changes nothing in its flash. ${POWER}`,
    input: { type: "object", properties: { port: PORT } },
    writes: false,
  },
  beken_inspect_file: {
    title: "Inspect a File",
    description:
      "Tells what a firmware file or a backup is: format, chips, key, checks, where it would go, and of a backup what device it is of. Networks, passwords and keys in it are left out.",
    input: {
      type: "object",
      properties: {
        file: { type: "string", description: "Path of the file; in an archive, ARCHIVE#FILE." },
      },
      required: ["file"],
    },
    writes: false,
  },
  beken_find_builds: {
    title: "Find Builds",
    description:
      "Finds what ESPHome, PlatformIO (LibreTiny) and OpenBeken have built, newest first, and which file of each is the one to flash.",
    input: {
      type: "object",
      properties: {
        folder: { type: "string", description: "Where to look. Left out: the open workspace, or the current folder." },
      },
    },
    writes: false,
  },
  beken_flash: {
    title: "Flash a File",
    description: `Writes a firmware file to the chip on a port, proves it on the chip and starts it. ${CONFIRMED} ${POWER}`,
    input: {
      type: "object",
      properties: {
        file: { type: "string", description: "Path of the firmware file; in an archive, ARCHIVE#FILE." },
        port: PORT,
        at: { type: "number", description: "Flash address of a file that does not say where it belongs." },
      },
      required: ["file"],
    },
    writes: true,
  },
  beken_restore: {
    title: "Restore a Backup",
    description: `Writes a backup of a whole flash back to the chip on a port; the calibration and MAC address of the device stay. ${CONFIRMED} ${POWER}`,
    input: {
      type: "object",
      properties: { file: { type: "string", description: "Path of the backup, its manifest beside it." }, port: PORT },
      required: ["file"],
    },
    writes: true,
  },
  beken_read_log: {
    title: "Read the Log",
    description:
      "Listens to what the firmware prints until it is clear whether it runs, and gives that verdict with the last lines; networks, passwords and keys in them are masked. Sends nothing to the device and does not reset it. On BK7231T and BK7231N the log is on another wire (UART2) than the one the chip is flashed through.",
    input: {
      type: "object",
      properties: {
        port: PORT,
        seconds: { type: "number", description: "How long to listen at most, 1 to 300; 30 when left out." },
      },
    },
    writes: false,
  },
} as const satisfies Readonly<Record<string, Omit<AssistantTool, "name">>>;

export type ToolName = keyof typeof TOOLS;

export const ASSISTANT_TOOLS: readonly (AssistantTool & { readonly name: ToolName })[] = (
  Object.keys(TOOLS) as ToolName[]
).map((name) => ({ name, ...TOOLS[name] }));

/**
 * What is wrong with what a model has handed a tool; undefined where it can be used. What no tool knows is passed over, and null counts as
 * left out.
 */
export function argumentProblem(
  { input }: AssistantTool,
  given: Readonly<Record<string, unknown>>,
): string | undefined {
  for (const [name, { type }] of Object.entries(input.properties)) {
    const value = given[name] ?? undefined;
    if (value === undefined || value === "") {
      if (input.required?.includes(name) === true) return `"${name}" is missing`;
    } else if (type === "string" && typeof value !== "string") return `"${name}" has to be a text`;
    else if (type === "number" && (!Number.isSafeInteger(value) || (value as number) < 0))
      return `"${name}" has to be a whole number of 0 or more, and no text`;
  }
  return undefined;
}
