/** Failures of files: found before a chip is asked for, unless it takes a chip to see them. */
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, readdirSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { writeUf2 } from "../../../../src/core/beken/images/uf2Writer";
import { createChip, type PresetId } from "../../../../src/simulator/index";
import { BUILDS, C8133U_RBL, HALL_RBL } from "../../flash/builds";
import { start } from "../cli";
import { NO_PORT, cli, onChip, put, served, type Provocation, type Rows } from "./stage";

const rbl = readFileSync(C8133U_RBL);
const crc = readFileSync(`${BUILDS.c8133u}/image_bk7231t_app.0x011000.crc`);
const uf2 = readFileSync(`${BUILDS.c8133u}/firmware.uf2`);
const ofBuild = (name: string): Uint8Array => readFileSync(`${BUILDS.c8133u}/${name}`);

function flipped(bytes: Uint8Array, at: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[at] = (copy[at] as number) ^ 0x04;
  return copy;
}

function claiming4GiB(): Uint8Array {
  const copy = Buffer.from(uf2);
  copy.writeUInt32LE(0xffffffff, 24);
  return copy;
}

/** Two applications that begin 256 bytes apart, each of sound blocks. */
function overlapping(): Uint8Array {
  const image = (offset: number) => ({ data: new Uint8Array(0x300), offset, parts: { FLASHER_SINGLE: "app" } });
  return writeUf2({
    family: 0x675a40b0,
    board: "wb3s",
    firmware: "test",
    version: "1.0.0",
    ltVersion: "1.13.0",
    buildDate: 1_750_000_000,
    partitions: [{ name: "app", offset: 0x11000, length: 0x121000 }],
    images: [image(0), image(0x100)],
  });
}

/** A file that is refused for itself. */
const flash =
  (name: string, bytes: Uint8Array): Provocation =>
  (folder) =>
    cli(["flash", put(folder, name, bytes), ...NO_PORT]);

const giant = (folder: string): string => {
  const path = put(folder, "giant.bin", "x");
  truncateSync(path, 4 * 2 ** 30);
  return path;
};

/** A file under the name that the ledger of a round would have. */
const notALedger = (folder: string): ReturnType<Provocation> => {
  const file = put(folder, "image_bk7231t_app.0x011000.rbl", rbl);
  return cli(["flash", file, "--each", "--ledger", put(folder, "round.json", "{}"), ...NO_PORT]);
};

const restore = (folder: string, name: string, bytes: Uint8Array, manifest?: string): ReturnType<Provocation> => {
  if (manifest !== undefined) put(folder, `${name}.json`, manifest);
  return cli(["restore", put(folder, name, bytes), ...NO_PORT]);
};

/** A file of the person's that is in the way, and stays as it is. */
async function keeping(folder: string, command: "backup" | "read"): ReturnType<Provocation> {
  const path = put(folder, "there.bin", "mine");
  const ended = await cli([command, path, ...NO_PORT]);
  assert.equal(readFileSync(path, "utf8"), "mine");
  assert.deepEqual(readdirSync(folder), ["there.bin"]);
  return ended;
}

/** A backup as the command line makes it; resolves with its path. */
async function backedUp(folder: string): Promise<string> {
  const chip = createChip("bk7231n", { pace: "none", person: "auto" });
  const path = join(folder, "dump.bin");
  try {
    await served(chip, (port) => cli(["backup", path, "--port", port]));
    return path;
  } finally {
    chip.dispose();
  }
}

/** One bit of a backup is another afterwards. */
async function damagedBackup(folder: string): ReturnType<Provocation> {
  const path = await backedUp(folder);
  writeFileSync(path, flipped(readFileSync(path), 0x20000));
  return await cli(["restore", path, ...NO_PORT]);
}

/** A backup since one that, by its manifest, is of a device with another MAC address. */
async function otherDevice(folder: string): ReturnType<Provocation> {
  const path = await backedUp(folder);
  const manifest = readFileSync(`${path}.json`, "utf8");
  writeFileSync(`${path}.json`, manifest.replace(/"mac": ".."?/, '"mac": "99'));
  return await onChip("bk7231n", {}, ["backup", join(folder, "second.bin"), "--since", path]);
}

const text = (content: string): Uint8Array => new TextEncoder().encode(content);

const CRASH = "data abort\nCurrent regs:\nsp :0x004003d0 lr :0x00010024 pc :0x00010024\n";

/** Nobody is there to be asked about a copy of nothing. */
async function worthlessFirst(folder: string): ReturnType<Provocation> {
  const chip = createChip("bk7231n", { pace: "none", person: "auto" });
  chip.flash.fill(0xff);
  try {
    return await served(chip, (port) => {
      const args = ["erase", "--start", "0x100000", "--length", "0x1000", "--backup", folder, "--port", port, "--json"];
      return start(args).ended;
    });
  } finally {
    chip.dispose();
  }
}

/** A disk that takes nothing is planted below the program: no test fills a real one. */
async function withoutRoom(folder: string, message: string): ReturnType<Provocation> {
  const chip = createChip("bk7231n", { pace: "none", person: "auto" });
  const code = message.split(":")[0] ?? "";
  const plant = put(
    folder,
    "plant.cjs",
    `const { promises } = require("node:fs");
const { open } = promises;
promises.open = async (path, ...rest) => {
  if (/[.]part$/.test(path)) throw Object.assign(new Error(${JSON.stringify(message)}), { code: "${code}" });
  return await open(path, ...rest);
};
`,
  );
  try {
    return await served(chip, async (port) => {
      const ended = await cli(["backup", join(folder, "dump.bin"), "--port", port], undefined, { require: plant });
      const { remedy } = ended.last as unknown as { remedy: readonly string[] };
      assert.match(remedy.join(" "), /--backup.*BEKEN_BACKUPS.*Run the same command again/);
      return ended;
    });
  } finally {
    chip.dispose();
  }
}

function freshFlash(preset: PresetId): Uint8Array {
  const chip = createChip(preset, { pace: "none" });
  const flash = chip.flash.slice();
  chip.dispose();
  return flash;
}

/** A dump whose boot code and application are in no table and say nothing of themselves. */
function nameless(): Uint8Array {
  return freshFlash("bk7231q").copyWithin(0, 0x11000, 0x13000);
}

function dumpOnto(
  folder: string,
  command: "flash" | "restore",
  dump: Uint8Array,
  name = "bk7231q.bin",
): ReturnType<Provocation> {
  return onChip("bk7231q", {}, [command, put(folder, name, dump), "--no-backup"]);
}

export const FILE_ROWS: Rows<
  | "image-empty"
  | "image-too-large"
  | "image-corrupt"
  | "image-name-mismatch"
  | "image-wrong-chip"
  | "image-chip-unknown"
  | "image-wrong-key"
  | "image-wrong-offset"
  | "image-needs-offset"
  | "image-ota-only"
  | "image-not-flashable"
  | "image-foreign"
  | "no-settings"
  | "partition-not-found"
  | "image-not-readable"
  | "manifest-invalid"
  | "ledger-unusable"
  | "backup-damaged"
  | "elf-unusable"
  | "approval-missing"
  | "backup-other-device"
  | "backup-worthless"
  | "backup-not-a-dump"
  | "backup-refused"
  | "backup-unsound"
  | "plan-overlap"
  | "file-not-found"
  | "file-exists"
  | "file-access"
  | "file-not-stored"
> = {
  "image-empty": { "no bytes": flash("empty.rbl", new Uint8Array(0)) },
  "image-too-large": {
    "4 GiB to flash": (folder) => cli(["flash", giant(folder), ...NO_PORT]),
    "4 GiB to inspect": (folder) => cli(["inspect", giant(folder)]),
  },
  "image-corrupt": {
    "an RBL of half its length": flash("image_bk7231t_app.0x011000.rbl", rbl.subarray(0, 300_001)),
    "an RBL without its last byte": flash("header-cut.0x011000.rbl", rbl.subarray(0, rbl.length - 1)),
    "a bit of an RBL's code": flash("flipped.0x011000.rbl", flipped(rbl, 0x5000)),
    "a bit of an RBL's header": flash("flipped-header.0x011000.rbl", flipped(rbl, rbl.length - 60)),
    "a block missing at the end": flash("cut.crc", crc.subarray(0, crc.length - 34)),
    "a bit of a block": flash("flipped.crc", flipped(crc, 0x1234)),
    "a UF2 without its last block": flash("cut.uf2", uf2.subarray(0, uf2.length - 512)),
    "a bit of a UF2": flash("flipped.uf2", flipped(uf2, 512 * 40 + 100)),
    "a UF2 that claims 4 GiB": flash("claims-4-gib.uf2", claiming4GiB()),
  },
  "image-name-mismatch": {
    "another chip": flash("image_bk7231n_app.0x011000.rbl", rbl),
    "another address": flash("image_bk7231t_app.0x132000.rbl", rbl),
  },
  "image-wrong-chip": { "BK7231N on BK7231T": () => onChip("bk7231t", {}, ["flash", HALL_RBL]) },
  "image-chip-unknown": {
    "a backup": (folder) => dumpOnto(folder, "restore", nameless()),
    "its application": (folder) => dumpOnto(folder, "flash", nameless()),
    "an application alone": (folder) =>
      dumpOnto(folder, "flash", nameless().subarray(0x11000, 0x11000 + 64 * 34), "firmware.bin"),
  },
  "image-wrong-key": { "no key on a Tuya chip": () => onChip("bk7231t", {}, ["flash", C8133U_RBL]) },
  "image-wrong-offset": {
    "to flash": () => cli(["flash", C8133U_RBL, "--at", "0x12000", ...NO_PORT]),
    "to verify": () => cli(["verify", C8133U_RBL, "--at", 0, ...NO_PORT]),
  },
  "image-needs-offset": { "one byte": flash("one.bin", Uint8Array.of(0x42)) },
  "image-ota-only": {
    "an RBL": flash("image_bk7231t_app.ota.rbl", ofBuild("image_bk7231t_app.ota.rbl")),
    "an update package": flash("image_bk7231t_app.ota.ug.bin", ofBuild("image_bk7231t_app.ota.ug.bin")),
  },
  "image-not-flashable": {
    "a blank dump": flash("blank.bin", new Uint8Array(0x20000).fill(0xff)),
    "linker output": flash("raw_firmware.bin", ofBuild("raw_firmware.bin")),
  },
  "image-foreign": {
    "a web page": flash("firmware.uf2", text("<!doctype html><html><title>404</title></html>")),
    "a web page with an address": (folder) =>
      cli(["flash", put(folder, "page.bin", "<html>Not Found</html>"), "--at", "0x11000", ...NO_PORT]),
    "a pointer": flash("firmware.bin", text("version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 3\n")),
  },
  "no-settings": {
    "an image": (folder) => cli(["config", put(folder, "x.rbl", rbl), "--format", "json"]),
    "a blank dump": (folder) =>
      cli(["config", put(folder, "x.bin", new Uint8Array(0x20000).fill(0xff)), "--format", "json"]),
  },
  "partition-not-found": {
    "no such name": (folder) =>
      cli(["extract", put(folder, "x.bin", nameless()), join(folder, "r.bin"), "--partition", "userdata"]),
    "behind the end": (folder) =>
      cli(["extract", put(folder, "x.bin", nameless()), join(folder, "r.bin"), "--partition", "0x1000000+0x1000"]),
  },
  "image-not-readable": {
    "a blank stretch": (folder) =>
      cli([
        "extract",
        put(folder, "x.bin", nameless()),
        join(folder, "r.bin"),
        "--partition",
        "0x1f0000+0x1000",
        "--decrypt",
      ]),
  },
  "approval-missing": { "nobody at a terminal": () => cli(["approve", "ABCD-EFGH"]) },
  "elf-unusable": {
    "a log beside it": (folder) =>
      cli(["verdict", put(folder, "crash.log", CRASH), "--elf", put(folder, "firmware.elf", "not an ELF file")]),
  },
  "manifest-invalid": { "half an object": (folder) => restore(folder, "dump.bin", rbl, "{") },
  "ledger-unusable": { "something else": notALedger },
  "backup-damaged": { "one bit": damagedBackup },
  "backup-other-device": { "by the MAC address": otherDevice },
  "backup-unsound": {
    "a bit of its application": (folder) => dumpOnto(folder, "restore", flipped(freshFlash("bk7231q"), 0x12345)),
  },
  "backup-worthless": { zeros: (folder) => restore(folder, "zeros.bin", new Uint8Array(0x200000)) },
  "backup-not-a-dump": {
    "a container": (folder) => restore(folder, "image_bk7231t_app.0x011000.rbl", rbl),
    "an application under another name": (folder) => restore(folder, "backup.bin", crc),
    "half a flash": (folder) => restore(folder, "cut.bin", createChip("bk7231t").flash.subarray(0, 500_000)),
  },
  "backup-refused": { "a blank flash": worthlessFirst },
  "plan-overlap": { "two parts of a UF2": flash("firmware.uf2", overlapping()) },
  "file-not-found": {
    "a file": (folder) => cli(["flash", join(folder, "none.rbl"), ...NO_PORT]),
    "a folder": (folder) => cli(["backup", join(folder, "no", "folder.bin"), ...NO_PORT]),
  },
  "file-exists": {
    "a backup": (folder) => keeping(folder, "backup"),
    "a read": (folder) => keeping(folder, "read"),
  },
  "file-access": {
    "a folder in place of a file": (folder) => {
      mkdirSync(join(folder, "folder.rbl"));
      return cli(["flash", join(folder, "folder.rbl"), ...NO_PORT]);
    },
    "a name that is too long": (folder) => cli(["flash", join(folder, `${"n".repeat(300)}.rbl`), ...NO_PORT]),
  },
  "file-not-stored": {
    "a full disk": (folder) => withoutRoom(folder, "ENOSPC: no space left on device, write"),
    "a disk that is read only": (folder) => withoutRoom(folder, "EROFS: read-only file system, open"),
  },
};
