/** The partitions of a file, to scale and as a table, and what can be done with the stretch that is selected. */
import type { VNode } from "preact";
import type { PartView } from "../../src/shared/dumpView";
import { fill, formatBytes, hexRange } from "../../src/shared/figures";
import type { PartAction } from "../../src/shared/messages";
import { Button, Tag } from "../controls";
import type { DumpContext, DumpProps, ExplorerState } from "./explorerState";
import { Actions, Card, Table } from "./parts";

export function PartsCard({ dump, context }: DumpProps): VNode {
  const { parts: words } = context.strings;
  const { explorer } = context;
  const changed = dump.comparison?.differences ?? [];
  return (
    <Card id="parts" heading={words.heading}>
      <PartBar dump={dump} context={context} />
      <Table
        label={words.heading}
        columns={[
          { heading: words.name },
          { heading: context.strings.plan.range, class: "mono" },
          { heading: context.strings.plan.size, class: "nowrap" },
          { heading: words.holds },
          { heading: words.from },
        ]}
        rows={dump.parts.map((part) => [
          <span class="part-name">
            <span class="band-number" aria-hidden="true">
              {part.number}
            </span>
            <button
              type="button"
              class="link"
              data-action={`part-${part.number}`}
              aria-pressed={isSelected(part, explorer)}
              aria-label={fill(words.select, part.name)}
              onClick={() => select(part, context)}
            >
              {part.name}
            </button>
          </span>,
          hexRange(part.start, part.end),
          formatBytes(part.end - part.start),
          <>
            {part.holds} {part.isPrivate && <Tag text={words.isPrivate} />}{" "}
            {changed.some((range) => range.start < part.end && part.start < range.end) && (
              <Tag text={words.changed} tone="warn" />
            )}
          </>,
          words.toldBy[part.from],
        ])}
      />
      <Selected dump={dump} context={context} />
    </Card>
  );
}

function isSelected({ start, end }: PartView, { selected }: ExplorerState): boolean {
  return selected?.start === start && selected.end === end;
}

function select({ start, end, name }: PartView, { explorer, repaint }: DumpContext): void {
  explorer.selected = { start, end, name };
  explorer.go(start);
  repaint();
}

/** To scale: every part as wide as it is long, what a comparison found below it. For the eye; the table says the same. */
function PartBar({ dump, context }: DumpProps): VNode {
  const { size, parts, comparison } = dump;
  const place = (start: number, end: number): { readonly left: string; readonly width: string } => ({
    left: `${((100 * start) / size).toFixed(3)}%`,
    width: `${((100 * (end - start)) / size).toFixed(3)}%`,
  });
  return (
    <div class="part-map" role="img" aria-label={context.strings.parts.map}>
      <div class="part-bar">
        {parts.map((part) => (
          <div
            class={`part part-${part.number % 2 === 0 ? "even" : "odd"}${part.isBlank ? " blank" : ""}${part.isPrivate ? " private-part" : ""}${isSelected(part, context.explorer) ? " selected" : ""}`}
            title={`${part.name}, ${hexRange(part.start, part.end)}, ${part.holds}`}
            style={place(part.start, part.end)}
            onClick={() => select(part, context)}
          >
            {(part.end - part.start) / size > 0.06 && part.number}
          </div>
        ))}
      </div>
      {comparison !== undefined && (
        <div class="change-bar">
          {comparison.differences.map(({ start, end }) => (
            <div class="change" style={place(start, end)} />
          ))}
        </div>
      )}
    </div>
  );
}

/** What can be done with the stretch that is selected. */
function Selected({ dump, context }: DumpProps): VNode {
  const { explorer, send, strings } = context;
  const { parts: words } = strings;
  const { selected } = explorer;
  if (selected === undefined) return <p class="quiet">{words.none}</p>;
  const { start, end, name } = selected;
  const part = dump.parts.find((each) => each.start === start && each.end === end);
  const act = (action: PartAction) => (): void => send({ type: "part", action, start, end });
  return (
    <div class="stack" role="group" aria-label={name}>
      <p class="selected-part">{fill(words.selected, name, hexRange(start, end), formatBytes(end - start))}</p>
      <Actions>
        <Button id="partSave" label={words.save} press={act("save")} />
        {part?.opens !== undefined && <Button id="partDecrypt" label={words[part.opens]} press={act("decrypt")} />}
        {dump.isFlash && <Button id="partVerify" label={words.verify} press={act("verify")} />}
        {dump.isFlash && part?.canWrite !== false && start >= BOOT_CODE_END && (
          <Button id="partWrite" label={words.write} erases press={act("write")} />
        )}
      </Actions>
      {dump.isFlash && start < BOOT_CODE_END && <p class="quiet">{words.bootCodeStays}</p>}
    </div>
  );
}

/** Below it the host refuses to write. */
const BOOT_CODE_END = 0x11000;
