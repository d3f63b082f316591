/** From a failure to the place in the user guide that is about it, with clicks and without a network. */
import { APP_AT, BULB } from "./harness/builds";
import { assertFlash, startDevice } from "./harness/device";
import { action, flashFromExplorer, openDashboard } from "./harness/flasher";
import { useStage } from "./harness/stage";
import { until } from "./harness/until";
import type { Workbench } from "./harness/workbench";

/** The heading of the code is on the screen, in the editor's own preview. */
async function untilGuideIsAt(workbench: Workbench, code: string): Promise<void> {
  await workbench.editorTab(/guide\.md/).waitFor();
  const preview = await workbench.webview(`h3#${code}`);
  await until(`the guide to be at ${code}`, () =>
    preview.evaluate(`(() => {
      const { top, bottom } = document.querySelector("h3#${code}").getBoundingClientRect();
      return bottom > 0 && top < innerHeight;
    })()`),
  );
}

describe("user guide", () => {
  const stage = useStage();

  it("opens where the failure is explained, from the notification and from the dashboard", async () => {
    const device = await startDevice("bk7231n");
    const before = device.chip.flash.slice();
    const { workbench } = await stage.open({ devices: [device] });
    await flashFromExplorer(workbench, BULB.rbl.path);
    const failure = /built for another chip/;
    await workbench.notification(failure).waitFor();
    await workbench.pictures("failure-notification");
    await workbench.notificationButton(failure, "Open Guide");
    await untilGuideIsAt(workbench, "image-wrong-chip");
    await workbench.pictures("guide");
    const dashboard = await openDashboard(workbench);
    await action(dashboard, "guide").click();
    await untilGuideIsAt(workbench, "image-wrong-chip");
    assertFlash(device, APP_AT, before.subarray(APP_AT), "everything");
  });
});
