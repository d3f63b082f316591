/** What a fault is, where one can strike, and what it can do to the scenario. */
import type { Behaviour } from "../../src/simulator/index";
import type { DiskFaults } from "./disk";
import type { Random } from "./random";
import type { LineFaults, VirtualLine } from "./world";

/** How much of everything the undisturbed job needs: where a fault can strike. */
export interface Extent {
  readonly hostBytes: number;
  readonly hostWrites: number;
  readonly chipBytes: number;
  readonly commands: number;
  readonly flashOperations: number;
  readonly events: number;
  readonly diskSteps: number;
  /** Simulated. */
  readonly ms: number;
}

export interface Fault {
  readonly behaviour?: Behaviour;
  readonly line?: LineFaults;
  readonly disk?: DiskFaults;
  /** The process is killed at this event of each disturbed attempt. */
  readonly killAtEvent?: readonly number[];
  /** How many attempts it disturbs; 1 when left out. */
  readonly attempts?: number;
  /** The status register is locked until the chip has been without power. */
  readonly lockedStatus?: boolean;
  /** What somebody else does to the chip between the attempts. */
  readonly meddled?: boolean;
  /** No job may end by it. */
  readonly isSurvived?: boolean;
  /** It goes on for so long, whoever is on the line. */
  readonly lastsMs?: number;
  /** Bytes change on their way to the chip, which may take a frame for another. */
  readonly damagesFrames?: boolean;
  readonly describe: string;
}

export interface FaultSettings {
  readonly extent: Extent;
  readonly random: Random;
  /** False from the moment at which everything is to be sound again. */
  readonly active: () => boolean;
  /** The chip is switched on again after so many ms. */
  readonly powerOnIn: (ms: number) => void;
  /** The chip starts anew. */
  readonly powerCycle: () => void;
  /** The host does nothing for so many ms, while the chip goes on. */
  readonly standStill: (ms: number) => void;
  /** The adapter is pulled out, and plugged in again after so many ms. */
  readonly unplug: (line: VirtualLine, ms: number) => void;
}

export type MakeFault = (settings: FaultSettings) => Fault;
