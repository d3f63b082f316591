/** Nothing runs: what can be done, or how to begin. */
import type { VNode } from "preact";
import { fill } from "../../src/shared/figures";
import { hasPlug } from "../../src/shared/jobState";
import type { DashboardCommand, DashboardState, PortView } from "../../src/shared/messages";
import { Button, Tag } from "../controls";
import type { DashboardContext } from "../viewContext";
import { Actions, Card, Steps } from "./parts";

const FOR_A_PORT: readonly DashboardCommand[] = [
  "flashFile",
  "showChipInfo",
  "backUpFlash",
  "verifyFile",
  "readRange",
  "rebootDevice",
];

/** As the steps have it that lead to the first chip. */
const FOR_A_NEW_PORT: readonly DashboardCommand[] = [
  "showChipInfo",
  ...FOR_A_PORT.filter((each) => each !== "showChipInfo"),
];

/** Chosen without a file that was just built: what is there is lost. */
const ERASING: readonly DashboardCommand[] = ["eraseRange", "restoreBackup"];

const FOR_NO_PORT: readonly DashboardCommand[] = ["selectPort", "startPracticeDevice", "addPort", "openWalkthrough"];

export interface IdleProps {
  readonly port: PortView | undefined;
  readonly state: Pick<DashboardState, "latestBuild" | "interrupted">;
  /** False where something more important heads the page. */
  readonly main: boolean;
  readonly context: DashboardContext;
}

export function Idle({ port, state, main, context }: IdleProps): VNode {
  if (port === undefined || !port.present) return <NoDevice port={port} main={main} context={context} />;
  return <Ready port={port} state={state} main={main} context={context} />;
}

function NoDevice({ port, main, context: { strings, send } }: Omit<IdleProps, "state">): VNode {
  const { idle: words } = strings;
  const [heading, body] =
    port === undefined
      ? [words.noPort, words.noPortBody]
      : hasPlug(port)
        ? [fill(words.unplugged, port.label), words.unpluggedBody]
        : [fill(words.notThere, port.label), words.notThereBody];
  return (
    <Card id="idle" heading={heading} main={main}>
      <p>{body}</p>
      {port === undefined && (
        <Steps
          heading={words.firstSteps}
          lines={[words.stepAdapter, words.stepWire, words.stepInfo, words.stepPower, words.stepFlash]}
        />
      )}
      <Actions>
        {FOR_NO_PORT.map((command, i) => (
          <Button
            key={command}
            id={command}
            label={strings.action[command]}
            primary={i === 0}
            press={() => send({ type: "run", command })}
          />
        ))}
      </Actions>
    </Card>
  );
}

function Ready({ port, state, main, context }: IdleProps & { readonly port: PortView }): VNode {
  const { strings, send } = context;
  const { idle: words } = strings;
  const { latestBuild: newest = state.latestBuild } = port;
  const latestBuild = newest === "none" ? undefined : newest;
  // A device that may not start comes first; of a chip that nobody has seen, what it is.
  const isFirst = main && state.interrupted.length === 0;
  const isNew = main && port.chip === undefined && port.practice !== true;
  const run = (command: DashboardCommand): void => send({ type: "run", command, portId: port.id });
  return (
    <Card
      id="idle"
      heading={fill(main ? words.ready : words.more, port.label)}
      main={main}
      aside={port.practice === true && <Tag text={strings.dashboard.practice} tone="warn" />}
    >
      {main && <p>{words.readyBody}</p>}
      {isNew && (
        <Steps heading={words.firstSteps} lines={[words.stepWire, words.stepInfo, words.stepPower, words.stepFlash]} />
      )}
      {latestBuild !== undefined && (
        <div class="latest">
          <span>{fill(words.latestBuild, latestBuild.label)}</span>
          <Button
            id="flashLatestBuild"
            label={strings.action.flashLatestBuild}
            primary={isFirst}
            press={() => run("flashLatestBuild")}
          />
        </div>
      )}
      <Actions>
        {(isNew ? FOR_A_NEW_PORT : FOR_A_PORT).map((command, i) => (
          <Button
            key={command}
            id={command}
            label={strings.action[command]}
            primary={isFirst && i === 0 && latestBuild === undefined}
            press={() => run(command)}
          />
        ))}
      </Actions>
      <p class="drop-zone quiet">{words.drop}</p>
      <div class="erasing" role="group" aria-labelledby="erasing">
        <span class="quiet" id="erasing">
          {words.erasing}
        </span>
        <Actions>
          {ERASING.map((command) => (
            <Button key={command} id={command} label={strings.action[command]} erases press={() => run(command)} />
          ))}
        </Actions>
      </div>
    </Card>
  );
}
