/** A round for eyes across a workbench: what each port is at in large words, mark and colour, how many are good, and every device by name. */
import type { VNode } from "preact";
import { fill, formatBytes, formatPercent, formatTook } from "../../src/shared/figures";
import type { FromRoundPage, RoundDeed } from "../../src/shared/roundMessages";
import {
  toneOf,
  type RoundDeviceView,
  type RoundLaneView,
  type RoundQuestionView,
  type RoundTone,
  type RoundView,
} from "../../src/shared/roundView";
import type { Strings } from "../../src/shared/strings";
import { Button, Tag } from "../controls";
import { Actions, Bar, Card, Table } from "./parts";
import { clockOf } from "../../src/shared/times";

export interface RoundContext {
  readonly strings: Strings;
  readonly locale: string;
  readonly send: (intent: FromRoundPage) => void;
}

export interface RoundProps {
  readonly round: RoundView;
  readonly context: RoundContext;
}

/** A word says the same; the mark is for who tells colours badly and stands far away. */
const MARKS: Readonly<Record<RoundTone, string>> = {
  calm: "\u25cb",
  busy: "\u25d4",
  good: "\u2713",
  bad: "\u2715",
  ask: "!",
};

export function RoundPage({ round, context }: RoundProps): VNode {
  return (
    <div class="cards">
      {round.question && <Question question={round.question} context={context} />}
      <Head round={round} context={context} />
      <div class="lanes">
        {round.lanes.map((lane) => (
          <Lane key={lane.port.id} lane={lane} isOver={round.status === "over"} context={context} />
        ))}
      </div>
      <Devices round={round} context={context} />
      <Ledger round={round} context={context} />
    </div>
  );
}

function Question({
  question,
  context,
}: {
  readonly question: RoundQuestionView;
  readonly context: RoundContext;
}): VNode {
  const { round: words } = context.strings;
  const answer = (yes: boolean): void => context.send({ type: "agree", yes });
  return (
    <Card id="round-question" heading={question.title} main tone="warn">
      {paragraphs(question.lines).map((lines) => (
        <p class={question.isGrave ? "warning-line" : undefined}>{lines.join(" ")}</p>
      ))}
      <ul class="round-rules">
        {question.rules.map((rule) => (
          <li>{rule}</li>
        ))}
      </ul>
      <Actions>
        <Button id="approve" label={words.approve} primary press={() => answer(true)} />
        <Button id="refuse" label={words.decline} press={() => answer(false)} />
      </Actions>
    </Card>
  );
}

/** Lines that belong together; empty ones part them. */
function paragraphs(lines: readonly string[]): readonly (readonly string[])[] {
  const all: string[][] = [[]];
  for (const line of lines) {
    if (line === "") all.push([]);
    else all.at(-1)?.push(line);
  }
  return all.filter((group) => group.length > 0);
}

function Head({ round, context }: RoundProps): VNode {
  const { round: words } = context.strings;
  const { counts, remaining, status } = round;
  const figure = (name: string, value: number, tone: string): VNode => (
    <div class={`count count-${tone}`}>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
  return (
    <Card
      id="round"
      heading={fill(words.heading, round.fileName)}
      main={round.question === undefined}
      aside={<Tag text={words.status[status]} tone={status === "running" ? "neutral" : "warn"} />}
    >
      <dl class="counts" aria-label={words.counts}>
        {figure(words.good, counts.good, "good")}
        {figure(words.failed, counts.failed, "bad")}
        {figure(words.refused, counts.refused, "bad")}
        {remaining !== undefined && figure(words.remaining, remaining, "calm")}
      </dl>
      {round.trouble !== undefined && <p class="warning-line round-trouble">{round.trouble}</p>}
      <Controls round={round} context={context} />
    </Card>
  );
}

function Controls({ round, context: { strings, send } }: RoundProps): VNode {
  const { round: words } = strings;
  const { status, isWriting, sound } = round;
  const button = (deed: RoundDeed, label: string, primary = false): VNode => (
    <Button id={deed} label={label} primary={primary} press={() => send({ type: "do", deed })} />
  );
  return (
    <Actions>
      {status === "running" && button("pause", words.pause)}
      {status === "paused" && button("resume", words.resume, true)}
      {(status === "running" || status === "paused") && button("end", words.end)}
      {status === "ending" && button("endNow", words.endNow)}
      {status === "ending" && isWriting && <span class="quiet">{words.endNowHint}</span>}
      {status === "over" && button("goOn", words.goOn, true)}
      {sound ? button("soundOff", words.soundOff) : button("soundOn", words.soundOn)}
    </Actions>
  );
}

interface LaneProps {
  readonly lane: RoundLaneView;
  readonly isOver: boolean;
  readonly context: RoundContext;
}

function Lane({ lane, isOver, context: { strings, send } }: LaneProps): VNode {
  const { round: words } = strings;
  const { port, stage, share, device, lines, again } = lane;
  const tone = toneOf(stage);
  const percent = share === undefined ? undefined : formatPercent(share);
  const id = `lane-${port.id}`;
  return (
    <section class={`lane tone-${tone} lane-${stage}`} aria-labelledby={id}>
      <h3 id={id} class="lane-port">
        {port.label}
      </h3>
      <p class="lane-stage">
        <span class="lane-mark" aria-hidden="true">
          {MARKS[tone]}
        </span>
        <span class="lane-word">{words.stage[stage]}</span>
        {percent !== undefined && <span class="lane-percent">{percent}</span>}
      </p>
      {share !== undefined && percent !== undefined && (
        <Bar
          label={fill(strings.running.progress, port.label)}
          share={share}
          text={`${percent}, ${words.stage[stage]}`}
        />
      )}
      {device !== undefined && <p class="lane-device">{device}</p>}
      {lines.map((line) => (
        <p class="lane-words">{line}</p>
      ))}
      {again === "wanted" && <p class="lane-words">{words.againWanted}</p>}
      {again === "offered" && !isOver && (
        <Actions>
          <Button id={`again-${port.id}`} label={words.again} press={() => send({ type: "again", portId: port.id })} />
        </Actions>
      )}
    </section>
  );
}

function Devices({ round, context }: RoundProps): VNode {
  const { strings, locale } = context;
  const { round: words } = strings;
  const { devices, olderDevices } = round;
  const result = ({ result: how }: RoundDeviceView): VNode => {
    const isGood = how === "running" || how === "verified";
    return (
      <Tag
        text={how === "begun" ? words.begun : words.stage[how]}
        tone={isGood ? "good" : how === "not-running" ? "warn" : "bad"}
      />
    );
  };
  return (
    <Card id="round-devices" heading={words.devices}>
      {devices.length === 0 ? (
        <p class="quiet">{words.devicesNone}</p>
      ) : (
        <Table
          label={words.devices}
          columns={[
            { heading: words.device },
            { heading: words.result },
            { heading: words.chip },
            { heading: words.took },
            { heading: words.time },
            { heading: words.port },
            { heading: words.backup },
          ]}
          rows={devices.map((device) => [
            <span class="mono">{device.name}</span>,
            <>
              {result(device)}
              {device.reason !== undefined && <span class="round-reason"> {device.reason}</span>}
            </>,
            device.chip,
            formatTook(device.tookMs),
            clockOf(device.at, locale),
            device.port,
            device.backup ?? "",
          ])}
        />
      )}
      {olderDevices > 0 && <p class="quiet">{fill(words.devicesOlder, olderDevices)}</p>}
    </Card>
  );
}

function Ledger({ round: { ledger, size, fileName }, context: { strings, send } }: RoundProps): VNode {
  const { round: words } = strings;
  const button = (deed: RoundDeed, label: string): VNode => (
    <Button id={deed} label={label} press={() => send({ type: "do", deed })} />
  );
  return (
    <Card id="round-ledger" heading={words.ledger}>
      <p class="quiet">{`${fileName}, ${formatBytes(size)}`}</p>
      {ledger === undefined ? (
        <p>{words.ledgerNone}</p>
      ) : (
        <>
          <p class="ledger-path">{fill(words.ledgerAt, ledger)}</p>
          <Actions>
            {button("openTable", words.openTable)}
            {button("openLedger", words.openLedger)}
            {button("revealLedger", words.revealLedger)}
          </Actions>
        </>
      )}
    </Card>
  );
}
