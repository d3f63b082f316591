/** Everything that can be found out about a file: what detect.ts finds, and what lies behind encryption and compression. */
import { english } from "../../base/words";
import { contentOf } from "./contentEnd";
import { detectImage } from "./detect";
import type { FirmwareImage } from "./firmwareImage";
import type { DetectOptions } from "./label";
import { hasRblMagic } from "./rblHeader";
import { verifyOta, UG_HEADER_SIZE } from "./rblOta";
import { overTheAir, whatIsBad, type Finding } from "./report";
import { parseUf2 } from "./uf2";
import { planUf2 } from "./uf2Plan";

/** The over-the-air containers inside a file, as bytes from their RBL header on. */
function otaContainers(image: FirmwareImage, bytes: Uint8Array): readonly Uint8Array[] {
  if (image.format === "rbl-ota") return [bytes];
  if (image.format === "ug") return [bytes.subarray(UG_HEADER_SIZE)];
  if (image.format === "uf2")
    return planUf2(parseUf2(bytes), "DEVICE_SINGLE")
      .writes.map(({ data }) => data)
      .filter((data) => hasRblMagic(data));
  return [];
}

/**
 * {@link detectImage}, plus the payload of over-the-air containers decrypted with the default key, unpacked and hashed.
 * Never throws for bad content.
 */
export async function inspectImage(
  bytes: Uint8Array,
  fileName: string,
  options: DetectOptions = {},
): Promise<FirmwareImage> {
  const image = detectImage(bytes, fileName, options);
  const known = new Set(image.checks.map(({ name }) => english(name)));
  const added: Finding[] = [];
  for (const container of otaContainers(image, contentOf(bytes))) {
    for (const finding of await verifyOta(container)) {
      const name = image.format === "uf2" ? overTheAir(finding.name) : finding.name;
      if (!known.has(english(name))) added.push({ ...finding, name });
    }
  }
  const checks = added.map(({ name, verdict, detail }) =>
    detail === undefined ? { name, verdict } : { name, verdict, detail },
  );
  const inspected = { ...image, checks: [...image.checks, ...checks] };
  const bad = added.find(({ verdict }) => verdict === "bad");
  if (bad === undefined || image.refusal !== undefined) return inspected;
  const context = { ...bad.context, file: fileName, detail: whatIsBad(bad) };
  return { ...inspected, segments: [], refusal: { code: "image-corrupt", context } };
}
