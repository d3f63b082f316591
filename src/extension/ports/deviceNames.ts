/** Names that people gave their devices and adapters, for all windows of this machine. Knows no ports and no chips. */
import { Emitter } from "../platform/emitter";
import { withoutHidden } from "../../core/index";
import type { Memory } from "../platform/memory";

const NAMES = "beken.deviceNames";
/** In characters as people count them; longer ones would push everything else out of a row. */
const LONGEST = 40;

/** What a device is known by wherever it is wired to: its MAC address, or else what else it has for itself. */
export function deviceKey(chip: {
  readonly mac?: string | undefined;
  readonly calibrationMark?: string | undefined;
}): string | undefined {
  if (chip.mac !== undefined) return `mac ${chip.mac.toUpperCase()}`;
  return chip.calibrationMark === undefined ? undefined : `mark ${chip.calibrationMark}`;
}

/** @param key of `PortEntry` */
export const adapterNameKey = (key: string): string => `adapter ${key}`;

export class DeviceNames {
  private readonly changed: Emitter<void>;

  /** @param failed told what a listener has thrown */
  constructor(
    private readonly memory: Memory,
    failed: (error: unknown) => void,
  ) {
    this.changed = new Emitter(failed);
  }

  get onDidChange(): Emitter<void>["event"] {
    return this.changed.event;
  }

  of(key: string | undefined): string | undefined {
    return key === undefined ? undefined : this.stored()[key];
  }

  /** @param name empty takes the name away */
  async rename(key: string, name: string): Promise<void> {
    const others = Object.fromEntries(Object.entries(this.stored()).filter(([other]) => other !== key));
    const wanted = shortened(withoutHidden(name).trim());
    await this.memory.update(NAMES, wanted === "" ? others : { ...others, [key]: wanted });
    this.changed.fire();
  }

  private stored(): Readonly<Record<string, string>> {
    const value = this.memory.get<unknown>(NAMES);
    if (typeof value !== "object" || value === null) return {};
    return Object.fromEntries(
      Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
    );
  }
}

/** Cut between characters: half an emoji is none. */
function shortened(name: string): string {
  const characters = [...new Intl.Segmenter().segment(name)];
  return name.slice(0, characters[LONGEST]?.index).trimEnd();
}
