/**
 * What one page shows of the bytes of a file besides the file itself: pieces of it, a search, a comparison, and whether its secrets are
 * shown. Lives as long as the page; knows no webview, and reads no file.
 */
import { needleOf, searchBytes, differencesBetween, type Needle, type Range } from "../../core/index";
import type { ComparisonView, Destination, DumpView, PassportView, SearchView } from "../../shared/dumpView";
import { partNames, toDifferences, toPassportView } from "../../shared/toDumpView";
import { MOST_BYTES } from "../../shared/messages";
import { say } from "../text/l10n";
import type { DumpContent } from "./dumpContent";

/** Places that are kept of a search: more than are stepped through. */
const MOST_FOUND = 10_000;

export interface ExplorerParts {
  /** Something else is to be shown. */
  readonly changed: () => void;
  /** Lets others have their turn: between two pieces of a search. */
  readonly breathe: () => Promise<void>;
  /** The editor's hex editor can open the file. */
  readonly hexEditor: boolean;
}

export class DumpExplorer {
  private content: DumpContent | undefined;
  private generation = 0;
  private secretsShown = false;
  private search: SearchView | undefined;
  private found: number[] = [];
  private needleLength = 0;
  private comparison: ComparisonView | undefined;
  private goTo: Destination | undefined;
  /** Ends the search that runs. */
  private searching = new AbortController();
  private passport:
    { readonly of: DumpContent; readonly withSecrets: boolean; readonly view: PassportView } | undefined;

  constructor(private readonly parts: ExplorerParts) {}

  /** Another file, or another version of it: what was found in the last one is forgotten. */
  show(content: DumpContent | undefined): void {
    if (content === this.content) return;
    this.stop();
    this.content = content;
    this.generation++;
    this.search = undefined;
    this.comparison = undefined;
    this.goTo = undefined;
    this.passport = undefined;
  }

  get view(): DumpView | undefined {
    const { content } = this;
    if (content === undefined) return undefined;
    const { bytes, isFlash, parts, hidden } = content;
    return {
      generation: this.generation,
      size: bytes.length,
      isFlash,
      parts,
      passport: this.passportView(content),
      hidesBytes: hidden.length > 0,
      secretsShown: this.secretsShown,
      hexEditor: this.parts.hexEditor,
      search: this.search,
      comparison: this.comparison,
      goTo: this.goTo,
    };
  }

  /**
   * Bytes of the file as pairs of hex digits; two dots for each that is hidden. What is not in the file is left out.
   * @param length at most {@link MOST_BYTES} are given
   */
  bytes(start: number, length: number): { readonly generation: number; readonly start: number; readonly hex: string } {
    const { generation, content } = this;
    const all = content?.bytes ?? new Uint8Array(0);
    const from = Math.min(Math.max(0, start), all.length);
    const piece = all.subarray(from, Math.min(all.length, from + Math.min(Math.max(0, length), MOST_BYTES)));
    const digits = Array.from(piece, (byte) => byte.toString(16).padStart(2, "0"));
    if (!this.secretsShown)
      for (const range of content?.hidden ?? [])
        digits.fill("..", Math.max(0, range.start - from), Math.max(0, range.end - from));
    return { generation, start: from, hex: digits.join("") };
  }

  /** Asked for by a person, for this page and as long as it is there. */
  showSecrets(shown: boolean): void {
    if (shown === this.secretsShown) return;
    this.secretsShown = shown;
    this.generation++;
    this.parts.changed();
  }

  /** @param from the first place at or behind it is shown */
  async find(text: string, as: "hex" | "text", from: number): Promise<void> {
    this.stop();
    const { content } = this;
    if (content === undefined) return;
    const needle = needleOf(text, as);
    this.found = [];
    if (!("bytes" in needle)) {
      this.search = { text, as, status: "unreadable", problem: say(needle), count: 0, more: false, share: 0 };
      this.parts.changed();
      return;
    }
    const { signal } = (this.searching = new AbortController());
    this.needleLength = needle.bytes.length;
    this.search = { text, as, status: "running", count: 0, more: false, share: 0 };
    this.parts.changed();
    await this.run(content, needle, from, signal);
  }

  private async run({ bytes }: DumpContent, needle: Needle, from: number, signal: AbortSignal): Promise<void> {
    for (const { found, done } of searchBytes(bytes, needle)) {
      const isFull = this.found.length + found.length > MOST_FOUND;
      this.found.push(...found.slice(0, MOST_FOUND - this.found.length));
      this.tell({ count: this.found.length, more: isFull, share: done / Math.max(1, bytes.length) });
      this.place(from, false);
      await this.parts.breathe();
      if (signal.aborted) return;
      if (isFull) break;
    }
    this.tell({ status: "done", share: 1 });
    this.place(from, true);
    this.parts.changed();
  }

  private tell(news: Partial<SearchView>): void {
    if (this.search) this.search = { ...this.search, ...news };
  }

  /** The first place at or behind `from`; once all are known, the first of all where there is none behind. */
  private place(from: number, isAll: boolean): void {
    if (this.search?.index !== undefined || this.found.length === 0) return;
    const behind = this.found.findIndex((at) => at >= from);
    if (behind >= 0) this.stepTo(behind);
    else if (isAll) this.stepTo(0);
  }

  /** The next place that was found, or the one before; from the last on to the first. */
  step(by: 1 | -1): void {
    const { index } = this.search ?? {};
    const count = this.found.length;
    if (index === undefined || count === 0) return;
    this.stepTo((index + by + count) % count);
  }

  private stepTo(index: number): void {
    const at = this.found[index];
    if (at === undefined) return;
    this.tell({ index });
    this.goTo = { start: at, end: at + this.needleLength, turn: (this.goTo?.turn ?? 0) + 1 };
    this.parts.changed();
  }

  /** Ends a search that runs; what was found stays. */
  stop(): void {
    this.searching.abort();
    if (this.search?.status !== "running") return;
    this.tell({ status: "stopped" });
    this.parts.changed();
  }

  /** @param other of another file, as it lies there */
  compareWith(name: string, other: Uint8Array): void {
    const { content } = this;
    if (content === undefined) return;
    const { bytes, passport } = content;
    const lengths = [bytes.length, other.length] as const;
    this.comparison = {
      with: name,
      isChip: false,
      differences: toDifferences(differencesBetween(bytes, other, passport?.partitions ?? []), say),
      lengths: lengths[0] === lengths[1] ? undefined : lengths,
    };
    this.parts.changed();
  }

  /** @param name of the device @param differing stretches in which the chip has something else */
  comparedWithChip(name: string, differing: readonly Range[]): void {
    const map = this.content?.passport?.partitions ?? [];
    this.comparison = {
      with: name,
      isChip: true,
      differences: differing.map(({ start, end }) => ({
        start,
        end,
        parts: partNames(
          map.filter((part) => part.start < end && start < part.end),
          say,
        ),
      })),
    };
    this.parts.changed();
  }

  endComparison(): void {
    this.comparison = undefined;
    this.parts.changed();
  }

  /** Made once for each way to show it: a page asks many times a second while it searches. */
  private passportView(content: DumpContent): PassportView | undefined {
    const { secretsShown: withSecrets } = this;
    if (content.passport === undefined) return undefined;
    const known = this.passport;
    if (known?.of === content && known.withSecrets === withSecrets) return known.view;
    const view = toPassportView(content.passport, withSecrets, say);
    this.passport = { of: content, withSecrets, view };
    return view;
  }
}
