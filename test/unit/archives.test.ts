import assert from "node:assert/strict";
import { deflateRawSync, gzipSync } from "node:zlib";
import {
  archiveKind,
  canBeFlashed,
  choicesIn,
  fileNamed,
  isWholeFlash,
  openArchive,
  type Archive,
} from "../../src/archives/archive";
import { concat } from "../../src/core/base/bytes";
import { crc32 } from "../../src/core/base/checksum";
import { FlasherError } from "../../src/core/base/errors";
import { english } from "../../src/core/base/words";
import { TUYA_KEY } from "../../src/core/beken/chips/keys";
import { fullFlash, ota, packed, tar, uf2, zip } from "./images/samples";
import { gunzipped } from "../../src/archives/gzip";

const text = (content: string): Uint8Array => new TextEncoder().encode(content);
const app = packed(0x2000, TUYA_KEY, "1.0.0-bk7231t", 0x8000);
const other = packed(0x3000, TUYA_KEY, "2.0.0-bk7231n", 0x8000);
const build = uf2(app);

const only = (archive: Archive, fits = canBeFlashed): string => {
  const choices = choicesIn(archive, "a.zip", fits);
  assert.equal(choices.length, 1, choices.map(({ path }) => path).join());
  return choices[0]?.path ?? "";
};

const fails = (code: string, message: RegExp) => (error: unknown) =>
  error instanceof FlasherError && error.code === code && message.test(error.message);

describe("firmware in archives", () => {
  const forms: readonly (readonly [string, Uint8Array, string])[] = [
    ["a ZIP", zip([["b/firmware.uf2", build]]), "b/firmware.uf2"],
    ["a ZIP without compression", zip([["firmware.uf2", build]], { method: 0 }), "firmware.uf2"],
    ["a tar", tar("b/firmware.uf2", build), "b/firmware.uf2"],
    ["a gzip", gzipSync(build), "a"],
    ["a tar in a gzip", gzipSync(tar("firmware.uf2", build)), "firmware.uf2"],
    ["a ZIP in a ZIP", zip([["x/in.zip", zip([["firmware.uf2", build]])]]), "x/in.zip#firmware.uf2"],
    ["a tar in a gzip in a ZIP", zip([["in.tgz", gzipSync(tar("firmware.uf2", build))]]), "in.tgz#firmware.uf2"],
  ];
  for (const [name, bytes, path] of forms) {
    it(`is found in ${name}, byte for byte`, () => {
      const archive = openArchive(bytes, "a.gz");
      assert.equal(only(archive), path);
      assert.ok(Buffer.from(archive.files[0]?.bytes ?? []).equals(build));
    });
  }

  it("is found whatever a transfer in text mode or a programmer has put behind the archive", () => {
    for (const tail of [[10], [13, 10, 26], new Array<number>(600).fill(0), new Array<number>(90).fill(0xff)])
      for (const [name, bytes, path] of forms) {
        const archive = openArchive(concat(bytes, tail), "a.gz");
        assert.equal(only(archive), path, name);
        assert.ok(Buffer.from(archive.files[0]?.bytes ?? []).equals(build), name);
      }
  });

  it("is the one that would do, among texts, update packages and what systems leave behind", () => {
    const bytes = zip([
      ["README.md", text("read me, please")],
      ["__MACOSX/._firmware.uf2", Uint8Array.of(0, 5, 0x16, 7, 0, 2, 0, 0)],
      ["image_bk7231t_app.ota.rbl", ota(3000)],
      ["firmware.uf2", build],
    ]);
    assert.equal(only(openArchive(bytes, "a.zip")), "firmware.uf2");
  });

  it("of one build is one file; of two builds it is the person's to say which", () => {
    const one = zip([
      ["image_bk7231t_app.0x011000.crc", app.application],
      ["image_bk7231t_app.0x011000.rbl", app.container],
      ["firmware.uf2", build],
    ]);
    assert.equal(only(openArchive(one, "a.zip")), "firmware.uf2");
    const archive = openArchive(
      zip([
        ["t/a.rbl", app.container],
        ["n/a.rbl", other.container],
        ["n/b.txt", text("text")],
      ]),
      "a.zip",
    );
    assert.deepEqual(
      choicesIn(archive, "a.zip", canBeFlashed)
        .map(({ path }) => path)
        .sort(),
      ["n/a.rbl", "t/a.rbl"],
    );
    assert.equal(fileNamed(archive, "a.zip", "n/a.rbl").path, "n/a.rbl");
    assert.equal(fileNamed(archive, "a.zip", "b.txt").path, "n/b.txt");
    assert.throws(() => fileNamed(archive, "a.zip", "a.rbl"), fails("file-not-found", /t\/a\.rbl, n\/a\.rbl/));
    assert.throws(() => fileNamed(archive, "a.zip", "none"), fails("file-not-found", /no file of that name/));
  });

  it("for a restore is the dump", () => {
    const bytes = zip([
      ["dump.bin", fullFlash(app.container)],
      ["dump.bin.json", text("{}")],
      ["firmware.uf2", build],
    ]);
    assert.equal(only(openArchive(bytes, "a.zip"), isWholeFlash), "dump.bin");
  });

  it("that nothing can be done with is refused with what is there", () => {
    const bytes = zip([
      ["index.html", text("<html>")],
      ["notes\u001b[2J.txt", text("some text")],
    ]);
    assert.throws(
      () => choicesIn(openArchive(bytes, "a.zip"), "a.zip", canBeFlashed),
      fails("image-foreign", /index\.html, notes\\x1b\[2J\.txt/),
    );
    assert.throws(
      () => choicesIn(openArchive(zip([]), "a.zip"), "a.zip", canBeFlashed),
      fails("image-foreign", /empty/),
    );
    // One file alone has a reason of its own.
    assert.equal(only(openArchive(zip([["a.ota.rbl", ota(3000)]]), "a.zip")), "a.ota.rbl");
  });

  it("that is encrypted or packed in another way is said to be that", () => {
    for (const [options, words] of [
      [{ flags: 1 }, /encrypted/],
      [{ method: 12 }, /compressed in a way \(12\)/],
    ] as const) {
      const archive = openArchive(zip([["firmware.uf2", build]], options), "a.zip");
      assert.throws(() => choicesIn(archive, "a.zip", canBeFlashed), fails("image-foreign", words));
    }
  });

  it("in a damaged archive is damaged, and never another file", () => {
    const whole = zip([["firmware.uf2", build]]);
    const gz = gzipSync(build);
    for (const bytes of [whole, gz, tar("firmware.uf2", build)]) {
      for (let part = 1; part < 8; part++) {
        const cut = bytes.subarray(0, Math.floor((bytes.length * part) / 8));
        assert.throws(
          () => choicesIn(openArchive(cut, "a.zip"), "a.zip", canBeFlashed),
          fails("image-corrupt", /damaged/),
        );
      }
    }
    for (const bytes of [whole, gz]) {
      for (let at = 60; at < bytes.length - 120; at += 97) {
        const flipped = Uint8Array.from(bytes);
        flipped[at] = (flipped[at] as number) ^ 4;
        try {
          const [found] = choicesIn(openArchive(flipped, "a.zip"), "a.zip", canBeFlashed);
          assert.ok(Buffer.from(found?.bytes ?? []).equals(build), `byte ${at}`);
        } catch (error) {
          assert.ok(error instanceof FlasherError, String(error));
        }
      }
    }
  });

  it("in several gzip members is all of them, each held to its own checksum, whatever follows the last", () => {
    const parts = [build.subarray(0, 0x1000), build.subarray(0x1000, 0x1003), build.subarray(0x1003)];
    const members = parts.map((part) => gzipSync(part));
    const unpacked = (list: readonly Uint8Array[]): Uint8Array => gunzipped(Buffer.concat(list), "a.gz", 1 << 26);
    for (const rest of ["", "\r\n", "\0".repeat(600), "\x1f\x8b"]) {
      assert.ok(Buffer.from(unpacked([...members, Buffer.from(rest, "latin1")])).equals(build), JSON.stringify(rest));
    }
    for (const [i, member] of members.entries()) {
      // Bytes of the checksum, of the length, and of another member's.
      for (const back of [8, 5, 4, 1]) {
        const wrong = member.map((byte, at) => (at === member.length - back ? byte ^ 1 : byte));
        assert.throws(
          () => unpacked(members.with(i, Buffer.from(wrong))),
          fails("image-corrupt", /checksum does not hold/),
        );
      }
      const other = gzipSync(Buffer.from(parts[i] as Uint8Array).reverse());
      const foreign = Buffer.concat([other.subarray(0, -8), member.subarray(-8)]);
      assert.throws(() => unpacked(members.with(i, foreign)), fails("image-corrupt", /checksum does not hold/));
    }
  });

  it("takes no more memory than an archive of firmware can need", () => {
    const bomb = gzipSync(new Uint8Array(80 * 0x100000));
    assert.ok(bomb.length < 0x20000);
    const too = fails("image-too-large", /./);
    assert.throws(() => choicesIn(openArchive(bomb, "a.gz"), "a.gz", canBeFlashed), too);
    const zeros = { data: deflateRawSync(new Uint8Array(40 * 0x100000)), size: 40 * 0x100000 };
    const pair = openArchive(
      zip([
        ["a.bin", zeros],
        ["b.bin", zeros],
      ]),
      "a.zip",
    );
    assert.ok(pair.unread.some(too));
    // A size that is a lie is not the size that is unpacked.
    const lie = openArchive(zip([["a.bin", { data: deflateRawSync(new Uint8Array(0x10000)), size: 100 }]]), "a.zip");
    assert.ok(lie.unread.some(fails("image-corrupt", /checksum/)));
    const many = zip(Array.from({ length: 2001 }, (_, i) => [`${i}`, Uint8Array.of(1)] as const));
    assert.throws(() => openArchive(many, "a.zip"), fails("image-too-large", /2001 files/));
  });

  /** `content` in so many archives, one in the other; a ZIP and a tar in a gzip by turns. */
  function nested(content: Uint8Array, times: number): Uint8Array {
    const inner = times === 1 ? content : nested(content, times - 1);
    const name = times === 1 ? "firmware.uf2" : `${times - 1}.x`;
    return times % 2 === 0 ? gzipSync(tar(name, inner)) : zip([[name, inner]]);
  }

  it("is found five archives deep, under a path that leads there, and deeper archives are only named", () => {
    const five = openArchive(nested(build, 5), "a.zip");
    assert.equal(only(five), "4.x#3.x#2.x#1.x#firmware.uf2");
    assert.ok(Buffer.from(five.files[0]?.bytes ?? []).equals(build));
    assert.equal(fileNamed(five, "a.zip", "4.x#3.x#2.x#1.x#firmware.uf2").name, "firmware.uf2");
    const archive = openArchive(nested(build, 6), "a.gz");
    assert.deepEqual(
      archive.files.map(({ path, image }) => [path, english(image.label)]),
      [["5.x#4.x#3.x#2.x#1.x", "ZIP archive"]],
    );
    assert.equal(choicesIn(archive, "a.gz", canBeFlashed)[0]?.image.refusal?.code, "image-foreign");
  });

  it("takes no more memory in archives that are nested, all together", () => {
    const half = zip([["zeros.bin", new Uint8Array(40 * 0x100000)]]);
    const bytes = openArchive(
      zip([
        ["a.zip", half],
        ["b.zip", half],
        ["firmware.uf2", build],
      ]),
      "a.zip",
    );
    assert.deepEqual(
      bytes.files.map(({ path }) => path),
      ["a.zip#zeros.bin", "firmware.uf2"],
    );
    assert.ok(bytes.unread.some(fails("image-too-large", /zeros\.bin/)));
    const many = zip(Array.from({ length: 900 }, (_, i) => [`${i}`, Uint8Array.of(1)] as const));
    const files = openArchive(
      zip([
        ["a.zip", many],
        ["b.zip", many],
        ["c.zip", many],
        ["firmware.uf2", build],
      ]),
      "a.zip",
    );
    assert.equal(files.files.length, 1801);
    assert.deepEqual(
      files.unread.map(({ code, context }) => [code, context.file]),
      [["image-too-large", "c.zip"]],
    );
    // Sixteen in each of sixteen in each of sixteen: their number grows as a bomb's does, and is looked at up to a limit.
    const bomb = [1, 2, 3, 4].reduce<Uint8Array>(
      (inner) => zip(Array.from({ length: 16 }, (_, i) => [`${i}.zip`, inner] as const)),
      zip([["a.bin", Uint8Array.of(1)]]),
    );
    const opened = openArchive(bomb, "bomb.zip");
    assert.ok(opened.files.length + opened.unread.length <= 2000);
    assert.ok(opened.unread.some(fails("image-too-large", /./)));
  });

  it("is looked for in nothing else", () => {
    for (const bytes of [build, app.container, text("hello"), fullFlash(app.container)])
      assert.equal(archiveKind(bytes), undefined);
    assert.equal(crc32(concat(text("123456789"))), 0xcbf43926);
  });
});
