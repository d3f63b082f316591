/**
 * What the course of a job tells about its failure: where the trouble was before it ended. Watches events, decides nothing
 * on the way.
 */
import { alignDown } from "../base/bytes";
import { isCancelled, type FlasherError, type FlasherErrorCode, type Suspect } from "../base/errors";
import { STRICTEST, geometryOf } from "../beken/chips/strictGeometry";
import type { JobEvent, Phase } from "./events";

/** The chip was not heard, or not understood. */
const ON_THE_LINE: ReadonlySet<FlasherErrorCode> = new Set([
  "reply-timeout",
  "reply-invalid",
  "no-link-silence",
  "no-link-noise",
  "read-crc-mismatch",
]);

/** The flash is not as it should be. */
const IN_THE_FLASH: ReadonlySet<FlasherErrorCode> = new Set(["erase-failed", "write-failed", "verify-failed"]);

export class FailureDiagnosis {
  private phase: Phase | undefined;
  private reached = 0;
  private erased = false;
  /** The adapter was away for a while. */
  private unplugged = false;
  /** Sectors at which something had to be done again, each as often as it was. */
  private readonly troubles: number[] = [];
  /** Of this chip's flash. */
  private sector = STRICTEST.sector;

  watch(event: JobEvent): void {
    switch (event.type) {
      case "identified":
        this.sector = geometryOf(event.chip).sector;
        return;
      case "phase-started":
        this.phase = event.phase;
        return;
      case "phase-finished":
        this.phase = undefined;
        return;
      case "progress":
        this.reached = event.address + event.length;
        this.erased ||= event.phase === "erase";
        return;
      case "note":
        if (event.code === "retry" || event.code === "repair")
          this.troubles.push(this.sectorOf(event.context.address ?? this.reached));
        this.unplugged ||= event.code === "adapter-lost";
        return;
      default:
        return;
    }
  }

  suspect(error: FlasherError): Suspect | undefined {
    const { code, context } = error;
    if (isCancelled(error)) return undefined;
    if (code === "port-lost" || (this.unplugged && ON_THE_LINE.has(code))) return "cable";
    if (ON_THE_LINE.has(code) && this.phase === "erase" && !this.erased) return "power";
    const places = new Set(this.troubles);
    if (IN_THE_FLASH.has(code) || code === "read-crc-mismatch") {
      const place = this.sectorOf(context.address ?? this.reached);
      const again = this.troubles.filter((trouble) => trouble === place).length;
      if ((context.attempts ?? 0) + again >= 2 && [...places].every((trouble) => trouble === place)) return "place";
    }
    return places.size >= 2 ? "line" : undefined;
  }

  private sectorOf(address: number): number {
    return alignDown(address, this.sector);
  }
}
