/**
 * Bytes with their text, of files of any length: only the rows in view are drawn, only their bytes are asked for. One stop for the
 * keyboard; a byte at a time is announced. Decides nothing.
 */
import { Component, createRef, type VNode } from "preact";
import { fill, hexAddress } from "../../src/shared/figures";
import type { Range } from "./explorerState";
import type { ByteCache } from "./byteCache";
import type { Strings } from "../../src/shared/strings";

export interface HexProps {
  readonly size: number;
  readonly bytes: ByteCache;
  /** Of the bytes: another one, and all that is drawn is void. */
  readonly generation: number;
  readonly strings: Strings;
  readonly columns: number;
  /** What is marked: what was found, and what was selected. */
  readonly found: Range | undefined;
  readonly selected: Range | undefined;
  readonly changed: readonly Range[];
  /** Where to go; another count is another wish. */
  readonly jump: { readonly at: number; readonly count: number };
  readonly onCursor: (address: number) => void;
}

interface State {
  /** Row at the upper edge; a fraction while it scrolls. */
  readonly top: number;
  readonly cursor: number;
}

const ROWS = 20;
const ROW_PX = 20;
const VIEW_PX = ROWS * ROW_PX;
/** Browsers draw nothing that is much higher; a longer file scrolls by more than it is dragged. */
const HIGHEST_PX = 12_000_000;
/** Rows above what was jumped to. */
const LEAD = 3;

const hasByte = (range: Range | undefined, at: number): boolean =>
  range !== undefined && range.start <= at && at < range.end;

export class HexView extends Component<HexProps, State> {
  override state: State = { top: 0, cursor: 0 };
  private readonly scroller = createRef<HTMLDivElement>();
  private jumped = 0;

  private get rows(): number {
    return Math.max(1, Math.ceil(this.props.size / this.props.columns));
  }

  private get lastTop(): number {
    return Math.max(0, this.rows - ROWS);
  }

  private get height(): number {
    return Math.min(HIGHEST_PX, this.rows * ROW_PX);
  }

  override componentDidMount(): void {
    this.props.bytes.onCome = () => this.forceUpdate();
    this.follow();
  }

  override componentWillUnmount(): void {
    this.props.bytes.onCome = () => undefined;
  }

  override componentDidUpdate(before: HexProps): void {
    // Rows of another length: what was at the upper edge stays there.
    if (before.columns !== this.props.columns) this.scrollTo((this.state.top * before.columns) / this.props.columns);
    this.follow();
  }

  /** Asks for what is in view, and goes where it is to go. */
  private follow(): void {
    const { jump, columns, bytes, size } = this.props;
    if (jump.count !== this.jumped) {
      this.jumped = jump.count;
      this.moveTo(jump.at, true);
      return;
    }
    const first = Math.floor(this.state.top) * columns;
    bytes.need(first, Math.min(size, first + (ROWS + 1) * columns));
  }

  private scrollTo(top: number): void {
    const wanted = Math.min(this.lastTop, Math.max(0, top));
    this.setState({ top: wanted });
    const { current } = this.scroller;
    if (current && this.lastTop > 0) current.scrollTop = (wanted / this.lastTop) * (this.height - VIEW_PX);
  }

  private readonly onScroll = (): void => {
    const { current } = this.scroller;
    const way = this.height - VIEW_PX;
    if (!current || way <= 0) return;
    const top = (Math.min(way, current.scrollTop) / way) * this.lastTop;
    // What was scrolled by a jump is told by the browser once more, rounded.
    if (Math.abs(top - this.state.top) > 1 / ROW_PX) this.setState({ top });
  };

  /** @param leads shows some rows before it, where it was out of view */
  private moveTo(address: number, leads: boolean): void {
    const { columns, size, onCursor } = this.props;
    const cursor = Math.min(Math.max(0, size - 1), Math.max(0, address));
    this.setState({ cursor });
    onCursor(cursor);
    const row = Math.floor(cursor / columns);
    const { top } = this.state;
    if (row < top) this.scrollTo(leads ? row - LEAD : row);
    else if (row > top + ROWS - 1) this.scrollTo(leads ? row - LEAD : row - ROWS + 1);
  }

  private target({ key, ctrlKey, metaKey }: KeyboardEvent): number | undefined {
    const { columns, size } = this.props;
    const { cursor } = this.state;
    const rowStart = cursor - (cursor % columns);
    switch (key) {
      case "ArrowRight":
        return cursor + 1;
      case "ArrowLeft":
        return cursor - 1;
      case "ArrowDown":
        return cursor + columns < size ? cursor + columns : cursor;
      case "ArrowUp":
        return cursor >= columns ? cursor - columns : cursor;
      case "PageDown":
        return cursor + ROWS * columns;
      case "PageUp":
        return cursor - ROWS * columns;
      case "Home":
        return ctrlKey || metaKey ? 0 : rowStart;
      case "End":
        return ctrlKey || metaKey ? size - 1 : rowStart + columns - 1;
      default:
        return undefined;
    }
  }

  private readonly onKeyDown = (event: KeyboardEvent): void => {
    const wanted = this.target(event);
    if (wanted === undefined) return;
    event.preventDefault();
    this.moveTo(wanted, false);
  };

  private readonly onClick = (event: MouseEvent): void => {
    const { target } = event;
    const at = target instanceof HTMLElement ? target.dataset["at"] : undefined;
    if (at !== undefined) this.moveTo(Number(at), false);
  };

  override render(): VNode {
    const { strings, columns } = this.props;
    const { top, cursor } = this.state;
    const { hex: words } = strings;
    const first = Math.floor(top);
    const shown = Math.min(ROWS + 1, this.rows - first);
    const isInView = cursor >= first * columns && cursor < (first + shown) * columns;
    return (
      <>
        <div class="hex-scroll" ref={this.scroller} onScroll={this.onScroll} tabIndex={-1}>
          <div class="hex-length" style={{ height: `${this.height}px` }}>
            <div class="hex-view">
              <div
                role="grid"
                class="hex-grid mono"
                tabIndex={0}
                aria-label={fill(words.grid, columns)}
                aria-describedby="hex-help"
                aria-rowcount={this.rows}
                aria-colcount={columns + 2}
                aria-activedescendant={isInView ? `byte-${cursor}` : undefined}
                onKeyDown={this.onKeyDown}
                onClick={this.onClick}
                style={{ transform: `translateY(${-Math.round((top - first) * ROW_PX)}px)`, "--bytes": columns }}
              >
                {Array.from({ length: shown }, (_, i) => this.row(first + i, i))}
              </div>
            </div>
          </div>
        </div>
        <p class="visually-hidden" id="hex-help">
          {words.help}
        </p>
      </>
    );
  }

  /** @param slot in the view: the elements stay, what they show changes */
  private row(row: number, slot: number): VNode {
    const { columns, size } = this.props;
    const start = row * columns;
    const cells = Array.from({ length: Math.min(columns, size - start) }, (_, i) => start + i);
    return (
      <div role="row" key={slot} class="hex-row" aria-rowindex={row + 1}>
        <span role="rowheader" class="hex-address" aria-colindex={1}>
          {hexAddress(start)}
        </span>
        {cells.map((at, i) => this.cell(at, i))}
        <span role="gridcell" class="hex-text" aria-colindex={columns + 2}>
          {cells.map((at) => characterOf(this.props.bytes.at(at))).join("")}
        </span>
      </div>
    );
  }

  private cell(at: number, column: number): VNode {
    const { bytes, strings, found, selected, changed } = this.props;
    const digits = bytes.at(at);
    const isHidden = digits === "..";
    const marks = [
      "hex-byte",
      isHidden && "hidden",
      hasByte(selected, at) && "selected",
      changed.some((range) => hasByte(range, at)) && "changed",
      hasByte(found, at) && "found",
      at === this.state.cursor && "cursor",
    ];
    const value = isHidden ? strings.hex.hidden : (digits?.toUpperCase() ?? "");
    return (
      <span
        role="gridcell"
        id={`byte-${at}`}
        class={marks.filter(Boolean).join(" ")}
        data-at={at}
        aria-colindex={column + 2}
        aria-selected={at === this.state.cursor}
        aria-label={fill(strings.hex.byte, hexAddress(at), value)}
      >
        {isHidden ? "··" : (digits?.toUpperCase() ?? "  ")}
      </span>
    );
  }
}

/** What a byte is as ASCII; a dot for what is none. */
function characterOf(digits: string | undefined): string {
  const code = digits === undefined ? NaN : parseInt(digits, 16);
  return code >= 0x20 && code < 0x7f ? String.fromCharCode(code) : "·";
}
