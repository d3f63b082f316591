/** 25 secrets of a person's, planted in a dump and in logs: none comes out of the viewer, its page, the dashboard, a report or a saved log unasked. */
import assert from "node:assert/strict";
import { imageOf, passportOf, scrub, summaryOf } from "../../../src/core/index";
import { english } from "../../../src/core/base/words";
import { LogMask } from "../../../src/core/monitor/logMask";
import { contentOf } from "../../../src/extension/imageViewer/dumpContent";
import { DumpExplorer } from "../../../src/extension/imageViewer/dumpExplorer";
import { MOST_BYTES, PROTOCOL_VERSION, isFromImageViewer, type ImageViewerState } from "../../../src/shared/messages";
import { LOGGED, SECRETS, plantedDump, plantedLog } from "../passport/plantedSecrets";
import { WebviewPage } from "../webview/page";
import { imageScenes } from "../webview/scenes";

function leaks(text: string, secrets: readonly string[] = SECRETS): readonly string[] {
  return secrets.filter((secret) => text.includes(secret));
}

describe("planted secrets", () => {
  const bytes = plantedDump();
  const file = { name: "kitchen.bin", bytes };
  const explorer = new DumpExplorer({ changed: () => undefined, breathe: () => Promise.resolve(), hexEditor: true });
  explorer.show(contentOf(file, imageOf(file)));

  /** Everything that the viewer can be asked for. */
  function pieces(): string {
    const all: string[] = [];
    for (let start = 0; start < bytes.length; start += MOST_BYTES)
      all.push(explorer.bytes(start, MOST_BYTES).hex.replaceAll("..", "00"));
    return Buffer.from(all.join(""), "hex").toString("latin1");
  }

  it("are in no message of the viewer's, and in no piece of the file that a page may have, but once a person asks", () => {
    assert.deepEqual(leaks(JSON.stringify(explorer.view)), []);
    assert.deepEqual(leaks(pieces()), []);
    explorer.showSecrets(true);
    assert.ok(leaks(JSON.stringify(explorer.view)).length >= 24);
    assert.deepEqual(leaks(pieces()).length, 4, "OpenBeken's stand there as they are");
    explorer.showSecrets(false);
    assert.deepEqual(leaks(JSON.stringify(explorer.view)), []);
  });

  it("are nowhere on the viewer's page, which is what a picture shows", async () => {
    const page = new WebviewPage("imageViewer");
    try {
      const scene = (await imageScenes())["imageDump"] as Extract<ImageViewerState, { readonly status: "shown" }>;
      await page.show({ ...scene, dump: explorer.view });
      for (const message of page.sent.slice())
        if (isFromImageViewer(message) && message.type === "bytes")
          page.post({ type: "bytes", version: PROTOCOL_VERSION, ...explorer.bytes(message.start, message.length) });
      await page.show({ ...scene, dump: explorer.view });
      const drawn = page.one("body").outerHTML;
      assert.match(drawn, /CB2S/);
      assert.deepEqual(leaks(drawn), []);
    } finally {
      page.close();
    }
  });

  it("are not in what the chip's card and the view of backups say", () => {
    const { line, private: found } = summaryOf(passportOf(bytes));
    const said = [line && english(line), ...found.map(english)].join("\n");
    assert.match(said, /CB2S/);
    assert.deepEqual(leaks(said), []);
  });

  it("are taken out of a log that is saved, and of the report about a problem", () => {
    assert.ok(LOGGED.length >= 14);
    const log = plantedLog();
    assert.deepEqual(leaks(log.join("\n"), LOGGED).length, LOGGED.length);
    const mask = new LogMask();
    assert.deepEqual(leaks(log.map((line) => mask.mask(line)).join("\n"), LOGGED), []);
    assert.deepEqual(leaks(scrub(log.join("\n")), LOGGED), []);
  });
});
