/**
 * A firmware file as it was read, and what it was recognised as: looked at once, and handed on from the click or the command to the
 * plan. Plain data.
 */
import type { FirmwareImage } from "./firmwareImage";

export interface NamedFile {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** The names in its folder, to tell which of them to use where this one cannot be. */
  readonly beside?: readonly string[];
  /** What detection has made of it already; counts only for these very bytes, name and address. */
  readonly recognised?: Recognised;
}

export interface Recognised extends Omit<NamedFile, "recognised"> {
  /** The address that a person gave. */
  readonly at?: number;
  readonly image: FirmwareImage;
}

export interface RecognisedFile extends NamedFile {
  readonly recognised: Recognised;
}
