/** The image viewer: draws what the host found out about a firmware file. */
import "../styles.css";
import { fill } from "../../src/shared/figures";
import {
  PROTOCOL_VERSION,
  isToImageViewer,
  type FromImageViewer,
  type ImageViewerState,
} from "../../src/shared/messages";
import { connect } from "../bridge";
import { progressRing, registerControls } from "../controls";
import { h, type Child } from "../dom";
import { createPage } from "../pageFrame";
import { imagePage, type ImageContext } from "../views/imageView";
import { card } from "../views/parts";

registerControls();

let state: ImageViewerState | undefined;

const page = createPage(() => repaint());
const bridge = connect<ImageViewerState, ImageViewerState, FromImageViewer>({
  ready: { type: "ready", version: PROTOCOL_VERSION },
  isSnapshot: isToImageViewer,
  complete: (state) => state,
  paint(next) {
    state = next;
    repaint();
  },
});

function repaint(): void {
  if (state === undefined) return;
  const fileName = state.status === "shown" ? state.image.fileName : state.fileName;
  const context: ImageContext = {
    strings: state.strings,
    locale: state.locale,
    page: page.state,
    repaint,
    send: (intent) => bridge.send(intent),
  };
  page.paint({
    title: fileName,
    locale: state.locale,
    subject: state.status,
    announcement: state.status === "shown" ? state.image.label : fill(state.strings.image.loading, fileName),
    children: [
      h("h1", { class: "visually-hidden" }, fileName),
      h("div", { key: "cards", class: "cards" }, contentOf(state, context)),
    ],
  });
}

function contentOf(shown: ImageViewerState, context: ImageContext): Child[] {
  const { image: words } = context.strings;
  switch (shown.status) {
    case "loading":
      return [h("div", { class: "do-now" }, progressRing(), h("p", {}, fill(words.loading, shown.fileName)))];
    case "unreadable":
      return [
        card(
          { id: "unreadable", heading: fill(words.unreadable, shown.fileName), tone: "bad", main: true },
          h("p", {}, shown.reason),
        ),
      ];
    case "shown":
      return imagePage(shown, context);
  }
}
