/** From a failure to the place in the user guide that is about it, with clicks and without a network. */
import { APP_AT, BULB } from "./harness/builds";
import { assertFlash, startDevice } from "./harness/device";
import { action, flashFromExplorer, openDashboard } from "./harness/flasher";
import { useStage } from "./harness/stage";
import { until } from "./harness/until";
import type { Frame } from "playwright-core";
import type { Workbench } from "./harness/workbench";

const ENGLISH = /guide\.md/;
const CHINESE = /guide\.zh-cn\.md/;

/** The heading is on the screen of the editor's own preview, which is given. The editor may make it anew while it opens. */
async function untilAt(workbench: Workbench, heading: string): Promise<Frame> {
  return await until(`the guide to be at ${heading}`, async () => {
    const preview = await workbench.webview(heading, 0);
    const { top, bottom, height } = await preview.evaluate<Place>(`(() => {
      const { top, bottom } = document.querySelector(${JSON.stringify(heading)}).getBoundingClientRect();
      return { top, bottom, height: innerHeight };
    })()`);
    if (bottom > 0 && top < height) return preview;
    throw new Error(`it is at ${top} of ${height} pixels`);
  });
}

interface Place {
  readonly top: number;
  readonly bottom: number;
  readonly height: number;
}

async function untilGuideIsAt(workbench: Workbench, code: string, guide = ENGLISH): Promise<Frame> {
  await workbench.editorTab(guide).waitFor();
  return await untilAt(workbench, `h3#${code}`);
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

  it("is Chinese in a Chinese editor, and its links lead to its own headings", async () => {
    const device = await startDevice("bk7231n");
    const { workbench } = await stage.open({ devices: [device], language: "zh-cn" });
    await workbench.explorerMenu(BULB.rbl.path, "烧录到设备");
    await workbench.notificationButton(/该文件是为另一种芯片构建的/, "打开指南");
    const preview = await untilGuideIsAt(workbench, "image-wrong-chip", CHINESE);
    await preview.locator("#image-wrong-key ~ ul a").first().click();
    // An id is the heading itself or, in older editors, as it stands in an address.
    await untilAt(workbench, `h2[id="密钥"], h2[id="${encodeURI("密钥")}"]`);
  });
});
