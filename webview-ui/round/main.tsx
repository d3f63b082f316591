/** The page of a round: takes the host's snapshots, draws them, and is heard where the setting allows it. */
import "../styles.css";
import { fill } from "../../src/shared/figures";
import { PROTOCOL_VERSION, withTexts } from "../../src/shared/messages";
import {
  isToRoundPage,
  type FromRoundPage,
  type RoundPageState,
  type RoundSnapshot,
} from "../../src/shared/roundMessages";
import { connect } from "../bridge";
import { registerControls } from "../controls";
import { createPage } from "../pageFrame";
import { RoundPage } from "../views/roundPage";
import { play } from "./sound";

registerControls();

let state: RoundPageState | undefined;

const page = createPage(() => repaint());
const bridge = connect<RoundSnapshot, RoundPageState, FromRoundPage>({
  ready: { type: "ready", version: PROTOCOL_VERSION },
  isSnapshot: isToRoundPage,
  complete: withTexts,
  paint(next) {
    const heard = state?.round.news?.id;
    state = next;
    repaint();
    const { news, sound } = next.round;
    // What happened before the page was there is over.
    if (sound && heard !== undefined && news?.sound !== undefined && news.id > heard) play(news.sound);
  },
});

function repaint(): void {
  if (state === undefined) return;
  const { strings, locale, round } = state;
  const { question, status, news } = round;
  page.paint({
    title: strings.round.title,
    locale,
    subject: `${status} ${question?.title ?? ""}`,
    announcement: news?.words ?? "",
    asks: question?.title,
    content: (
      <>
        <h1 class="visually-hidden">{fill(strings.round.heading, round.fileName)}</h1>
        <RoundPage round={round} context={{ strings, locale, send: (intent) => bridge.send(intent) }} />
      </>
    ),
  });
}
