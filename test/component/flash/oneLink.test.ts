import assert from "node:assert/strict";
import { toHex } from "../../../src/core/base/bytes";
import { english } from "../../../src/core/base/words";
import { hex32 } from "../../../src/core/index";
import { PRESETS, type PresetId } from "../../../src/simulator/index";
import { APP_AT, BEDROOM_RBL, C8133U_RBL, PRESET_IDS, fileAt, packaged, rawFirmware, shortBuildFor } from "./builds";
import {
  Hand,
  assertCarriedOut,
  assertUntouched,
  failedWith,
  flashRequest,
  locksUntilReset,
  notes,
  resetsByCommand,
  resultOf,
  withSimulatedRig,
  type Outcome,
} from "./rig";
import { TUYA_KEY, ZERO_KEY, keyKindOf } from "../../../src/core/beken/chips/keys";

const HIGHEST = 3_000_000;

/** How often a job had to link. */
function links({ events }: Outcome): number {
  return events.filter(({ type }) => type === "linked").length;
}

describe("the seed case: BK7231S, an adapter that cannot reset, power cycled by hand", () => {
  it("info, refusal of a Tuya-key build, flash at the start speed and at the fastest, each in one session", async () => {
    const goesThrough = async (asked: number): Promise<void> => {
      await withSimulatedRig("bk7231s", { person: "manual" }, async (rig) => {
        // No control lines, firmware that listens to nobody: a person is the only way to a link.
        const hand = {
          cycles: 0,
          onEvent: (event: Outcome["events"][number]) => {
            if (event.type !== "linking" || !event.needsPerson || rig.chip.state !== "app") return;
            hand.cycles++;
            rig.chip.powerCycle();
          },
        };
        await rig.untilStarted();
        const session = await rig.openSession({ baudRate: asked });
        const before = rig.snapshot();

        const info = await rig.inSession(session, { kind: "info" }, undefined, hand.onEvent);
        const { chip, baudRate } = resultOf("info", info);
        assert.equal(links(info), 1);
        assert.equal(hex32(chip.bootloader.crc256 ?? 0).toUpperCase(), "BEFD79D6");
        assert.equal(chip.bootloader.profile?.family, "A");
        assert.equal(chip.chip?.id, "bk7231s");
        assert.equal(chip.key.kind, "zero");
        assert.deepEqual(chip.calibration, { address: 0x1f3000, from: "known" });
        assert.equal(chip.mac?.replaceAll(":", "").toLowerCase(), toHex(Uint8Array.from(PRESETS.bk7231s.mac)));
        assert.deepEqual(notes(info.events), []);
        assert.deepEqual(
          rig.log.filter((event) => event.type === "command" && event.code === 0x10),
          [],
          "no CRC before writing",
        );
        assertUntouched(rig, before);
        assert.ok(Math.abs(rig.chip.baudRate - baudRate) <= 0.02 * baudRate);
        assert.equal(Math.abs(baudRate - asked) <= 0.05 * asked, true, `${baudRate}`);

        const refused = await rig.inSession(session, flashRequest(fileAt(BEDROOM_RBL)), undefined, hand.onEvent);
        const error = failedWith("image-wrong-key", refused);
        assert.equal(error.flash, "untouched");
        assert.match(english(error.context.expected ?? ""), /zero/);
        assert.match(english(error.context.actual ?? ""), /tuya/);
        assertUntouched(rig, before);

        const flash = await rig.inSession(session, flashRequest(fileAt(C8133U_RBL)), undefined, hand.onEvent);
        const { plan, verified } = resultOf("flash", flash);
        assert.equal(verified, true);
        assert.equal(plan.sectors[0]?.start, APP_AT);
        assertCarriedOut(plan, before, rig.chip.flash);
        assert.equal(links(flash), 0, "the same link");
        assert.deepEqual(notes(flash.events, "warning"), []);

        // The verification has locked the flash until the next reset: the next job gets that reset by itself.
        const asAfter = rig.snapshot();
        const again = await rig.inSession(
          session,
          flashRequest(shortBuildFor(PRESETS.bk7231s).crc),
          undefined,
          hand.onEvent,
        );
        assertCarriedOut(resultOf("flash", again).plan, asAfter, rig.chip.flash);
        assert.deepEqual(notes(again.events), ["needs-reset", "locked-until-reset"]);
        assert.equal(hand.cycles > 0, true);
        await session.close();
      });
    };
    await Promise.all([115_200, 2_000_000, HIGHEST].map(goesThrough));
  });
});

describe("info, flash twice, refusal in one session, on every chip", () => {
  it("goes through", async () => {
    const goesThrough = async (id: PresetId): Promise<void> => {
      await withSimulatedRig(
        id,
        { person: "manual", baudRate: HIGHEST, firmware: Hand.firmwareFor(PRESETS[id]) },
        async (rig) => {
          const preset = PRESETS[id];
          const hand = new Hand(rig);
          const session = await rig.openSession();
          const before = rig.snapshot();
          const info = await rig.inSession(session, { kind: "info" }, undefined, hand.onEvent);
          const { chip } = resultOf("info", info);
          assert.equal(
            [chip.chip?.id, ...(chip.alternatives ?? []).map((other) => other.id)].includes(preset.chip),
            true,
          );
          assert.equal(chip.key.kind, keyKindOf(preset.key));
          assert.equal(chip.calibration?.address, preset.calibrationAt);
          assert.equal(chip.flash.size, rig.chip.flash.length);
          assert.deepEqual(notes(info.events, "warning"), []);
          assertUntouched(rig, before);

          const wrongKey = packaged(
            preset,
            rawFirmware(0x8000),
            keyKindOf(preset.key) === "tuya" ? ZERO_KEY : TUYA_KEY,
          ).rbl;
          failedWith("image-wrong-key", await rig.inSession(session, flashRequest(wrongKey), undefined, hand.onEvent));
          assertUntouched(rig, before);

          const flash = await rig.inSession(session, flashRequest(shortBuildFor(preset).rbl), undefined, hand.onEvent);
          assertCarriedOut(resultOf("flash", flash).plan, before, rig.chip.flash);
          assert.equal(links(flash), 0);
          assert.deepEqual(notes(flash.events, "warning"), []);

          // Something must be left to write: where nothing is, nobody has to unlock the flash for it.
          const { flash: onChip } = rig.chip;
          onChip[APP_AT + 0x3456] = (onChip[APP_AT + 0x3456] ?? 0) ^ 0x20;
          const asAfter = rig.snapshot();
          const second = await rig.inSession(session, flashRequest(shortBuildFor(preset).crc), undefined, hand.onEvent);
          assertCarriedOut(resultOf("flash", second).plan, asAfter, rig.chip.flash);
          assert.equal(links(second), locksUntilReset(preset) ? 1 : 0, id);
          // A person was needed only where no command leads back to the loader.
          if (resetsByCommand(preset)) assert.equal(hand.cycles, 0, id);
          else assert.equal(hand.cycles > 0, locksUntilReset(preset), id);

          const verify = await rig.inSession(session, { kind: "verify", file: shortBuildFor(preset).rbl });
          assert.equal(resultOf("verify", verify).bytesRead, shortBuildFor(preset).rbl.bytes.length);
          resultOf("reboot", await rig.inSession(session, { kind: "reboot" }));
          assert.notEqual(rig.chip.state, "linked");
          await session.close();
        },
      );
    };
    await Promise.all(PRESET_IDS.map(goesThrough));
  });
});
