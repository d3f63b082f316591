/** Every kind of name over every kind of content: where the two disagree it is said, whichever of them is right. */
import assert from "node:assert/strict";
import { english } from "../../../src/core/base/words";
import { FORMAT_WORDS } from "../../../src/core/beken/images/formatWords";
import { detectImage } from "../../../src/core/beken/images/detect";
import type { FirmwareImage } from "../../../src/core/beken/images/firmwareImage";
import { bootloader, fullFlash, ota, packed, plainCode, uf2, ug } from "./samples";

const app = packed(0x3000, undefined, undefined, 0x4000);

const CONTENTS = {
  "rbl-partition": app.container,
  "crc-app": app.application,
  "rbl-header": app.header,
  "rbl-ota": ota(900),
  ug: ug(ota(900)),
  uf2: uf2(app),
  "full-dump": fullFlash(app.container),
  bootloader: bootloader(),
  "raw-app": plainCode(0x3000),
} as const;
type Content = keyof typeof CONTENTS;

/** A name of each kind, without chip and offset, and what it may stand for. */
const NAMES: readonly (readonly [name: string, agrees: readonly Content[]])[] = [
  ["app.rbl", ["rbl-partition", "rbl-ota"]],
  ["app.crc", ["crc-app"]],
  ["app.rblh", ["rbl-header"]],
  ["app.ota.rbl", ["rbl-ota"]],
  ["app.ug.bin", ["ug"]],
  ["app.uf2", ["uf2"]],
  ["raw_firmware.bin", ["raw-app"]],
  ["bootloader.bin", ["bootloader", "full-dump"]],
  ["OpenBK7231T_UA_1.17.bin", ["crc-app"]],
  ["OpenBK7231T_UG_1.17.bin", ["ug"]],
  ["OpenBK7231T_QIO_1.17.bin", ["full-dump"]],
  ["anything.bin", Object.keys(CONTENTS) as Content[]],
];

const warned = ({ warnings }: FirmwareImage): boolean => /name-format-differs/.test(warnings.join());

describe("names over content", () => {
  for (const [kind, bytes] of Object.entries(CONTENTS))
    it(`${kind} is what it is without a name`, () => {
      const { format } = detectImage(bytes, "anything.bin");
      // Plain linker output is known by nothing but its name.
      assert.equal(format, kind === "raw-app" ? format : kind);
    });

  for (const [name, agrees] of NAMES)
    for (const [kind, bytes] of Object.entries(CONTENTS) as [Content, Uint8Array][]) {
      const nameSays = agrees.includes(kind);
      it(`${kind} called ${name} ${nameSays ? "is as it is called" : "is not what its name says, and that is told"}`, () => {
        const image = detectImage(bytes, name);
        if (nameSays) {
          assert.equal(warned(image), false);
          assert.notEqual(image.refusal?.code, "image-name-mismatch");
          return;
        }
        assert.ok(warned(image) || image.refusal !== undefined, `taken for ${image.format}, and nothing is said`);
        const saysBoth = image.checks.some(
          ({ name: check, verdict, detail = "" }) =>
            verdict === "bad" &&
            english(check) === "Name and content" &&
            english(detail).includes(english(FORMAT_WORDS[image.format])),
        );
        assert.equal(saysBoth, warned(image) || image.refusal?.code === "image-name-mismatch");
      });
    }
});
