/** Nothing runs: what can be done, or how to begin. */
import { fill } from "../../src/shared/figures";
import type { DashboardCommand, DashboardState, PortView } from "../../src/shared/messages";
import { button, tag } from "../controls";
import type { DashboardContext } from "../viewContext";
import { h, type ElementNode } from "../dom";
import { actions, card, steps } from "./parts";

const FOR_A_PORT: readonly DashboardCommand[] = [
  "flashFile",
  "showChipInfo",
  "backUpFlash",
  "verifyFile",
  "readRange",
  "eraseRange",
  "restoreBackup",
  "rebootDevice",
];

/** @param main false where something more important heads the page */
export function idle(
  port: PortView | undefined,
  state: DashboardState,
  context: DashboardContext,
  main = true,
): ElementNode {
  const { strings, send } = context;
  const { idle: words } = strings;
  if (port === undefined || !port.present) {
    const unplugged = port !== undefined;
    return card(
      { id: "idle", heading: unplugged ? fill(words.unplugged, port.label) : words.noPort, main },
      h("p", {}, unplugged ? words.unpluggedBody : words.noPortBody),
      !unplugged &&
        steps(words.firstSteps, [words.stepAdapter, words.stepWire, words.stepInfo, words.stepPower, words.stepFlash]),
      actions(
        ...(["selectPort", "startPracticeDevice", "addPort", "openWalkthrough"] as const).map((command, i) =>
          button({
            id: command,
            label: strings.action[command],
            primary: i === 0,
            press: () => send({ type: "run", command }),
          }),
        ),
      ),
    );
  }
  const { latestBuild } = state;
  // A device that may not start comes first.
  const isFirst = main && state.interrupted.length === 0;
  const run = (command: DashboardCommand) => (): void => send({ type: "run", command, portId: port.id });
  return card(
    {
      id: "idle",
      heading: fill(main ? words.ready : words.more, port.label),
      main,
      aside: port.practice === true ? tag(strings.dashboard.practice, "warn") : undefined,
    },
    main && h("p", {}, words.readyBody),
    main &&
      port.chip === undefined &&
      port.practice !== true &&
      steps(words.firstSteps, [words.stepWire, words.stepInfo, words.stepPower, words.stepFlash]),
    latestBuild !== undefined &&
      h(
        "div",
        { class: "latest" },
        h("span", {}, fill(words.latestBuild, latestBuild.label)),
        button({
          id: "flashLatestBuild",
          label: strings.action.flashLatestBuild,
          primary: isFirst,
          press: run("flashLatestBuild"),
        }),
      ),
    actions(
      ...FOR_A_PORT.map((command, i) =>
        button({
          id: command,
          label: strings.action[command],
          primary: isFirst && i === 0 && latestBuild === undefined,
          press: run(command),
        }),
      ),
    ),
  );
}
