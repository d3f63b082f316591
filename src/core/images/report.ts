/**
 * Collects what is found out about one file while it is being recognised and turns it into a FirmwareImage.
 * The first failed check or refusal decides; knows no format.
 */
import { hexAddress } from "../base/bytes";
import type { ErrorContext, FlasherErrorCode } from "../base/errors";
import type { ChipId } from "../chips/types";
import type { FirmwareImage, ImageCheck, ImageFormatId, ImageKey, Refusal, Segment } from "./image";

/** The end of what 24-bit flash addresses reach, exclusive. */
export const ADDRESS_LIMIT = 0x1000000;

/** One check with, where it failed, the facts an error shows. */
export interface Finding extends ImageCheck {
  readonly context?: ErrorContext;
}

export interface Recognised {
  readonly format: ImageFormatId;
  readonly label: string;
  readonly chips?: readonly ChipId[] | "any";
  readonly key?: ImageKey | undefined;
  readonly segments?: readonly Segment[];
}

export class ImageReport {
  private readonly checks: ImageCheck[] = [];
  private readonly warnings: string[] = [];
  private readonly details: { readonly name: string; readonly value: string }[] = [];
  private refusal: Refusal | undefined;

  constructor(
    readonly fileName: string,
    readonly bytes: Uint8Array,
  ) {}

  get refused(): boolean {
    return this.refusal !== undefined;
  }

  /** Notes a check; a bad one refuses the file as corrupt unless it was refused before. */
  add(...findings: readonly Finding[]): void {
    for (const { name, verdict, detail, context } of findings) {
      const where = context?.address === undefined ? undefined : `at ${hexAddress(context.address)}`;
      const values =
        context?.expected === undefined
          ? undefined
          : `expected ${context.expected}, got ${context.actual ?? "nothing"}`;
      const words = [detail, where, values].filter((part) => part !== undefined).join(", ");
      this.checks.push(words === "" ? { name, verdict } : { name, verdict, detail: words });
      if (verdict === "bad")
        this.refuse("image-corrupt", { ...context, detail: `${name}: ${detail ?? "does not hold"}` });
    }
  }

  ok(name: string, detail?: string): void {
    this.checks.push(detail === undefined ? { name, verdict: "ok" } : { name, verdict: "ok", detail });
  }

  bad(name: string, detail: string, context: ErrorContext = {}): void {
    this.add({ name, verdict: "bad", detail, context });
  }

  /** A check that does not hold but does not make the file unusable by itself. */
  note(name: string, verdict: ImageCheck["verdict"], detail: string): void {
    this.checks.push({ name, verdict, detail });
  }

  refuse(code: FlasherErrorCode, context: ErrorContext): void {
    this.refusal ??= { code, context: { file: this.fileName, ...context } };
  }

  /** `code` in kebab-case, then the facts. */
  warn(code: string, facts: string): void {
    this.warnings.push(`${code}: ${facts}`);
  }

  fact(name: string, value: string): void {
    this.details.push({ name, value });
  }

  facts(rows: readonly { readonly name: string; readonly value: string }[]): void {
    this.details.push(...rows);
  }

  finish(what: Recognised): FirmwareImage {
    const segments = what.segments ?? [];
    for (const { address, data } of segments) {
      if (address >= 0 && address + data.length <= ADDRESS_LIMIT) continue;
      this.refuse("plan-out-of-range", { address, length: data.length, detail: "flash addresses have 24 bits" });
    }
    if (segments.length === 0)
      this.refuse("image-not-flashable", { detail: "nothing in it can be written over serial" });
    if (this.refusal === undefined) {
      for (const { address, data, from } of segments) {
        this.fact(
          "Writes",
          `${hexAddress(address)}..${hexAddress(address + data.length)} (${data.length} bytes): ${from}`,
        );
      }
    }
    return {
      format: what.format,
      label: what.label,
      fileName: this.fileName,
      fileSize: this.bytes.length,
      chips: what.chips ?? "any",
      key: what.key,
      segments: this.refusal === undefined ? segments : [],
      refusal: this.refusal,
      checks: this.checks,
      warnings: this.warnings,
      details: this.details,
    };
  }
}
