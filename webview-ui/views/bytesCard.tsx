/** The bytes of a file, with boxes to go to an address and to look for text or bytes. */
import type { VNode } from "preact";
import type { SearchView } from "../../src/shared/dumpView";
import { fill, formatPercent, hexAddress } from "../../src/shared/figures";
import type { Strings } from "../../src/shared/strings";
import { Button } from "../controls";
import { addressOf, bytesInRow, type DumpProps } from "./explorerState";
import { HexView } from "./hexView";
import { Actions, Card } from "./parts";

export function BytesCard({ dump, context }: DumpProps): VNode {
  const { strings, explorer, send } = context;
  const { hex: words } = strings;
  return (
    <Card id="bytes" heading={words.heading}>
      <div class="hex-tools">
        <GoTo dump={dump} context={context} />
        <Find dump={dump} context={context} />
      </div>
      {dump.hidesBytes && !dump.secretsShown && <p class="quiet">{words.hiddenNote}</p>}
      <HexView
        size={dump.size}
        generation={dump.generation}
        bytes={explorer.bytes}
        strings={strings}
        columns={bytesInRow(document.body.clientWidth)}
        found={explorer.found}
        selected={explorer.selected}
        changed={dump.comparison?.differences ?? []}
        jump={explorer.jump}
        onCursor={(address) => {
          explorer.cursor = address;
        }}
      />
      {dump.hexEditor && (
        <Actions>
          <Button id="hexEditor" label={words.openIn} press={() => send({ type: "hexEditor", at: explorer.cursor })} />
        </Actions>
      )}
    </Card>
  );
}

function GoTo({ dump: { size }, context: { strings, explorer, repaint } }: DumpProps): VNode {
  const { hex: words } = strings;
  const go = (): void => {
    const address = addressOf(explorer.address);
    explorer.isBeyond = address === undefined || address >= size;
    if (address !== undefined && !explorer.isBeyond) explorer.go(address);
    repaint();
  };
  return (
    <div class="hex-tool">
      <TextBox
        id="address"
        label={words.goTo}
        value={explorer.address}
        type={(text) => (explorer.address = text)}
        enter={go}
      />
      <Button id="go" label={words.go} press={go} />
      {explorer.isBeyond && (
        <span role="alert" class="warning-line">
          {fill(words.beyond, hexAddress(size))}
        </span>
      )}
    </div>
  );
}

function Find({ dump: { search }, context }: DumpProps): VNode {
  const { strings, explorer, send, repaint } = context;
  const { hex: words } = strings;
  const find = (): void => {
    if (explorer.query !== "") send({ type: "search", text: explorer.query, as: explorer.as, from: explorer.cursor });
  };
  // Enter goes on from place to place, as in any editor; shift goes back.
  const enter = (back: boolean): void => {
    const isSame = search?.text === explorer.query && search.as === explorer.as;
    if (isSame && search.index !== undefined) send({ type: "hit", by: back ? -1 : 1 });
    else find();
  };
  return (
    <div class="hex-tool" role="search">
      <TextBox
        id="query"
        label={words.findWhat}
        value={explorer.query}
        type={(text) => (explorer.query = text)}
        enter={enter}
      />
      <select
        class="text-box"
        data-action="findAs"
        aria-label={words.findAs}
        value={explorer.as}
        onChange={({ currentTarget }) => {
          explorer.as = currentTarget.value === "hex" ? "hex" : "text";
          repaint();
        }}
      >
        <option value="text">{words.asText}</option>
        <option value="hex">{words.asHex}</option>
      </select>
      <Button id="find" label={words.find} press={find} />
      <Button id="previous" label={words.previous} press={() => send({ type: "hit", by: -1 })} />
      <Button id="next" label={words.next} press={() => send({ type: "hit", by: 1 })} />
      {search?.status === "running" && (
        <Button id="stopSearch" label={words.stop} press={() => send({ type: "stopSearch" })} />
      )}
      <span role="status" class="search-status">
        {search === undefined ? "" : searchText(search, strings)}
      </span>
    </div>
  );
}

function searchText({ status, problem, count, more, index, share }: SearchView, { hex: words }: Strings): string {
  const place = index === undefined ? "" : fill(more ? words.placeMore : words.place, index + 1, count);
  if (status === "running") return [fill(words.searching, formatPercent(share)), place].filter(Boolean).join(", ");
  if (status === "unreadable") return problem ?? "";
  return count === 0 ? words.nothing : place;
}

interface TextBoxProps {
  readonly id: string;
  readonly label: string;
  readonly value: string;
  readonly type: (text: string) => void;
  readonly enter: (withShift: boolean) => void;
}

function TextBox({ id, label, value, type, enter }: TextBoxProps): VNode {
  return (
    <input
      class="text-box mono"
      data-action={id}
      aria-label={label}
      placeholder={label}
      spellcheck={false}
      value={value}
      onInput={({ currentTarget }) => type(currentTarget.value)}
      onKeyDown={({ key, shiftKey }) => {
        if (key === "Enter") enter(shiftKey);
      }}
    />
  );
}
