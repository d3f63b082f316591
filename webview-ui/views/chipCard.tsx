/** Who answers on the wire, as a card of facts. */
import type { VNode } from "preact";
import { fill, formatBytes, hexAddress } from "../../src/shared/figures";
import { startFact } from "../../src/shared/startText";
import type { Strings } from "../../src/shared/strings";
import type { DevicePassportView } from "../../src/shared/messages";
import type { ChipView } from "../../src/shared/views";
import { Button } from "../controls";
import type { DashboardContext } from "../viewContext";
import { Actions, Card, Facts, Lines } from "./parts";

export interface ChipCardProps {
  readonly chip: ChipView;
  /** Where a job has read all of its flash. */
  readonly passport: DevicePassportView | undefined;
  readonly baudRate: number | undefined;
  /** Where it is, for what is done about it. */
  readonly portId: string | undefined;
  readonly context: DashboardContext;
}

export function ChipCard({ chip, passport, baudRate, portId, context: { strings, send } }: ChipCardProps): VNode {
  const { chip: words } = strings;
  const command = "copyEspHomeConfiguration";
  return (
    <Card id="chip" heading={words.heading}>
      <Facts
        rows={[
          { name: words.name, value: chipName(chip, strings) },
          { name: words.holds, value: passport?.line },
          {
            name: words.paired,
            value: passport?.paired === undefined ? undefined : passport.paired ? words.pairedYes : words.pairedNo,
          },
          { name: words.answers, value: chip.protocol },
          { name: words.bootloader, value: bootloader(chip, strings) },
          { name: words.chipId, value: chip.chipIdRegister, mono: true },
          { name: words.flash, value: flash(chip, strings) },
          {
            name: words.status,
            value: chip.statusRegister && [chip.statusRegister.value, ...chip.statusRegister.words].join(", "),
          },
          { name: words.mac, value: chip.mac, mono: true },
          { name: words.calibration, value: calibration(chip, strings) },
          { name: words.encryption, value: `${strings.key[chip.key.kind]}, ${strings.keyFrom[chip.key.from]}` },
          { name: words.layout, value: chip.layout?.name },
          { name: words.starts, value: chip.start && startFact(chip.start, strings) },
          { name: words.speed, value: baudRate === undefined ? undefined : fill(strings.running.baud, baudRate) },
        ]}
      />
      {chip.updates.length > 0 && (
        <>
          <h3>{words.updates}</h3>
          <Lines
            name="updates"
            lines={chip.updates.map(({ firmware, works, why }) =>
              fill(strings.passport.overTheAir, firmware, strings.passport.works[works], why),
            )}
          />
        </>
      )}
      {passport !== undefined && passport.private.length > 0 && (
        <p class="warning-line">{fill(words.private, passport.private.join("; "))}</p>
      )}
      {chip.keyContradiction && <p class="warning-line">{words.contradiction}</p>}
      {chip.bootloader.isLifeline && <p class="quiet">{words.lifeline}</p>}
      {chip.yaml.length > 0 && portId !== undefined && (
        <Actions>
          <Button id={command} label={strings.action[command]} press={() => send({ type: "run", command, portId })} />
        </Actions>
      )}
    </Card>
  );
}

export function chipName(chip: ChipView, { chip: words }: Strings): string {
  const name = chip.name ?? words.unknown;
  return chip.alternatives.length === 0 ? name : `${name} ${fill(words.orMaybe, chip.alternatives.join(", "))}`;
}

function bootloader({ bootloader: known }: ChipView, { chip: words }: Strings): string | undefined {
  const { name, version, crc, empty } = known;
  if (empty !== undefined) return empty === "blank" ? words.bootloaderBlank : words.bootloaderZeros;
  if (name === undefined && crc === undefined && version === undefined) return undefined;
  const code = crc === undefined ? undefined : fill(words.crc, crc);
  return [name ?? words.bootloaderUnknown, name?.includes(version ?? "") === true ? undefined : version, code]
    .filter((part) => part !== undefined)
    .join(", ");
}

function flash({ flash: { part, jedecId, size, sizeFrom } }: ChipView, strings: Strings): string {
  const id = jedecId === undefined ? undefined : fill(strings.chip.flashId, jedecId);
  return [part, id, `${formatBytes(size)} (${strings.sizeFrom[sizeFrom]})`]
    .filter((text) => text !== undefined)
    .join(", ");
}

function calibration({ calibration: found }: ChipView, { chip: words }: Strings): string | undefined {
  if (found === undefined) return undefined;
  return fill(found.from === "scan" ? words.calibrationScan : words.calibrationFound, hexAddress(found.address));
}
