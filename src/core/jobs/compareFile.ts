/** Compares the chip with a file, and says by partition what differs. Changes nothing. */
import { hexAddress } from "../base/bytes";
import { ImageError, OperationError } from "../base/errors";
import { lengthOf, rangeOf } from "../base/ranges";
import { listed, words, type Words } from "../base/words";
import type { ChipIdentity } from "../beken/chips/types";
import { contentOf } from "../beken/images/contentEnd";
import type { FirmwareImage } from "../beken/images/firmwareImage";
import { fitToKey } from "../beken/images/rekey";
import { byPartition, calibrationIn, comparedSegments, differenceWords, partWords } from "../plan/comparison";
import type { JobRequest, JobResult, Run } from "./events";
import { note, type JobContext } from "../driver/jobContext";
import { compareSegments } from "./verifyFlash";

type VerifyRequest = Extract<JobRequest, { readonly kind: "verify" }>;

/** @throws OperationError `verify-failed` with everything that differs, by partition */
export async function* compareFile(context: JobContext, request: VerifyRequest, file: FirmwareImage): Run<JobResult> {
  const { identity: chip } = context;
  const image = request.rekey === true ? fitToKey(file, chip.key) : file;
  // What is re-keyed is the application; the rest of such a file is for another chip.
  const segments = image === file ? comparedSegments(image, contentOf(request.file.bytes)) : image.segments;
  const ranges = segments.map(({ address, data }) => rangeOf(address, data.length));
  const tooLong = ranges.find(({ end }) => end > chip.flash.size);
  if (tooLong)
    throw new ImageError("image-too-large", words`compare ${image.fileName}`, {
      file: image.fileName,
      length: tooLong.end,
      expected: words`at most ${hexAddress(chip.flash.size)} bytes of flash`,
      actual: hexAddress(tooLong.end),
    });
  const calibration = calibrationIn(segments, chip);
  const compared = byPartition(ranges, chip, calibration);
  yield note("info", "compared", { detail: partWords(compared) });
  const wrong = yield* compareSegments(context, segments);
  const [first] = wrong;
  if (first) {
    const differences = byPartition(wrong, chip, calibration);
    throw new OperationError("verify-failed", words`compare ${image.fileName} with the chip`, {
      file: image.fileName,
      address: first.start,
      length: first.end - first.start,
      ...first.facts,
      detail: withStart(differenceWords(differences), chip),
      differences,
    });
  }
  return { kind: "verify", chip, bytesRead: lengthOf(ranges), verified: true, compared };
}

/** What a comparison found, and what the chip does with it: a file that was not written as a whole may start nothing. */
function withStart(found: Words, { start }: ChipIdentity): Words {
  if (!start || start.starts === "yes") return found;
  const why = listed(
    start.reasons.map(({ words: told }) => told),
    "; ",
  );
  return start.starts === "no"
    ? words`${found}; as it is, the chip does not start: ${why}`
    : words`${found}; whether the chip starts as it is, is not known: ${why}`;
}
