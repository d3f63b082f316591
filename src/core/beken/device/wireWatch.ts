/**
 * What is on the wire while a chip is waited for: nothing, our own bytes, firmware that prints, a sender at another rate, bytes that come
 * only while something is sent, a chip that runs only while a line is asserted. Bytes may come cut anywhere. Sends nothing.
 */
import { concat } from "../../base/bytes";
import type { LinkReading, WireState } from "../../driver/driverEvents";
import { LineReader, isText, type HeardLine } from "../../monitor/logLines";
import { readSign } from "../../monitor/logSigns";
import { measureRate } from "../../monitor/measuredRate";
import type { FirmwareFacts } from "../../monitor/signTypes";
import type { ControlLines } from "../../transport/transport";
import type { DecoderDiagnosis } from "../protocol/decoder";
import { START_BAUD, type LineObserver } from "../protocol/line";

/** As many of the latest bytes are looked at. */
const WINDOW = 256;
const LEAST_TEXT = 16;
/** What comes so long after the last byte was sent comes by itself: adapters hold answers back for up to 16 ms. */
const PROMPTED_MS = 40;
/** Bytes that come by themselves are there within this, or there are none. */
const QUIET_MS = 150;
/** Nothing was waited for in less: what had come before was read in pieces. */
const SAME_LOOK_MS = 2;
/** A sender may stand still for as long as one pause; not for each of these. */
const LEAST_PAUSES = 2;
/** Fewer bytes may be a glitch of the supply. */
const LEAST_BYTES = 6;
/** Bytes that come with what is sent come again and again, and for so long: else it was one burst. */
const LEAST_TIMES = 4;
const LEAST_SPAN_MS = 200;
/** Crosstalk comes with nearly all that is sent; somebody who sends now and then does not. */
const MOST_APART_MS = 50;
/** Our own bytes come back at once, or not any more: the wires were changed. */
const ECHO_MS = 1_000;
/** What nothing explains, and does not come again, tells nothing of the wire as it is now. */
const UNEXPLAINED_MS = 5_000;
/** Bytes after so long a pause may be of another wire. */
const PAUSE_MS = 10_000;

/** What came since the wires were seen to be the same, and what it says. */
class Heard {
  recent = new Uint8Array(0);
  readonly reader = new LineReader();
  firmware: FirmwareFacts | undefined;
  bootCode: string | undefined;
  /** When the last line came that says whose it is. */
  namedAt = -Infinity;
  readableAt: number | undefined;
  latestAt = -Infinity;
  /** Bytes while a line is asserted, and while all are released; and in how many assertions. */
  readonly came = { asserted: 0, released: 0, assertions: 0 };
  startedAsserted = false;
  releasedMs = 0;
  unprompted = 0;
  /** With what is sent: bytes, times, from and to, and times since nothing was sent for a while. */
  readonly prompted = { bytes: 0, times: 0, from: Infinity, to: -Infinity, again: 0 };
  /** Nothing was sent for so long, and in so many pauses long enough to hear what comes by itself. */
  pausedMs = 0;
  pauses = 0;
}

export class WireWatch implements LineObserver {
  private now = 0;
  private is = new Heard();
  private isAsserted = false;
  private inThisAssertion = false;
  private linesAt: number | undefined;
  private sentAt = -Infinity;
  /** When the host began to wait for bytes: this time, the time before, and the one before that. */
  private readonly looks: [number, number, number] = [-Infinity, -Infinity, -Infinity];
  private echoes = 0;
  private echoAt: number | undefined;

  /** @param lateMs how late a network between may bring what comes at once */
  constructor(private readonly lateMs: () => number = () => 0) {}

  /** Lines were set; they are released before. @param at ms on the clock of all calls */
  lines({ dtr, rts }: ControlLines, at: number): void {
    this.now = at;
    if (!this.isAsserted && this.linesAt !== undefined) this.is.releasedMs += at - this.linesAt;
    this.linesAt = at;
    if (this.isAsserted !== (dtr || rts)) this.inThisAssertion = false;
    this.isAsserted = dtr || rts;
  }

  looking(at: number): void {
    this.now = at;
    if (at - this.looks[2] < SAME_LOOK_MS) return;
    this.looks[0] = this.looks[1];
    this.looks[1] = this.looks[2];
    this.looks[2] = at;
  }

  /**
   * All that came before has been heard. A host that was busy hears late, but all that is there at the latest once it has
   * waited a second time.
   */
  private get heardUntil(): number {
    return this.looks[0];
  }

  private get promptedMs(): number {
    return PROMPTED_MS + this.lateMs();
  }

  sent(at: number): void {
    this.now = at;
    const { is, sentAt, promptedMs } = this;
    if (at - sentAt > promptedMs && sentAt > -Infinity) {
      is.pausedMs += at - sentAt - promptedMs;
      if (this.heardUntil - sentAt - promptedMs >= QUIET_MS) is.pauses++;
      is.prompted.again = 0;
    }
    this.sentAt = at;
  }

  /** @param baudRate of the host's side */
  heard(bytes: Uint8Array, baudRate: number, at: number): void {
    // The rest of what came back is our own as well.
    if (this.echoAt !== undefined && at - this.echoAt < this.promptedMs) return;
    if (at - this.is.latestAt > PAUSE_MS && this.is.latestAt > -Infinity) this.is = new Heard();
    const { is } = this;
    this.now = at;
    this.linesAt ??= at;
    is.latestAt = at;
    if (baudRate !== START_BAUD) {
      if (bytes.length >= LEAST_TEXT && isText(bytes) && looksLikeText(bytes)) is.readableAt = baudRate;
      return;
    }
    is.came[this.isAsserted ? "asserted" : "released"] += bytes.length;
    if (this.isAsserted && !this.inThisAssertion) is.came.assertions++;
    this.inThisAssertion = this.isAsserted;
    // What may have come at either time tells neither.
    if (this.heardUntil - this.sentAt > this.promptedMs) is.unprompted += bytes.length;
    else if (at - this.sentAt <= this.promptedMs) this.cameWithWhatWasSent(bytes.length, at);
    is.recent = concat(is.recent, bytes).slice(-WINDOW);
    for (const line of is.reader.push(bytes, at)) this.read(line, at);
  }

  private cameWithWhatWasSent(bytes: number, at: number): void {
    const { prompted } = this.is;
    prompted.bytes += bytes;
    if (at > prompted.to) {
      prompted.times++;
      prompted.again++;
    }
    prompted.from = Math.min(prompted.from, at);
    prompted.to = at;
  }

  private read(line: HeardLine, at: number): void {
    const { is } = this;
    const sign = readSign(line);
    if (sign?.kind === "firmware") is.firmware = { ...is.firmware, ...sign.firmware };
    else if (sign?.kind === "speaks") is.firmware ??= { kind: sign.firmware };
    else if (sign?.kind === "boot-code") is.bootCode = sign.version;
    else return;
    is.namedAt = at;
    if (this.isAsserted && sign.kind === "boot-code") is.startedAsserted = true;
  }

  /** @param seen what the decoder of replies has made of the same bytes */
  reading({ bytesSeen, echoes }: Pick<DecoderDiagnosis, "bytesSeen" | "echoes">): LinkReading {
    const read = (wire: WireState, more: Omit<LinkReading, "wire" | "bytesSeen"> = {}): LinkReading => ({
      wire,
      bytesSeen,
      ...more,
    });
    if (this.isEcho(echoes)) return read("echo");
    const { is } = this;
    const age = this.now - is.latestAt;
    if (bytesSeen === 0 || age === Infinity) return read("silence");
    const { asserted, released, assertions } = is.came;
    const isHeard = asserted >= LEAST_BYTES && (assertions > 1 || is.startedAsserted);
    if (isHeard && released === 0 && is.releasedMs >= QUIET_MS) return read("held");
    const isTextNow = is.recent.length >= LEAST_TEXT && isText(is.recent) && looksLikeText(is.recent);
    const name = is.firmware === undefined ? is.bootCode : nameOf(is.firmware);
    if (name !== undefined && (isTextNow || is.latestAt - is.namedAt < PAUSE_MS))
      return read("log-text", { firmware: name });
    if (isTextNow) return read("log-text");
    if (is.readableAt !== undefined) return read("other-speed", { rate: { baud: is.readableAt, orSlower: false } });
    if (age > UNEXPLAINED_MS) return read("silence");
    const rate = measureRate(is.recent, START_BAUD);
    if (rate?.orSlower === false) return read("other-speed", { rate });
    // Only what comes without being asked for was sent by somebody.
    if (is.unprompted === 0 && is.prompted.again >= LEAST_TIMES && this.isPrompted && is.pauses >= LEAST_PAUSES)
      return read("crossed");
    return rate ? read("other-speed", { rate }) : read("noise");
  }

  private isEcho(echoes: number): boolean {
    if (echoes > this.echoes) {
      this.echoAt = this.now;
      this.is = new Heard();
    }
    this.echoes = echoes;
    if (this.echoAt !== undefined && this.now - this.echoAt > ECHO_MS) this.echoAt = undefined;
    return this.echoAt !== undefined;
  }

  private get isPrompted(): boolean {
    const { pausedMs, prompted } = this.is;
    const { bytes, times, from, to } = prompted;
    if (bytes < LEAST_BYTES || times < LEAST_TIMES || to - from < LEAST_SPAN_MS) return false;
    return times >= (to - from - pausedMs) / MOST_APART_MS;
  }

  /**
   * True when bytes come with what is sent that nothing explains, until they were listened for often enough: whether they come by
   * themselves is heard while nothing is sent. Not for a single burst, with which a chip may just be starting that is not to be missed.
   */
  get needsQuiet(): boolean {
    const { is, echoAt } = this;
    if (echoAt !== undefined || is.firmware !== undefined || is.bootCode !== undefined) return false;
    if (is.pauses >= LEAST_PAUSES || is.prompted.again < LEAST_TIMES) return false;
    return this.isPrompted && is.unprompted === 0 && !isText(is.recent);
  }
}

/** Text has letters, of whatever script; frames and rubbish that happen to be printable have few. */
function looksLikeText(bytes: Uint8Array): boolean {
  const letters = bytes.filter(
    (byte) => (byte >= 0x61 && byte <= 0x7a) || (byte >= 0x41 && byte <= 0x5a) || byte === 0x20 || byte >= 0x80,
  );
  return letters.length >= bytes.length / 4;
}

const BRANDS = { esphome: "ESPHome", libretiny: "LibreTiny", openbeken: "OpenBeken", tuya: "Tuya", sdk: "Beken SDK" };

/** Brand, project and version as they call themselves: the same in every language. */
function nameOf({ kind, project, version }: FirmwareFacts): string {
  if (kind === "openbeken" && project !== undefined) return [project, version].filter(Boolean).join(" ");
  return [BRANDS[kind], version, project && `(${project})`].filter(Boolean).join(" ");
}
