/** The image viewer: draws what the host found out about a firmware file. */
import "../styles.css";
import type { VNode } from "preact";
import { fill } from "../../src/shared/figures";
import {
  PROTOCOL_VERSION,
  isBytesAnswer,
  isToImageViewer,
  type FromImageViewer,
  type ImageViewerState,
} from "../../src/shared/messages";
import { connect } from "../bridge";
import { registerControls } from "../controls";
import { createPage } from "../pageFrame";
import { ExplorerState, bytesInRow } from "../views/explorerState";
import { ArchivePage, ImagePage, type ImageContext } from "../views/imageView";
import { Ending } from "../views/ending";
import { Loading } from "../views/parts";

registerControls();

let state: ImageViewerState | undefined;

const page = createPage(() => repaint());
const explorer = new ExplorerState((start, length) => bridge.send({ type: "bytes", start, length }));
let inRow = bytesInRow(document.body.clientWidth);
window.addEventListener("resize", () => {
  const now = bytesInRow(document.body.clientWidth);
  if (now === inRow) return;
  inRow = now;
  repaint();
});
const bridge = connect<ImageViewerState, ImageViewerState, FromImageViewer>({
  ready: { type: "ready", version: PROTOCOL_VERSION },
  isSnapshot: isToImageViewer,
  complete: (state) => state,
  paint(next) {
    state = next;
    if (next.status === "shown") explorer.follow(next.dump);
    repaint();
  },
  hear(message) {
    if (isBytesAnswer(message)) explorer.bytes.take(message);
  },
});

function repaint(): void {
  if (state === undefined) return;
  const fileName = nameIn(state);
  const context: ImageContext = {
    strings: state.strings,
    locale: state.locale,
    page: page.state,
    repaint,
    explorer,
    send: (intent) => bridge.send(intent),
  };
  page.paint({
    title: fileName,
    locale: state.locale,
    subject: state.status,
    announcement: announced(state),
    asks: undefined,
    content: (
      <>
        <h1 class="visually-hidden">{fileName}</h1>
        <div class="cards">
          <Content shown={state} context={context} />
        </div>
      </>
    ),
  });
}

function nameIn(shown: ImageViewerState): string {
  switch (shown.status) {
    case "shown":
      return shown.image.fileName;
    case "archive":
      return shown.archive.fileName;
    default:
      return shown.fileName;
  }
}

function announced(shown: ImageViewerState): string {
  const { image: words } = shown.strings;
  switch (shown.status) {
    case "shown":
      return shown.image.label;
    case "archive":
      return fill(words.archive, shown.archive.fileName);
    default:
      return fill(words.loading, shown.fileName);
  }
}

function Content({ shown, context }: { readonly shown: ImageViewerState; readonly context: ImageContext }): VNode {
  const { image: words } = context.strings;
  switch (shown.status) {
    case "loading":
      return <Loading text={fill(words.loading, shown.fileName)} />;
    case "unreadable":
      return (
        <Ending
          id="unreadable"
          happened={fill(words.unreadable, shown.fileName)}
          tone="bad"
          tag={undefined}
          means={[{ text: shown.reason }]}
          next={{ text: shown.steps[0] ?? words.nothing }}
          steps={shown.steps.slice(1)}
          strings={context.strings}
        />
      );
    case "archive":
      return <ArchivePage archive={shown.archive} context={context} />;
    case "shown":
      return <ImagePage state={shown} context={context} />;
  }
}
