import assert from "node:assert/strict";
import {
  runJob,
  type JobEvent,
  type JobRequest,
  type PortRef,
  type SessionDeps,
  type Transport,
} from "../../../src/core/index";
import { memoryTransport, type SimulatedChip } from "../../../src/simulator/index";
import { collect, never, type Outcome, type Rig } from "./rig";

/** An adapter that can be pulled out and comes up elsewhere, the chip on it without power meanwhile or not. */
export class Bench {
  /** Where it is plugged in; undefined while it is not. */
  path: string | undefined = "/dev/ttyUSB0";
  /** What it is connected to. */
  chip: SimulatedChip;
  readonly opened: string[] = [];
  private transport: { unplug(): void } | undefined;

  constructor(
    private readonly rig: Rig,
    private readonly powersChip = true,
  ) {
    this.chip = rig.chip;
  }

  get deps(): SessionDeps {
    return {
      ...this.rig.deps,
      open: (ref, { baudRate }) => {
        assert.equal(ref.kind === "serial" && ref.path, this.path);
        this.opened.push(this.path ?? "");
        return this.connected(ref, baudRate);
      },
      finder: {
        remember: () =>
          Promise.resolve(() =>
            Promise.resolve(this.path === undefined ? undefined : { kind: "serial", path: this.path }),
          ),
      },
    };
  }

  private async connected(ref: PortRef, baudRate: number): Promise<Transport> {
    if (this.chip === this.rig.chip) {
      const transport = await this.rig.open(ref, { baudRate }, never);
      this.transport = this.rig.transport;
      return transport;
    }
    const transport = memoryTransport(this.chip, { initialBaud: baudRate, controlLines: false });
    this.transport = transport;
    return transport;
  }

  pull(): void {
    this.path = undefined;
    this.transport?.unplug();
    if (this.powersChip) this.chip.powerOff();
  }

  plug(path: string): void {
    this.path = path;
    if (this.powersChip) this.chip.powerOn();
  }

  run(request: JobRequest, onEvent?: (event: JobEvent) => void, linkTimeoutMs = 20_000): Promise<Outcome> {
    const port: PortRef = { kind: "serial", path: "/dev/ttyUSB0" };
    const session = { ...this.rig.sessionOptions, port, linkTimeoutMs };
    return collect(runJob(request, {}, { session, deps: this.deps, signal: never }), onEvent);
  }

  /** Pulled out in the middle of `phase`, or as it begins where that is short; plugged in under another name when asked for. */
  replugsIn(phase: string, also: (event: JobEvent) => void = () => undefined): (event: JobEvent) => void {
    let pulled = false;
    let asked = 0;
    return (event) => {
      also(event);
      const at = ["verify", "check", "identify"].includes(phase) ? "phase-started" : "progress";
      if (!pulled && event.type === at && event.phase === phase) {
        pulled = true;
        this.pull();
      }
      // Looked for more than once before it is there.
      if (event.type === "replugging" && ++asked === 2) this.plug("/dev/ttyUSB3");
    };
  }
}
