/** What the page itself knows while a dump is explored: where the cursor is, what is selected, what is typed. Lost with the page. */
import type { DumpView } from "../../src/shared/dumpView";
import type { FromImageViewer } from "../../src/shared/messages";
import type { Context } from "../viewContext";
import { ByteCache } from "./byteCache";

/** A half-open range of addresses. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

export interface Selection extends Range {
  readonly name: string;
}

export class ExplorerState {
  cursor = 0;
  selected: Selection | undefined;
  /** What was found last. */
  found: Range | undefined;
  jump = { at: 0, count: 0 };
  /** What stands in the boxes. */
  address = "";
  query = "";
  as: "text" | "hex" = "text";
  /** The address was none of this file. */
  isBeyond = false;
  readonly bytes: ByteCache;
  private turn = 0;
  private size = -1;

  constructor(ask: (start: number, length: number) => void) {
    this.bytes = new ByteCache(ask);
  }

  /** Another state of the host's: goes where it wants. */
  follow({ generation, size, goTo }: DumpView): void {
    this.bytes.belongsTo(generation);
    if (size !== this.size) {
      this.size = size;
      this.selected = undefined;
      this.found = undefined;
    }
    if (goTo === undefined) this.found = undefined;
    else if (goTo.turn !== this.turn) {
      this.turn = goTo.turn;
      this.found = { start: goTo.start, end: goTo.end };
      this.go(goTo.start);
    }
  }

  go(at: number): void {
    this.jump = { at, count: this.jump.count + 1 };
  }
}

/** Of a page that explores a file. */
export interface DumpContext extends Context {
  readonly send: (intent: FromImageViewer) => void;
  readonly explorer: ExplorerState;
}

export interface DumpProps {
  readonly dump: DumpView;
  readonly context: DumpContext;
}

/** Digits with or without 0x; undefined for anything else. */
export function addressOf(text: string): number | undefined {
  const digits = /^\s*(?:0x)?([0-9a-f]{1,8})h?\s*$/i.exec(text)?.[1];
  return digits === undefined ? undefined : parseInt(digits, 16);
}

/** Bytes in a row, by the width of the page in pixels. */
export function bytesInRow(width: number): number {
  return width >= 620 ? 16 : width >= 400 ? 8 : 4;
}
