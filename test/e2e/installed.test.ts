/** The package as people get it: installed into the oldest VS Code it declares and the newest there is, where it flashes a chip. */
import { APP_AT, BULB } from "./harness/builds";
import { assertFlash, startDevice } from "./harness/device";
import { DEVICES, confirmPlan, flashFromExplorer, openDevices, untilVerified } from "./harness/flasher";
import { useStage } from "./harness/stage";
import { VSIX } from "../package/vsix";

for (const release of ["floor", "newest"] as const) {
  describe(`package in the ${release === "floor" ? "oldest" : "newest"} VS Code`, () => {
    const stage = useStage({ release, vsix: VSIX });

    it("installs, and flashes a chip", async () => {
      const device = await startDevice("bk7231t");
      const { workbench } = await stage.open({ devices: [device] });
      await flashFromExplorer(workbench, BULB.rbl.path);
      await confirmPlan(workbench);
      await untilVerified(workbench, BULB.rbl.name);
      assertFlash(device, APP_AT, BULB.rbl.bytes, "the application");
      await openDevices(workbench);
      await workbench.treeRow(DEVICES, /Chip.*BK7231T/).waitFor();
      await workbench.pictures(`installed-${release}`);
    });
  });
}
