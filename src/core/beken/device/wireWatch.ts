/**
 * What is on the wire while a chip is waited for: nothing, our own bytes, firmware that prints, a sender at another rate, bytes that come
 * only while something is sent, a chip that runs only while a line is asserted. Bytes may come cut anywhere. Sends nothing.
 */
import { concat } from "../../base/bytes";
import type { LinkReading, WireState } from "../../driver/driverEvents";
import { LineReader, isText } from "../../monitor/logLines";
import { readSign } from "../../monitor/logSigns";
import { measureRate } from "../../monitor/measuredRate";
import type { FirmwareFacts } from "../../monitor/signTypes";
import type { ControlLines } from "../../transport/transport";
import type { DecoderDiagnosis } from "../protocol/decoder";
import { START_BAUD } from "../protocol/line";

/** As many of the latest bytes are looked at. */
const WINDOW = 256;
const LEAST_TEXT = 16;
/** What comes so long after the last byte was sent comes by itself: adapters hold answers back for up to 16 ms. */
const PROMPTED_MS = 40;
/** Bytes that come by themselves are there within this, or there are none. */
const QUIET_MS = 150;
/** Fewer bytes may be a glitch of the supply. */
const LEAST_BYTES = 6;

export class WireWatch {
  private recent = new Uint8Array(0);
  private readonly reader = new LineReader();
  private firmware: FirmwareFacts | undefined;
  private bootCode: string | undefined;
  private isAsserted = false;
  private linesAt: number | undefined;
  private releasedMs = 0;
  private readonly came = { prompted: 0, unprompted: 0, asserted: 0, released: 0 };
  private sentAt = -Infinity;
  private quietMs = 0;
  private readableAt: number | undefined;

  /** Lines were set; they are released before. @param at ms on the clock of all calls */
  lines({ dtr, rts }: ControlLines, at: number): void {
    if (!this.isAsserted && this.linesAt !== undefined) this.releasedMs += at - this.linesAt;
    this.linesAt = at;
    this.isAsserted = dtr || rts;
  }

  sent(at: number): void {
    this.quietMs += Math.max(0, Math.min(at - this.sentAt, 10 * QUIET_MS) - PROMPTED_MS);
    this.sentAt = at;
  }

  /** @param baudRate of the host's side */
  heard(bytes: Uint8Array, baudRate: number, at: number): void {
    this.linesAt ??= at;
    if (baudRate !== START_BAUD) {
      if (bytes.length >= LEAST_TEXT && isText(bytes) && looksLikeText(bytes)) this.readableAt = baudRate;
      return;
    }
    this.came[this.isAsserted ? "asserted" : "released"] += bytes.length;
    this.came[at - this.sentAt > PROMPTED_MS ? "unprompted" : "prompted"] += bytes.length;
    this.recent = concat(this.recent, bytes).slice(-WINDOW);
    for (const line of this.reader.push(bytes, at)) {
      const sign = readSign(line);
      if (sign?.kind === "firmware") this.firmware = { ...this.firmware, ...sign.firmware };
      else if (sign?.kind === "speaks") this.firmware ??= { kind: sign.firmware };
      else if (sign?.kind === "boot-code") this.bootCode = sign.version;
    }
  }

  /** @param seen what the decoder of replies has made of the same bytes */
  reading({ bytesSeen, echoes }: Pick<DecoderDiagnosis, "bytesSeen" | "echoes">): LinkReading {
    const read = (wire: WireState, more: Omit<LinkReading, "wire" | "bytesSeen"> = {}): LinkReading => ({
      wire,
      bytesSeen,
      ...more,
    });
    if (bytesSeen === 0) return read("silence");
    if (echoes > 0) return read("echo");
    const { asserted, released, prompted, unprompted } = this.came;
    if (asserted >= LEAST_BYTES && released === 0 && this.releasedMs >= QUIET_MS) return read("held");
    const name = this.firmware === undefined ? this.bootCode : nameOf(this.firmware);
    if (name !== undefined) return read("log-text", { firmware: name });
    if (this.recent.length >= LEAST_TEXT && isText(this.recent) && looksLikeText(this.recent)) return read("log-text");
    if (this.readableAt !== undefined) return read("other-speed", { rate: { baud: this.readableAt, orSlower: false } });
    const rate = measureRate(this.recent, START_BAUD);
    if (rate) return read("other-speed", { rate });
    const onlyWhileSending = prompted >= LEAST_BYTES && unprompted === 0 && this.quietMs >= QUIET_MS;
    return read(onlyWhileSending ? "crossed" : "noise");
  }

  /** True once, when bytes came that nothing explains: whether they come by themselves is heard while nothing is sent. */
  get needsQuiet(): boolean {
    return this.came.prompted >= LEAST_BYTES && this.came.unprompted === 0 && this.quietMs < QUIET_MS;
  }
}

/** Text has letters; frames and rubbish that happen to be printable have few. */
function looksLikeText(bytes: Uint8Array): boolean {
  const letters = bytes.filter(
    (byte) => (byte >= 0x61 && byte <= 0x7a) || (byte >= 0x41 && byte <= 0x5a) || byte === 0x20,
  );
  return letters.length >= bytes.length / 4;
}

const BRANDS = { esphome: "ESPHome", libretiny: "LibreTiny", openbeken: "OpenBeken", tuya: "Tuya", sdk: "Beken SDK" };

/** Brand, project and version as they call themselves: the same in every language. */
function nameOf({ kind, project, version }: FirmwareFacts): string {
  if (kind === "openbeken" && project !== undefined) return [project, version].filter(Boolean).join(" ");
  return [BRANDS[kind], version, project && `(${project})`].filter(Boolean).join(" ");
}
