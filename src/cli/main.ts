/** The command line: options, help, exit codes. 0 done, 1 failed, 2 wrong usage, 3 `check` found errors, 130 stopped by Ctrl-C. */
import { Command, CommanderError, Option } from "commander";
import { USUAL_SPEED, asFlasherError, isCancelled, visibleLines } from "../core/index";
import { PRESETS } from "../simulator/index";
import { version } from "../../package.json";
import type { BackupOptions } from "./jobs/backupQuestion";
import { approve } from "./commands/approveCommand";
import { backup, type BackupCommandOptions } from "./commands/backupCommand";
import { erase, info, read, reboot, verify } from "./commands/deviceCommands";
import {
  config,
  diff,
  extract,
  type ConfigOptions,
  type ExtractCommandOptions,
  type SecretsOption,
} from "./commands/dumpCommands";
import { inspect, ports, type PortsOptions } from "./commands/hostCommands";
import { monitor, verdict, type MonitorOptions, type VerdictOptions } from "./commands/logCommands";
import {
  baud,
  fixedBaud,
  latency,
  linkTimeout,
  listen,
  logAt,
  number,
  onePort,
  preset,
  resets,
  seconds,
  severalPorts,
} from "./commands/optionValues";
import { flashEach, type RoundOptions } from "./commands/roundCommand";
import { simulate, type SimulateOptions } from "./commands/simulateCommand";
import { flash, restore, type FlashOptions, type RestoreOptions } from "./commands/writeCommands";
import { check, doctor, type CheckCommandOptions } from "./commands/yamlCommands";
import { listenForInterrupts } from "./terminal/interrupt";
import { createOutput, type Output, type OutputOptions } from "./terminal/output";
import type { ConnectionOptions } from "./jobs/jobRunner";
import { thisMachine, type Machine } from "./jobs/machine";

const SHOW_SECRETS = "show networks, passwords, keys and ids instead of dots";

const EXIT = { done: 0, failed: 1, usage: 2, errorsFound: 3, cancelled: 130 } as const;

function withOutput(command: Command): Command {
  return command
    .option("--json", "print one JSON object per line, ending in a result or an error", false)
    .option("--quiet", "print only what fails", false)
    .option("--verbose", "print the wire trace as well", false);
}

function withPort(command: Command, port = onePort()): Command {
  return withOutput(command)
    .addOption(port)
    .addOption(new Option("-b, --baud <rate>", "highest speed after linking").argParser(baud).default("auto"))
    .addOption(linkTimeout())
    .addOption(resets())
    .option("--no-reset", "do not reset the chip by itself: it is power-cycled by hand");
}

/** What changes flash has a backup made first. */
function withBackup(command: Command, port = onePort()): Command {
  return withPort(command, port)
    .option("--dry-run", "show the plan and touch nothing")
    .option(
      "--backup <folder>",
      "where the backup goes that is made first, unless a verified one of this chip is there (default: ~/.beken-flasher/backups, or BEKEN_BACKUPS)",
    )
    .option("--no-backup", "write without one");
}

/** Of a flash: for one device, or for one after the other. */
interface RoundCommandOptions extends Pick<RoundOptions, "count" | "ledger"> {
  readonly port?: string | readonly string[];
  readonly each?: boolean;
}

/** Runs one command to its exit code; every failure ends here, in words. */
async function run(options: OutputOptions, work: (output: Output) => Promise<number | void>): Promise<void> {
  const output = createOutput(options);
  listenForInterrupts();
  try {
    process.exitCode = (await work(output)) ?? EXIT.done;
  } catch (error) {
    const failure = asFlasherError(error, "run the command");
    output.failure(failure);
    if (failure.code === "internal" && options.verbose)
      output.log.debug(String(failure.cause instanceof Error ? failure.cause.stack : failure.cause));
    process.exitCode = isCancelled(failure) ? EXIT.cancelled : EXIT.failed;
  }
}

/** @param machine what chips are reached through */
function buildProgram(machine: Machine): Command {
  const program = new Command("beken-flasher")
    .description("Flashes Beken BK72xx chips over a serial port and proves on the chip what was written.")
    .version(version)
    .showHelpAfterError("(run with --help to see what it takes)");

  withOutput(program.command("ports").description("list serial ports and their adapters"))
    .option(
      "--forget",
      "first forget what was learnt of adapters: rates that held, and how they reset their chips",
      false,
    )
    .action((options: OutputOptions & PortsOptions) => run(options, (output) => ports(options, output)));
  withPort(program.command("info").description("tell everything about the chip; changes nothing")).action(
    (options: OutputOptions & ConnectionOptions) => run(options, (output) => info(options, output)),
  );
  withPort(program.command("read").description("read flash into a new file").argument("<out>", "file to create"))
    .option("--start <address>", "first address (default: 0)", number)
    .option("--length <bytes>", "how much (default: to the end)", number)
    .action((out: string, options: OutputOptions & ConnectionOptions & { start?: number; length?: number }) =>
      run(options, (output) => read(out, options, output)),
    );
  withPort(
    program
      .command("backup")
      .description("copy the whole flash into a new file, checked against the chip's CRC, with a manifest beside it")
      .argument("<out>", "file to create"),
  )
    .option("--since <file>", "an earlier backup of the same device: transfer only what changed since")
    .action((out: string, options: OutputOptions & BackupCommandOptions) =>
      run(options, (output) => backup(out, version, options, output)),
    );
  withBackup(
    program
      .command("flash")
      .description("write a firmware file, verify it on the chip, start it")
      .argument(
        "<file>",
        "what ESPHome, LibreTiny or OpenBeken built, or an archive with it (ARCHIVE#FILE names one in it)",
      ),
    severalPorts(),
  )
    .option("--at <address>", "where a file without an address of its own goes", number)
    .option("--rekey", "re-encrypt the application for the chip's key, in memory, where the file is for another")
    .option("--full", "write everything, also what the chip holds already")
    .option("--no-verify", "skip the proof on the chip")
    .option("--no-reboot", "leave the chip in its loader")
    .option("--no-check", "do not look whether a LibreTiny or ESPHome application runs, which takes about 5 seconds")
    .option(
      "--even-if-it-cannot-start",
      "write although the device would not start afterwards; without it, such a job ends before anything is touched",
    )
    .option(
      "--even-if-chip-unknown",
      "write a file although nothing tells which chip it is for: of a QIO image or backup nothing in it, of an application its name neither; without it, such a job ends before anything is touched",
    )
    .option(
      "--allow-bootloader [chip]",
      "write the boot code of a QIO image or a backup too, or raw data below 0x11000; only on chips with a boot ROM, after a checked copy was saved beside the file; takes the chip's name as its info shows it, or asks for it",
    )
    .addOption(
      new Option(
        "--each",
        "flash device after device with it until Ctrl-C: each is recognised, backed up, flashed, verified and restarted when it is connected; the first plan counts for all, and what differs from it is refused",
      ).conflicts(["dryRun", "allowBootloader", "verify", "reboot"]),
    )
    .option("--ledger <file>", "with --each: the JSON file that the round goes on from, a table (.csv) beside it")
    .addOption(new Option("--count <devices>", "with --each: end when so many devices are done").argParser(number))
    .action(
      (file: string, options: OutputOptions & Omit<FlashOptions, "port"> & RoundCommandOptions, command: Command) => {
        const { port, each, ...rest } = options;
        const ports = port === undefined ? [] : [port].flat();
        if (each === true) return run(options, (output) => flashEach(file, { ...rest, ports }, output));
        if (ports.length > 1) command.error("error: several ports go with --each alone");
        const [only] = ports;
        return run(options, (output) => flash(file, { ...rest, ...(only !== undefined && { port: only }) }, output));
      },
    );
  withBackup(
    program
      .command("restore")
      .description("write a backup back; this device's calibration and MAC address stay")
      .argument(
        "<file>",
        "a dump of a whole flash, its manifest beside it; with --only-bootloader also a QIO image or boot code",
      ),
  )
    .option("--replace-calibration", "take calibration and MAC address from the backup too")
    .option("--no-verify", "skip the proof on the chip")
    .option("--no-reboot", "leave the chip in its loader")
    .option(
      "--even-if-it-cannot-start",
      "write although the device would not start afterwards; without it, such a job ends before anything is touched",
    )
    .option(
      "--only-bootloader [chip]",
      "bring back the boot code and nothing else, from a backup, a QIO image or a stored copy; takes what --allow-bootloader takes",
    )
    .option(
      "--even-if-chip-unknown",
      "restore a backup although nothing in it tells which chip it is for; without it, such a job ends before anything is touched",
    )
    .option(
      "--even-if-damaged",
      "restore code that does not hold its own checksums; without it, such a job ends before anything is touched",
    )
    .option(
      "--allow-bootloader [chip]",
      "restore the boot code too; only on chips with a boot ROM, after a checked copy was saved beside the file; takes the chip's name as its info shows it, or asks for it",
    )
    .action((file: string, options: OutputOptions & RestoreOptions) =>
      run(options, (output) => restore(file, options, output)),
    );
  withPort(program.command("verify").description("compare a file with the chip; changes nothing").argument("<file>"))
    .option("--at <address>", "where a file without an address of its own belongs", number)
    .option("--rekey", "compare with what the file becomes when re-encrypted for the chip's key")
    .action((file: string, options: OutputOptions & ConnectionOptions & { at?: number; rekey?: boolean }) =>
      run(options, (output) => verify(file, options, output)),
    );
  withBackup(program.command("erase").description("erase whole sectors (never boot code or calibration)"))
    .requiredOption("--start <address>", "first address, a multiple of 4096", number)
    .requiredOption("--length <bytes>", "how much, a multiple of 4096", number)
    .action((options: OutputOptions & ConnectionOptions & BackupOptions & { start: number; length: number }) =>
      run(options, (output) => erase(options, output)),
    );
  withPort(program.command("reboot").description("restart the chip into its firmware")).action(
    (options: OutputOptions & ConnectionOptions) => run(options, (output) => reboot(options, output)),
  );
  withOutput(
    program
      .command("inspect")
      .description("tell what a file is, check it, and say where it would go; of a backup also what device it is of")
      .argument("<file>"),
  )
    .option("--show-secrets", SHOW_SECRETS)
    .action((file: string, options: OutputOptions & SecretsOption) =>
      run(options, (output) => inspect(file, options, output)),
    );
  withOutput(
    program
      .command("config")
      .description("make a configuration of the settings in a backup: YAML for ESPHome, or a template for OpenBeken")
      .argument("<file>", "a backup, a part of one, or a settings storage alone"),
  )
    .addOption(
      new Option("--format <format>", "yaml for ESPHome, openbeken for its template, json for the settings themselves")
        .choices(["yaml", "openbeken", "json"])
        .default("yaml"),
    )
    .option("--show-secrets", `${SHOW_SECRETS}, with --format json`)
    .action((file: string, options: OutputOptions & ConfigOptions) =>
      run(options, (output) => config(file, options, output)),
    );
  withOutput(
    program
      .command("check")
      .description(
        "check an ESPHome YAML for what goes wrong on these chips: values that YAML changes, partitions, board, key, pins",
      )
      .argument("<file>", "an ESPHome YAML; secrets and files that it includes are read where they are there"),
  )
    .addHelpText(
      "after",
      `\nExit codes: ${EXIT.done} no errors found, ${EXIT.errorsFound} errors found, ${EXIT.failed} the check failed.`,
    )
    .option("--backup <file>", "a backup of the device it is for: board, key and calibration are compared with it")
    .option("--fixed <file>", "new file that gets the text with all fixes")
    .action((file: string, options: OutputOptions & CheckCommandOptions) =>
      run(options, async (output) => ((await check(file, options, output)) > 0 ? EXIT.errorsFound : EXIT.done)),
    );
  withOutput(
    program
      .command("doctor")
      .description(
        "tell whether updates over the air of a build will be unpacked on a device, and what its YAML must say",
      )
      .argument("<backup>", "a backup of the device")
      .argument("<build>", "firmware.uf2 of the build"),
  ).action((backup: string, build: string, options: OutputOptions) =>
    run(options, (output) => doctor(backup, build, output)),
  );
  withOutput(
    program
      .command("extract")
      .description("take a partition, or the application, out of a backup or an image into a new file")
      .argument("<file>", "a backup, an image or an update package")
      .argument("<out>", "file to create"),
  )
    .option("--partition <name>", "as inspect lists them, or 0xSTART+0xLENGTH; the application when left out")
    .option("--decrypt", "make it readable: code without encryption, packages unpacked, settings decrypted")
    .action((file: string, out: string, options: OutputOptions & ExtractCommandOptions) =>
      run(options, (output) => extract(file, out, options, output)),
    );
  withOutput(
    program
      .command("diff")
      .description("say where two backups differ, sector by sector")
      .argument("<a>")
      .argument("<b>"),
  ).action((a: string, b: string, options: OutputOptions) => run(options, (output) => diff(a, b, output)));
  withOutput(
    program
      .command("monitor")
      .description("show what firmware prints, and tell whether it runs; sends nothing but the lines you type")
      .option(
        "-p, --port <port>",
        "serial port, tcp://host:port or rfc2217://host:port; the only adapter plugged in when left out",
      )
      .addOption(new Option("-b, --baud <rate>", "speed of the log, or auto").argParser(baud).default(USUAL_SPEED))
      .option("--timestamps", "put the time before each line", false)
      .option("--save <file>", "new file that gets the log too, with its secrets masked")
      .option("--until-verdict", "end as soon as it is known whether the firmware runs", false)
      .addOption(
        new Option("--timeout <seconds>", "with --until-verdict: how long to wait for that at most")
          .argParser(seconds)
          .default(120),
      )
      .option("--elf <file>", "the build's raw_firmware.elf, to name the places of a crash"),
  ).action((options: OutputOptions & MonitorOptions) => run(options, (output) => monitor(options, output)));
  withOutput(
    program
      .command("verdict")
      .description("tell from a saved log whether the firmware runs, and if not, why")
      .argument("<log>", "what a serial monitor saved")
      .addOption(new Option("-b, --baud <rate>", "speed of that monitor").argParser(fixedBaud).default(USUAL_SPEED))
      .option("--elf <file>", "the build's raw_firmware.elf, to name the places of a crash"),
  ).action((file: string, options: OutputOptions & VerdictOptions) =>
    run(options, (output) => verdict(file, options, output)),
  );
  program
    .command("mcp")
    .description(
      "serve these tools to an assistant over standard input and output (Model Context Protocol); writes wait for your yes",
    )
    .action(() =>
      run({ json: false, quiet: true, verbose: false }, async () => {
        // Loaded for this command alone.
        const { serveMcp } = await import("./mcp/mcpServer");
        await serveMcp(machine);
      }),
    );
  withOutput(
    program
      .command("approve")
      .description("read the plan that an assistant has asked for, and say yes to it or not; only at a terminal")
      .argument("<code>", "as the assistant was given it"),
  ).action((code: string, options: OutputOptions) => run(options, (output) => approve(code, output)));
  withOutput(program.command("simulate").description("run a simulated chip to practise on, until Ctrl-C"))
    .addOption(
      new Option("--chip <preset>", `one of ${Object.keys(PRESETS).join(", ")}`)
        .argParser(preset)
        .default(PRESETS.bk7231t, "bk7231t"),
    )
    .option("--flash <file>", "what its flash holds at first")
    .option("--save <file>", "new file that gets its flash when it stops")
    .addOption(new Option("--listen <where>", "pty, or tcp:PORT").argParser(listen).default({ kind: "pty" }, "pty"))
    .addOption(new Option("--log <where>", "serve what it prints (UART2) on tcp:PORT, for monitor").argParser(logAt))
    .addOption(
      new Option(
        "--firmware <kind>",
        "what runs on it (default: LibreTiny's where that is in its flash, else what the chip comes with)",
      ).choices(["libretiny", "libretiny-loops", "libretiny-hangs", "openbeken", "tuya", "none"]),
    )
    .addOption(
      new Option("--pace <pace>", "real: as slow as a wire and a flash are").choices(["none", "real"]).default("none"),
    )
    .addOption(
      new Option("--latency <ms>", "how long its adapter holds back less than a full packet")
        .argParser(latency)
        .default(0),
    )
    .addOption(
      new Option(
        "--power-cycle <who>",
        "auto: somebody resets the chip when a tool waits for it; manual: type power-cycle",
      )
        .choices(["auto", "manual"])
        .default("auto"),
    )
    .action((options: OutputOptions & SimulateOptions) => run(options, (output) => simulate(options, output)));
  for (const command of program.commands) command.setOptionValue("machine", machine);
  return program;
}

export async function main(argv: readonly string[], machine: Machine = thisMachine): Promise<void> {
  const program = buildProgram(machine);
  const json = argv.includes("--json");
  for (const command of [program, ...program.commands]) {
    command.exitOverride();
    // What was typed comes back in what it says.
    command.configureOutput({ outputError: (text, write) => write(visibleLines(text)) });
    if (json) command.configureOutput({ writeErr: () => undefined });
  }
  try {
    await program.parseAsync(argv);
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    const asked = error.exitCode === 0;
    if (json && !asked) createOutput({ json, quiet: false, verbose: false }).usage(error.message);
    process.exitCode = asked ? EXIT.done : EXIT.usage;
  }
}
