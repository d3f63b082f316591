/**
 * Collects what is found out about one file while it is being recognised and turns it into a FirmwareImage.
 * The first failed check or refusal decides; knows no format.
 */
import { hexAddress } from "../../base/bytes";
import type { ErrorContext, FlasherErrorCode } from "../../base/errors";
import { listed, words, type Text, type Words } from "../../base/words";
import type { ChipId, ChipSign } from "../chips/types";
import type {
  BootCodePart,
  FirmwareImage,
  ImageCheck,
  ImageFact,
  ImageFormatId,
  ImageKey,
  Refusal,
  Segment,
} from "./firmwareImage";

/** The end of what 24-bit flash addresses reach, exclusive. */
export const ADDRESS_LIMIT = 0x1000000;

/** One check with, where it failed, the facts an error shows. */
export interface Finding extends ImageCheck {
  readonly context?: ErrorContext;
}

export interface Recognised {
  readonly format: ImageFormatId;
  readonly label: Words;
  readonly chips?: readonly ChipId[] | "any";
  readonly signs?: readonly ChipSign[] | undefined;
  readonly key?: ImageKey | undefined;
  readonly segments?: readonly Segment[];
  readonly bootCode?: BootCodePart | undefined;
}

/** A check of the part that goes over the air, told apart from that of the part for a flasher. */
export function overTheAir(name: Words): Words {
  return words`Over-the-air part: ${name}`;
}

/** A check that does not hold, in one phrase. */
export function whatIsBad({ name, detail }: { readonly name: Words; readonly detail?: Text | undefined }): Words {
  return words`${name}: ${detail ?? words`does not hold`}`;
}

/** What does not hold and where, as it follows a colon. */
export function whereBad({ name, detail, context }: Finding): Text {
  const what = detail ?? name;
  return context?.address === undefined ? what : words`${what} (${hexAddress(context.address)})`;
}

/** @param code in kebab-case, as the user guide lists it */
export function warningOf(code: string, facts: Words): Words {
  return words`${code}: ${facts}`;
}

export function isWarning({ values: [code] }: Words, wanted: string): boolean {
  return code === wanted;
}

export class ImageReport {
  private readonly checks: ImageCheck[] = [];
  private readonly warnings: Words[] = [];
  private readonly details: ImageFact[] = [];
  private refusal: Refusal | undefined;

  /**
   * @param bytes the content of the file
   * @param behind how many bytes of the file lie behind it
   */
  constructor(
    readonly fileName: string,
    readonly bytes: Uint8Array,
    private readonly behind = 0,
  ) {
    if (behind > 0)
      this.warn(
        "bytes-behind-end",
        words`${behind} bytes at ${hexAddress(bytes.length)} lie behind the end of the content: they are ignored and never written`,
      );
  }

  get refused(): boolean {
    return this.refusal !== undefined;
  }

  /** Notes a check; a bad one refuses the file as corrupt unless it was refused before. */
  add(...findings: readonly Finding[]): void {
    for (const { name, verdict, detail, context } of findings) {
      const where = context?.address === undefined ? undefined : words`at ${hexAddress(context.address)}`;
      const values =
        context?.expected === undefined
          ? undefined
          : words`expected ${context.expected}, got ${context.actual ?? words`nothing`}`;
      const facts = [detail, where, values].filter((part) => part !== undefined);
      this.checks.push(facts.length === 0 ? { name, verdict } : { name, verdict, detail: listed(facts) });
      if (verdict === "bad") this.refuse("image-corrupt", { ...context, detail: whatIsBad({ name, detail }) });
    }
  }

  ok(name: Words, detail?: Text): void {
    this.checks.push(detail === undefined ? { name, verdict: "ok" } : { name, verdict: "ok", detail });
  }

  bad(name: Words, detail: Text, context: ErrorContext = {}): void {
    this.add({ name, verdict: "bad", detail, context });
  }

  /** A check that does not hold but does not make the file unusable by itself. */
  note(name: Words, verdict: ImageCheck["verdict"], detail: Text): void {
    this.checks.push({ name, verdict, detail });
  }

  refuse(code: FlasherErrorCode, context: ErrorContext): void {
    this.refusal ??= { code, context: { file: this.fileName, ...context } };
  }

  /** `code` in kebab-case, then the facts. */
  warn(code: string, facts: Words): void {
    this.warnings.push(warningOf(code, facts));
  }

  fact(name: Words, value: Text): void {
    this.details.push({ name, value });
  }

  facts(rows: readonly ImageFact[]): void {
    this.details.push(...rows);
  }

  finish(what: Recognised): FirmwareImage {
    const segments = what.segments ?? [];
    for (const { address, data } of segments) {
      if (address >= 0 && address + data.length <= ADDRESS_LIMIT) continue;
      this.refuse("plan-out-of-range", { address, length: data.length, detail: words`flash addresses have 24 bits` });
    }
    if (segments.length === 0)
      this.refuse("image-not-flashable", { detail: words`nothing in it can be written over serial` });
    if (this.refusal === undefined) {
      for (const { address, data, from } of segments) {
        this.fact(
          words`Writes`,
          words`${hexAddress(address)}..${hexAddress(address + data.length)} (${data.length} bytes): ${from}`,
        );
      }
    }
    return {
      format: what.format,
      label: what.label,
      fileName: this.fileName,
      fileSize: this.bytes.length + this.behind,
      chips: what.chips ?? "any",
      ...(what.signs !== undefined && { signs: what.signs }),
      key: what.key,
      ...(what.bootCode && { bootCode: what.bootCode }),
      segments: this.refusal === undefined ? segments : [],
      refusal: this.refusal,
      checks: this.checks,
      warnings: this.warnings,
      details: this.details,
    };
  }
}
