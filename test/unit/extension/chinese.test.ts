/**
 * A Chinese editor: the image viewer, the plan dialog and the dashboard hold no English that is not a name, a code or a figure,
 * for genuine builds, damaged and foreign files, backups of every kind, and chips with everything that can be known of them.
 */
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { concat } from "../../../src/core/base/bytes";
import {
  ImageError,
  asFlasherError,
  parsePort,
  words,
  type FirmwareImage,
  type FlashPlan,
} from "../../../src/core/index";
import { assertUsableBase } from "../../../src/core/backup/baseBackup";
import { judgeDump } from "../../../src/core/backup/judgeDump";
import { buildManifest, deviceMark, formatManifest } from "../../../src/core/backup/manifest";
import { assertRestorable, planRestore } from "../../../src/core/backup/planRestore";
import type { RestoreDump } from "../../../src/core/backup/restorePlan";
import { parseManifest } from "../../../src/core/backup/parseManifest";
import { BOOTLOADERS } from "../../../src/core/beken/chips/bootloaders";
import { ZERO_KEY } from "../../../src/core/beken/chips/keys";
import { usualLayout } from "../../../src/core/beken/chips/layouts";
import { PROFILES } from "../../../src/core/beken/chips/profiles";
import { decodeStatusRegister } from "../../../src/core/beken/chips/statusRegister";
import { inspectImage } from "../../../src/core/beken/images/inspect";
import { rekeyImage } from "../../../src/core/beken/images/rekey";
import { planSegments, planWrite } from "../../../src/core/plan/planWrite";
import { chipFacts } from "../../../src/extension/text/chipFacts";
import { errorView } from "../../../src/extension/text/errorText";
import { localised, say } from "../../../src/extension/text/l10n";
import { doubtTitle, planText } from "../../../src/extension/text/planText";
import { toChipView, toImageView, toPlanView, toRestoreView } from "../../../src/shared/views";
import { dumpOf, identityOf, withMac, CALIBRATION } from "../backup/dumps";
import { bootloader, fullFlash, ota, packed, plainCode, PROJECTS, readBytes, uf2, ug } from "../images/samples";
import { WebviewPage } from "../webview/page";
import { leftovers, speakChinese, speakEnglish, stringsIn } from "./inChinese";

interface Named {
  readonly name: string;
  readonly bytes: Uint8Array;
}

const file = (name: string, bytes: Uint8Array): Named => ({ name, bytes });

/** Everything that a build leaves in its folder. */
const BUILDS: readonly Named[] = PROJECTS.flatMap(({ folder }) =>
  readdirSync(folder)
    .filter((name) => /\.(rbl|crc|rblh|uf2|bin|elf|dat)$/.test(name))
    .map((name) => file(name, readBytes(`${folder}/${name}`))),
);
const [BUILD] = PROJECTS;
const RBL = `image_${BUILD.chip}_app.0x011000.rbl`;

function flipped(bytes: Uint8Array, at: number): Uint8Array {
  const copy = bytes.slice();
  copy[at] = (copy[at] ?? 0) ^ 0x40;
  return copy;
}

function oddFiles(): readonly Named[] {
  const container = readBytes(`${BUILD.folder}/${RBL}`);
  const build = readBytes(`${BUILD.folder}/firmware.uf2`);
  const flash = fullFlash(packed(0xc00).container);
  return [
    file(RBL, flipped(container, 0x2345)),
    file(RBL, flipped(container, container.length - 20)),
    file(RBL, container.subarray(0, 0x9001)),
    file(RBL, build),
    file("image_bk7231n_app.0x011000.rbl", container),
    file("image_bk7231t_app.0x012000.rbl", container),
    file("image_rtl8710b_app.0x011000.rbl", container),
    file("firmware.uf2", build.subarray(0, build.length - 700)),
    file("firmware.uf2", flipped(build, 512 + 20)),
    file("firmware.uf2", flipped(build, 0)),
    file("firmware.uf2", concat(build.subarray(512), build.subarray(0, 512))),
    file("other.uf2", uf2(packed(0xc00), { family: 0x22e0d6fc })),
    file("a.ota.rbl", ota(0x800)),
    file("a.ota.rbl", flipped(ota(0x800), 0x200)),
    file("a.ug.bin", ug(ota(0x800))),
    file("a.ug.bin", flipped(ug(ota(0x800)), 8)),
    file("OpenBK7231T_UA_1.17.1.bin", packed(0xc00).application),
    file("OpenBK7231N_QIO_1.17.1.bin", flash),
    file("dump.bin", flash),
    file("dump.bin", concat(flash.subarray(0x11000), flash.subarray(0, 0x11000))),
    file("dump.bin", new Uint8Array(0x200000).fill(0xff)),
    file("dump.bin", flash.slice().fill(0xff, 0x11000)),
    file("bootloader.bin", bootloader()),
    file("bootloader.bin", bootloader(ZERO_KEY)),
    file("raw_firmware.bin", plainCode(0x2000)),
    file("a.crc", packed(0xc00).application.subarray(0, 34 * 60)),
    file("a.rblh", packed(0xc00).header.subarray(0, 90)),
    file("program.elf", concat(Uint8Array.of(0x7f, 0x45, 0x4c, 0x46), new Uint8Array(64))),
    file("esp.bin", Uint8Array.of(0xe9, 3, 0, 0x20, 0, 0, 0, 0x40, 1, 2, 3, 4)),
    file("OpenW800_1.bin", Uint8Array.of(0xa0, 0xff, 0xff, 0x9f, 1, 2, 3, 4, 5)),
    file("notes.txt", new TextEncoder().encode("nothing that a chip could run")),
    file("empty.bin", new Uint8Array()),
    file("update.diff2ya.dat", Uint8Array.of(1, 2, 3)),
  ];
}

/** As the image viewer's host makes it. */
function viewerState(image: FirmwareImage) {
  const layout = usualLayout("bk7231t");
  const { refusal } = image;
  const view = refusal && errorView(new ImageError(refusal.code, "use it", refusal.context));
  return {
    status: "shown",
    image: toImageView(image, layout, say),
    refusal: view && { title: view.title, steps: view.steps, instead: refusal.context.instead },
    layoutName: layout?.name,
    evidence: view?.evidence,
  };
}

/** Partitions on the map. */
const PARTITIONS: readonly string[] = usualLayout("bk7231t")?.partitions.map(({ name }) => name) ?? [];

/** What the test itself named, and what a file says of itself. */
function namesOf({ fileName, details, refusal }: FirmwareImage): readonly string[] {
  const own = details.flatMap(({ value }) => (typeof value === "string" && /[a-z]/i.test(value) ? [value] : []));
  const names = [...own, refusal?.context.instead ?? fileName, fileName, "error code"].filter(
    (name) => name.length > 3,
  );
  return [...names, ...PARTITIONS];
}

function assertChinese(text: string, known: readonly string[], where: string): void {
  assert.deepEqual(leftovers(text, known), [], `${where}: ${text}`);
}

/** What an attempt fails with, as evidence on the dashboard. */
function evidenceOf(attempt: () => unknown): readonly string[] {
  try {
    attempt();
  } catch (error) {
    return stringsIn(errorView(asFlasherError(error, "try it")).evidence);
  }
  return [];
}

describe("a Chinese editor", () => {
  before(speakChinese);
  after(speakEnglish);

  it("a text without a translation is found out", () => {
    assert.throws(() => say(words`${"a"} that nobody has translated`), /not in the Chinese bundle/);
    assert.deepEqual(leftovers("写入 application area，0x011000"), ["application", "area"]);
    assert.deepEqual(leftovers("写入 firmware.uf2，BK7231T，CRC-32 [image-corrupt]"), []);
  });

  it("the image viewer: genuine builds, damaged and foreign files", async () => {
    const page = new WebviewPage("imageViewer");
    const files = [...BUILDS, ...oddFiles()];
    assert.ok(BUILDS.length > 20);
    for (const { name, bytes } of files) {
      const image = await inspectImage(bytes, name);
      const state = viewerState(image);
      const known = namesOf(image);
      assert.ok(stringsIn(state).length > 5, name);
      for (const text of state.evidence ?? []) assertChinese(text, known, name);
      await page.show({ ...state, locale: "zh-cn", strings: localised() });
      assertChinese(page.text(), [...known, image.format], name);
    }
    page.close();
  });

  it("the plan dialog and the plan on the dashboard, re-keyed builds too", async () => {
    const chip = identityOf(dumpOf("bk7231t"));
    const options = { allowBootloader: false, calibrationAt: CALIBRATION };
    const named = ["hall-plug", "COM5", "/backups", "wb2s"];
    let plans = 0;
    for (const { name, bytes } of [...BUILDS, ...oddFiles()]) {
      const found = await inspectImage(bytes, name);
      const rekeyed = found.refusal === undefined && found.key?.kind === "tuya" ? [rekeyImage(found, ZERO_KEY)] : [];
      for (const image of [found, ...rekeyed]) {
        const evidence = evidenceOf(() => planWrite(image, chip, options));
        const plans_: readonly FlashPlan[] =
          image.segments.length === 0 ? [] : [planSegments(image.segments, chip.flash.size, options)];
        const texts = plans_.flatMap((plan) => {
          plans++;
          const question = {
            plan,
            chip,
            image,
            builtFor: { device: "hall-plug", chip: "BK7231N", board: "wb2s" },
            backup: { length: 0x200000, needsReset: true, folder: "/backups" },
          };
          return [...stringsIn(planText(question, "COM5")), ...stringsIn(toPlanView(plan, image, say).image)];
        });
        for (const text of [...evidence, ...texts]) assertChinese(text, [...named, ...namesOf(image)], name);
      }
    }
    assert.ok(plans > 15);
  });

  it("a restore: what it warns of, what stands against it, and what is wrong with a backup", () => {
    const flash = dumpOf("bk7231t");
    const other = withMac(flash, CALIBRATION, 0x77);
    const blankCalibration = flash.slice().fill(0xff, CALIBRATION, CALIBRATION + 0x1000);
    const moved = blankCalibration.slice();
    moved.set(other.subarray(CALIBRATION, CALIBRATION + 0x1000), 0x1d0000);
    const chips = [identityOf(flash), identityOf(blankCalibration, null), identityOf(dumpOf("bk7231n"))];
    const date = new Date("2026-01-01T00:00:00Z");
    const dumps = [
      flash,
      other,
      blankCalibration,
      moved,
      flash.slice().fill(0x5a, CALIBRATION, CALIBRATION + 0x1000),
      flash.subarray(0, 0x180000),
      concat(flash, flash),
      concat(flash.subarray(0x11000), flash.subarray(0, 0x11000)),
      flash.subarray(0x11000),
      flash.slice().fill(0xff, 0, 0x11000),
      flash.slice().fill(0xff, 0x11000, 0x132000),
      dumpOf("bk7231n"),
      new Uint8Array(0),
      ...[0, 0xff, 0x5a].map((value) => new Uint8Array(0x200000).fill(value)),
      Uint8Array.from({ length: 0x200000 }, (_, i) => Math.imul(i, 0x9e3779b1) >>> 24),
    ];
    let warnings = 0;
    for (const [index, bytes] of dumps.entries()) {
      const judgement = judgeDump(bytes, 0x200000);
      for (const text of [doubtTitle(judgement), ...judgement.findings.map(({ words: found }) => say(found))])
        assertChinese(text, [], `dump ${index}`);
      for (const chip of chips) {
        const manifest = buildManifest(chip, flash, "1.0.0", date);
        const both: readonly RestoreDump[] = [
          { name: "a.bin", bytes },
          { name: "a.bin", bytes, manifest },
        ];
        for (const dump of both)
          for (const keepCalibration of [true, false, undefined])
            for (const allowBootloader of [true, false]) {
              const calibration = flash.subarray(CALIBRATION, CALIBRATION + 0x1000);
              const how = { allowBootloader, ...(keepCalibration === undefined ? {} : { keepCalibration }) };
              const restore = planRestore(dump, { identity: chip, calibration }, how);
              warnings += restore.warnings.length;
              const refusals = restore.refusals.flatMap((refusal) =>
                evidenceOf(() => assertRestorable({ refusals: [refusal] }, "a.bin")),
              );
              const plan: FlashPlan = {
                ...planSegments(
                  [{ address: 0x20000, data: new Uint8Array(1), from: words`backup` }],
                  0x200000,
                  restore.planOptions,
                ),
              };
              const texts = [
                ...stringsIn(planText({ plan, chip, image: undefined, restore }, "COM5")),
                ...stringsIn(toRestoreView(restore, say).warnings),
                ...refusals,
              ];
              for (const text of texts) assertChinese(text, ["a.bin"], `dump ${index}`);
            }
      }
    }
    assert.ok(warnings > 200);
  });

  it("manifests and port names that cannot be read, and a backup of another device", () => {
    const flash = dumpOf("bk7231t");
    const chip = identityOf(flash);
    const manifest = buildManifest(chip, flash, "1.0.0", new Date());
    const fields = JSON.parse(formatManifest(manifest)) as Readonly<Record<string, unknown>>;
    const broken = [
      "",
      "{}",
      "[]",
      "x".repeat(0x50000),
      ...Object.keys(fields).map((name) => JSON.stringify({ ...fields, [name]: -1 })),
    ];
    const ports = ["", "x://y", "tcp://host", "tcp://host:0", "tcp://[x]:5", "tcp://:", "a\0b"];
    const texts = [
      ...broken.flatMap((text) => evidenceOf(() => parseManifest(text, "a.bin.json"))),
      ...ports.flatMap((text) => evidenceOf(() => parsePort(text))),
      ...evidenceOf(() =>
        assertUsableBase(
          { name: "a.bin", bytes: flash, manifest: { ...manifest, device: { ...manifest.device, mac: null } } },
          deviceMark(chip),
        ),
      ),
    ];
    assert.ok(texts.length > 40);
    const known = [...Object.keys(fields), "crc", "host:port", "tcp://", "socket://"];
    for (const text of texts) assertChinese(text, known, "evidence");
  });

  it("everything that is known of a chip, whatever it is", () => {
    const chip = identityOf(dumpOf("bk7231t"));
    const status = (value: number): typeof chip.statusRegister => ({
      value,
      bytes: 2,
      words: decodeStatusRegister(value, 2),
    });
    for (const profile of BOOTLOADERS)
      for (const protocol of Object.values(PROFILES))
        for (const value of [0, 0x4000, 0x407c, 0x0294, 0xffff])
          for (const empty of [undefined, "blank", "zeros"] as const) {
            const view = toChipView(
              { ...chip, protocol, bootloader: { ...chip.bootloader, profile, empty }, statusRegister: status(value) },
              say,
            );
            for (const text of stringsIn(
              chipFacts(view).map(({ name, value: shown, detail }) => ({ name, shown, detail })),
            ))
              assertChinese(text, [chip.layout?.name ?? ""], profile.id);
          }
  });
});
