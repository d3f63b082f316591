/** Which of several builds is for a chip: the newest that fits first, and of every other one why it is not for it. */
import assert from "node:assert/strict";
import type { Uri } from "vscode";
import { ZERO_KEY } from "../../../src/core/beken/chips/keys";
import type { ChipIdentity, NamedFile } from "../../../src/core/index";
import { BuildFits } from "../../../src/extension/builds/buildFits";
import type { Build } from "../../../src/extension/builds/workspaceBuilds";
import { chip as bulb, readBuild, romChip as plug } from "../webview/scenes";

/** A real build for a BK7231T with Tuya's key. */
const UF2 = "firmware.uf2";
const FOR_T = readBuild(UF2);

interface Made {
  readonly chip?: string;
  readonly bytes?: Uint8Array;
  readonly size?: number;
  readonly modified?: number;
}

/** Newest first, as builds are listed. */
function workspace(made: Readonly<Record<string, Made | undefined>>): {
  readonly builds: readonly Build[];
  readonly fits: BuildFits;
  readonly read: string[];
} {
  const read: string[] = [];
  const builds = Object.entries(made).map(([name, what]): Build => {
    const uri = { toString: () => name } as Uri;
    const artefact = {
      path: `/${name}/${UF2}`,
      name: UF2,
      role: "uf2",
      size: what?.size ?? what?.bytes?.length ?? 1,
      modified: what?.modified ?? 1,
    } as const;
    const file = { artefact, uri, isRecommended: true };
    const project = { name, chip: what?.chip } as Build["project"];
    return { project, recommended: what && file, files: [file] };
  });
  const fits = new BuildFits((uri): Promise<NamedFile> => {
    read.push(uri.toString());
    const bytes = made[uri.toString()]?.bytes;
    return bytes ? Promise.resolve({ name: UF2, bytes }) : Promise.reject(new Error("gone"));
  });
  return { builds, fits, read };
}

const withoutKey: ChipIdentity = { ...bulb, key: { kind: "zero", coefficients: ZERO_KEY, from: "bootloader" } };

describe("builds for a chip", () => {
  it("are first, newest before older ones, and the others say what they are for", async () => {
    const { builds, fits } = workspace({
      lamp: { chip: "BK7231T", bytes: FOR_T },
      hall: { chip: "BK7231N" },
      bulb: { chip: "BK7231T", bytes: FOR_T },
    });
    const forPlug = await fits.for(builds, plug);
    assert.deepEqual(
      forPlug.map(({ build, misfit }) => [build.project.name, misfit]),
      [
        ["hall", undefined],
        ["lamp", "for BK7231T; the chip is a BK7231N"],
        ["bulb", "for BK7231T; the chip is a BK7231N"],
      ],
    );
    assert.equal((await fits.best(builds, plug))?.build.project.name, "hall");
    assert.equal((await fits.best(builds, bulb))?.build.project.name, "lamp", "the newest that fits");
    assert.deepEqual(
      (await fits.for(builds, bulb)).map(({ build }) => build.project.name),
      ["lamp", "bulb", "hall"],
    );
  });

  it("for another key are not for it, and say that they can be made to fit", async () => {
    const { builds, fits } = workspace({ lamp: { chip: "BK7231T", bytes: FOR_T } });
    assert.equal(await fits.best(builds, withoutKey), undefined);
    const [only] = await fits.for(builds, withoutKey);
    assert.match(only?.misfit ?? "", /^for the .*tuya.*; the chip has the .*\(can be re-encrypted for it\)$/i);
  });

  it("are told by their content where their project does not say the chip", async () => {
    const { builds, fits } = workspace({ lamp: { bytes: FOR_T } });
    assert.equal((await fits.best(builds, bulb))?.facts, "BK7231T \u00b7 Tuya key");
    assert.equal(await fits.best(builds, plug), undefined);
  });

  it("are all alike where no chip is known, and where nothing speaks against them", async () => {
    const { builds, fits } = workspace({ hall: { chip: "BK7231N" }, lamp: { chip: "BK7231T", bytes: FOR_T } });
    assert.equal((await fits.best(builds, undefined))?.build.project.name, "hall");
    assert.deepEqual(
      (await fits.for(builds, undefined)).map(({ misfit }) => misfit),
      [undefined, undefined],
    );
    const unreadable = workspace({ gone: {} });
    assert.equal((await unreadable.fits.best(unreadable.builds, bulb))?.build.project.name, "gone");
  });

  it("without a file for a serial port are left out", async () => {
    const { builds, fits } = workspace({ air: undefined });
    assert.deepEqual(await fits.for(builds, bulb), []);
    assert.equal(await fits.best(builds, bulb), undefined);
  });

  it("are read once as long as they stay as they are; what is far too large, and what is far down the list, not at all", async () => {
    const made: Record<string, Made> = { lamp: { chip: "BK7231T", bytes: FOR_T } };
    const first = workspace(made);
    await first.fits.for(first.builds, bulb);
    await first.fits.for(first.builds, plug);
    assert.deepEqual(first.read, ["lamp"]);
    await first.fits.for(workspace({ lamp: { ...made["lamp"], modified: 2 } }).builds, bulb);
    assert.deepEqual(first.read, ["lamp", "lamp"]);
    const large = workspace({ dump: { size: 8 * 1024 * 1024 + 1, bytes: FOR_T } });
    await large.fits.for(large.builds, plug);
    assert.deepEqual(large.read, []);
    const many = workspace(Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`build${i}`, {}])));
    assert.equal((await many.fits.for(many.builds, bulb)).length, 30);
    assert.equal(many.read.length, 24);
  });
});
