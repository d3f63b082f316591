/**
 * A simulated Beken chip on its module: power, reset, the boot stage and the firmware behind it, seen through its UART.
 * It puts the parts of this folder together; what they do is theirs. Carriers reach it through ChipUart.
 */
import { viewOf } from "../../core/base/bytes";
import type { ControlLines } from "../../core/transport/transport";
import type { Behaviour, Direction, PauseFate, Surroundings } from "../faults/behaviours";
import { Board, type ChipEvent, type ChipState } from "../board/board";
import { BootRom } from "../rom/bootRom";
import { APP_AT, startsAt } from "../flash/flashImages";
import { libreTinyIn } from "../flash/libreTinyInFlash";
import { runFirmware, type FirmwareKind } from "../firmware/runningFirmware";
import { applicationText, bootText } from "../firmware/uart2Text";
import { LogOutput } from "../uart/logOutput";
import { FlashArray, flashCells } from "../flash/flashArray";
import { FlashLoader } from "../loader/flashLoader";
import { partOf } from "../flash/simulatedParts";
import { HASH_US_PER_BYTE } from "./hashTime";
import { byteFilter, type ByteHook } from "../faults/lineFilter";
import { AdapterOutputs, type AdapterWiring } from "./adapterWiring";
import { AutoPowerCycle } from "./autoPowerCycle";
import { contentOf, coreOf, findPreset, LOADER_PRESETS, PRESETS, type Preset, type PresetId } from "./presets";
import { Processor, type Ending, type Program } from "../board/processor";
import { ReceivePath } from "../uart/receivePath";
import { RomRegisters } from "../rom/romRegisters";
import { InstantClock, RealTime, type SimTime, type SimTimer } from "../clock/simTime";
import { TransmitPath, type TransmitListener } from "../uart/transmitPath";
import type { ChipUart } from "../uart/chipUart";

export interface ChipOptions {
  /** `real`: bytes and flash operations take as long as on the wire and in datasheets; `none`: no time. Default `real`. */
  readonly pace?: "real" | "none";
  /**
   * With pace `real`: answers come within a tenth of a millisecond of their time instead of up to 2 ms late, for the price
   * of a thread that sleeps between its events. For processes that do nothing else. Default false.
   */
  readonly exact?: boolean;
  /** Time of the caller's making, instead of a pace. */
  readonly time?: SimTime;
  /** `auto`: a simulated hand switches the chip off and on when a host is not answered for a while. Default `manual`. */
  readonly person?: "auto" | "manual";
  /** How long that hand waits; 1200 ms, and 150 ms at pace none, unless given. */
  readonly personWaitMs?: number;
  /** Flash content from address 0, instead of a fresh chip's; the rest stays FF. */
  readonly flash?: Uint8Array;
  /** The flash itself, of the part's size: it is used as it is and changed in place, where many chips would cost many copies. */
  readonly cells?: Uint8Array;
  readonly statusRegister?: number;
  /** Another flash part than the preset's; decides the size. */
  readonly jedecId?: string;
  /** The flash gives this name instead of its own, as parts do that were relabelled; it is and behaves as before. */
  readonly claimsJedecId?: string;
  /** Default: CEN is not wired to the adapter, as with most. */
  readonly wiring?: AdapterWiring;
  /** Default: the preset's. `by-content`: LibreTiny's where the application in flash is one of its, else the preset's. */
  readonly firmware?: FirmwareKind | "by-content";
  readonly behaviours?: readonly Behaviour[];
  /** Silence after which a linked loader that does so restarts. Default 1000 ms; real chips are thought to take 0.3 to 3 s. */
  readonly idleRebootMs?: number;
  /** How long it takes to hash a byte, in microseconds; `HASH_US_PER_BYTE` unless given. */
  readonly hashUsPerByte?: number;
  /** Varies the filler in a fresh chip's flash. */
  readonly seed?: number;
}

export interface ChipCounters {
  readonly received: number;
  readonly sent: number;
  /** Bytes lost because the hardware FIFO was full. */
  readonly overruns: number;
  /** How often unread bytes in the loader's ring were overwritten. */
  readonly ringOverflows: number;
  /** Fuse bytes burned through a ROM. */
  readonly fusesBurned: number;
}

const DEFAULT_SEED = 0x7231;
/** Receive path of the ROMs: not known; a ring as large as that of the one newer loader it is known of. */
const ROM_RING = 4096;
const ROM_THRESHOLD = 32;
const LOADER_RING = 512;
/** A linked chip is power-cycled later than a silent one. */
const LINKED_PATIENCE = 4;

export class SimulatedChip implements ChipUart {
  readonly preset: Preset;
  private readonly time: SimTime;
  private readonly rx: ReceivePath;
  private readonly tx: TransmitPath;
  private readonly log: LogOutput;
  private readonly array: FlashArray;
  private readonly board: Board;
  private readonly processor: Processor;
  private readonly registers: RomRegisters;
  private readonly person: AutoPowerCycle | undefined;
  private readonly behaviours: readonly Behaviour[];
  private readonly listeners = new Set<(event: ChipEvent) => void>();
  private readonly offUs: number;
  private readonly around: Surroundings;
  /** A byte hook is being asked: a pause that it asks for begins with its byte. */
  private asking = false;
  private pauseAsked: { readonly direction: Direction; readonly us: number; readonly fate: PauseFate } | undefined;
  private powered = false;
  private held = false;
  private readonly outputs: AdapterOutputs;
  private disconnected = false;
  private powerTimer: SimTimer | undefined;

  constructor(
    preset: Preset,
    private readonly options: ChipOptions,
  ) {
    const { answers } = preset;
    const jedecId = options.jedecId ?? preset.jedecId;
    const instant = options.pace === "none";
    this.preset = preset;
    this.time = options.time ?? (instant ? new InstantClock() : new RealTime(options.exact));
    this.offUs = options.time === undefined && !instant ? 300_000 : 5_000;
    this.behaviours = options.behaviours ?? [];
    this.around = {
      powerOff: () => this.powerOff(),
      powerCycle: () => this.powerCycle(),
      disconnect: () => this.disconnect(),
      say: (bytes) => this.say(bytes),
      pause: (direction, ms, fate) => this.pause(direction, ms * 1000, fate),
    };
    this.rx = new ReceivePath({
      threshold: answers.kind === "loader" ? answers.loader.rxThreshold : ROM_THRESHOLD,
      ringSize: answers.kind === "loader" ? LOADER_RING : ROM_RING,
    });
    this.tx = new TransmitPath(this.time);
    this.log = new LogOutput(this.time);
    const part = { ...partOf(jedecId), ...(options.claimsJedecId !== undefined && { id: options.claimsJedecId }) };
    const content = (): Uint8Array => options.flash ?? contentOf(preset, jedecId, options.seed ?? DEFAULT_SEED);
    const cells = options.cells ?? flashCells(part.size, content());
    this.array = new FlashArray(part, cells, options.statusRegister ?? preset.status);
    this.board = new Board(this.time, this.rx, this.tx, this.array, this.behaviours, this.around, {
      wanted: () => this.listeners.size > 0,
      emit: (event) => this.listeners.forEach((listener) => listener(event)),
    });
    this.processor = new Processor(this.time, this.rx);
    const rom = answers.kind === "rom" ? answers.rom : undefined;
    const fuses = rom?.hasFuses === true ? eFuse(preset) : undefined;
    this.registers = new RomRegisters(rom?.chipId ?? 0, rom?.chipIdAt ?? 0, fuses);
    if (options.person === "auto") {
      const waitMs = options.personWaitMs ?? (instant ? 150 : 1200);
      this.person = new AutoPowerCycle(this.time, waitMs * 1000, () => this.powerCycle());
    }
    this.installLineFaults();
    this.outputs = new AdapterOutputs(options.wiring ?? {}, (held) => this.hold(held), this.time);
    this.outputs.opened();
    this.powerOn();
  }

  /** The live flash array: writing to it is what a programmer on the flash's own pins would do. */
  get flash(): Uint8Array {
    return this.array.bytes;
  }

  get statusRegister(): number {
    return this.array.status;
  }

  set statusRegister(value: number) {
    this.array.status = value;
  }

  get state(): ChipState {
    return this.board.state;
  }

  /** In baud, at this moment. */
  get baudRate(): number {
    return this.rx.rate;
  }

  get counters(): ChipCounters {
    const { received, overruns, ringOverflows } = this.rx;
    return { received, sent: this.tx.sent, overruns, ringOverflows, fusesBurned: this.registers.burned };
  }

  /** Tells of state changes, commands and flash operations. Returns how to stop. */
  onEvent(listener: (event: ChipEvent) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  onTransmit(listener: TransmitListener): void {
    this.tx.listener = (bytes, baud) => {
      if (this.disconnected) return;
      this.person?.settled();
      listener(bytes, baud);
    };
  }

  /** UART2, where boot code and firmware print; what was printed before is gone. */
  onLog(listener: (bytes: Uint8Array) => void): void {
    this.log.listener = listener;
  }

  hostSends(bytes: Uint8Array, baud: number | undefined): void {
    if (this.disconnected) return;
    this.time.enter();
    // The time without power does not count as time without an answer.
    if (this.powered) this.person?.hostSent(bytes, this.state === "linked" ? LINKED_PATIENCE : 1);
    if (!this.processor.running) return;
    this.rx.hostSends(bytes, baud, this.time.now());
    this.processor.poke();
  }

  readonly setControlLines = (lines: ControlLines): void => this.outputs.set(lines);
  readonly resetByBridge = (): void => this.outputs.pulse();

  private hold(held: boolean): void {
    if (held === this.held) return;
    this.time.enter();
    if ((this.held = held)) this.stop();
    else if (this.powered) this.start();
  }

  hostPresent(present: boolean): void {
    if (present) this.outputs.opened();
    else this.person?.settled();
  }

  /** Off, and on again after a moment. */
  powerCycle(): void {
    this.powerOff();
    this.powerTimer = this.time.schedule(this.offUs, "idle", () => this.powerOn());
  }

  /** At once, whatever the chip is doing: a flash operation stays half done. */
  powerOff(): void {
    this.time.enter();
    this.powerTimer?.cancel();
    this.powerTimer = undefined;
    this.powered = false;
    this.stop();
  }

  powerOn(): void {
    this.powerTimer?.cancel();
    this.powerTimer = undefined;
    if (this.powered) return;
    this.time.enter();
    this.powered = true;
    this.array.powerUp();
    if (!this.held) this.start();
  }

  /** Ends it: no timer of the chip's is left. */
  dispose(): void {
    this.powerOff();
    this.listeners.clear();
    this.tx.listener = undefined;
    this.log.listener = undefined;
    this.time.dispose();
  }

  private stop(): void {
    this.board.cutPower();
    this.processor.stop();
    this.log.stop();
    this.rx.reset();
    this.tx.reset();
    this.board.setState("off");
  }

  private start(): void {
    this.boot();
    for (const behaviour of this.behaviours) behaviour.onPowerUp?.(this.around);
  }

  private boot(): void {
    this.log.stop();
    this.rx.reset();
    this.tx.reset();
    this.board.setState("boot");
    this.processor.start(this.bootProgram(), (ending) => this.ended(ending));
  }

  private bootProgram(): Program {
    const { answers } = this.preset;
    const hashUsPerByte = this.options.hashUsPerByte ?? HASH_US_PER_BYTE[answers.kind];
    if (answers.kind === "rom") return new BootRom(this.board, answers.rom, this.registers, hashUsPerByte).run();
    if (this.bootCodeLost()) return crash();
    const idleRebootUs = (this.options.idleRebootMs ?? 1000) * 1000;
    return new FlashLoader(this.board, answers.loader, { idleRebootUs, hashUsPerByte }).run();
  }

  private ended(ending: Ending): void {
    switch (ending) {
      case "reset":
        this.boot();
        break;
      case "application":
        this.startFirmware();
        break;
      case "hang":
      case "crash":
        this.rx.reset();
        this.board.setState(ending === "hang" ? "hung" : "crashed");
        break;
    }
  }

  private startFirmware(): void {
    this.rx.reset();
    if (this.bootCodeLost() || !startsAt(this.array.bytes, this.preset.key, APP_AT, coreOf(this.preset))) {
      this.board.setState("crashed");
      if (!this.bootCodeLost()) this.log.print(bootText(this.preset.chip));
      return;
    }
    const { kind, banner } = this.firmware();
    this.log.print([...bootText(this.preset.chip), ...applicationText(kind, banner)]);
    this.processor.start(runFirmware(this.board, kind), (ending) => this.ended(ending));
  }

  private firmware(): { readonly kind: FirmwareKind; readonly banner: string | undefined } {
    const { firmware = this.preset.firmware } = this.options;
    const byContent = firmware === "by-content";
    const found = byContent || this.log.listener ? libreTinyIn(this.array.bytes, this.preset.key) : undefined;
    return { kind: !byContent ? firmware : found ? "libretiny" : this.preset.firmware, banner: found?.banner };
  }

  /** Only what the chip itself did to its boot code counts: whatever a caller put there is taken to run. */
  private bootCodeLost(): boolean {
    return this.board.startTouched && !startsAt(this.array.bytes, this.preset.key, 0, coreOf(this.preset));
  }

  private say(bytes: Uint8Array): void {
    const enabled = this.tx.enabled;
    this.tx.enabled = true;
    this.tx.transmit(bytes);
    this.tx.enabled = enabled;
  }

  private disconnect(): void {
    if (this.disconnected) return;
    this.disconnected = true;
    for (const listener of this.listeners) listener({ type: "disconnected" });
  }

  private installLineFaults(): void {
    const hooks = (name: "onHostByte" | "onChipByte"): ByteHook[] =>
      this.behaviours
        .filter((behaviour) => behaviour[name] !== undefined)
        .map((behaviour) => (byte, count) => {
          this.asking = true;
          const instead = behaviour[name]?.(byte, count, this.around);
          this.asking = false;
          return instead;
        });
    this.rx.filter = byteFilter(hooks("onHostByte"), () => this.takePause("from-host"));
    this.tx.filter = byteFilter(hooks("onChipByte"), () => this.takePause("from-chip"));
  }

  private pause(direction: Direction, us: number, fate: PauseFate): void {
    if (this.asking) this.pauseAsked = { direction, us, fate };
    else if (direction === "from-chip") this.tx.pause(us, fate);
    else this.rx.pause(us, fate, this.time.now());
  }

  /** A pause that a hook on this direction has asked for; one for the other begins at once. */
  private takePause(here: Direction): { readonly us: number; readonly fate: PauseFate } | undefined {
    const asked = this.pauseAsked;
    this.pauseAsked = undefined;
    if (!asked || asked.direction === here) return asked;
    this.pause(asked.direction, asked.us, asked.fate);
    return undefined;
  }
}

/** The 32 eFuse bytes: key, unique id, MAC, and nothing forbidden. */
function eFuse(preset: Preset): Uint8Array {
  const fuses = new Uint8Array(32);
  preset.key.forEach((word, index) => viewOf(fuses).setUint32(4 * index, word, true));
  fuses.set(preset.mac, 24);
  return fuses;
}

// eslint-disable-next-line require-yield -- it ends before anything takes time
function* crash(): Program {
  return "crash";
}

/**
 * Makes a chip and switches it on.
 * @param preset a preset, its id, or its name the way people write it; RangeError when there is none of that name
 */
export function createChip(preset: PresetId | Preset | (string & {}), options: ChipOptions = {}): SimulatedChip {
  if (typeof preset !== "string") return new SimulatedChip(preset, options);
  const found = findPreset(preset);
  if (found === undefined) {
    const known = [...Object.keys(PRESETS), ...Object.keys(LOADER_PRESETS)].join(", ");
    throw new RangeError(`no simulated chip is called "${preset}"; there are ${known}`);
  }
  return new SimulatedChip(found, options);
}
