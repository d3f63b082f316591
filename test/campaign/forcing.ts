/**
 * Somebody inside the program goes mad: in the middle of a job, with its grant in force, frames that it was never allowed to send
 * are put to the last place before the line. Each must be refused there, and not a byte of it may leave.
 */
import { isFlasherError, type FlasherSession } from "../../src/core/index";
import type { CommandFields } from "../../src/core/beken/protocol/commandTable";
import type { Device } from "./devices";
import type { Footprint } from "./footprint";
import { SECTOR } from "./medium";
import type { Random } from "./random";

type Forced = {
  readonly [N in keyof CommandFields]: { readonly name: N; readonly fields: CommandFields[N] };
}[keyof CommandFields];

/** The door behind all others: takes no turn, repeats nothing, sends at once. */
interface LastDoor {
  dispatch(name: string, fields: unknown, signal: AbortSignal, behind: undefined): Promise<void>;
}

/** Of a session: its driver's end of the line, the protocol behind that, and the last door. */
interface Doors {
  readonly link: { readonly link: { readonly engine: LastDoor } };
}

const BLOCK = 0x10000;
const ALIAS = 0x1000000;
const EFUSE_CONTROL = 0x800074;

/** @returns what is wrong with how it was met; undefined where it was refused */
export async function force(
  session: FlasherSession,
  device: Device,
  footprint: Footprint,
  random: Random,
): Promise<string | undefined> {
  const forced = draw(device.base.length, footprint, random);
  if (!forced) return undefined;
  const { engine } = (session as unknown as Doors).link.link;
  try {
    await engine.dispatch(forced.name, forced.fields, new AbortController().signal, undefined);
    return `${words(forced)} was let through`;
  } catch (error) {
    return isFlasherError(error) && error.code === "frame-refused"
      ? undefined
      : `${words(forced)} ended in ${String(error)}`;
  }
}

function words({ name, fields }: Forced): string {
  return `${name} at ${"address" in fields ? fields.address.toString(16) : ""}`;
}

/** Something beside what the job may change: next to it, across its edge, far away, or by another name for a place. */
function draw(size: number, footprint: Footprint, random: Random): Forced | undefined {
  const outside: number[] = [];
  for (const at of footprint.edges) outside.push(at - SECTOR, at + SECTOR);
  outside.push(0, 0x10000, size - SECTOR, SECTOR * random.below(size / SECTOR));
  const places = outside.filter((at) => at >= 0 && at < size && !footprint.sectors.has(at));
  if (places.length === 0) return undefined;
  const at = random.pick(places);
  const data = new Uint8Array(SECTOR).fill(0x5a);
  switch (random.below(9)) {
    case 0:
      return { name: "eraseFlash", fields: { address: at, sizeCode: 0x20 } };
    case 1:
      return { name: "eraseFlash4k", fields: { address: at } };
    case 2:
      return { name: "eraseFlash", fields: { address: at - (at % BLOCK), sizeCode: 0xd8 } };
    case 3:
      return { name: "writeFlash4k", fields: { address: at, data } };
    case 4:
      // The last bytes in front of the place, or of the flash, and on.
      return { name: "writeFlash", fields: { address: Math.max(0, at - 32), data: data.subarray(0, 64) } };
    case 5:
      return { name: "writeFlash", fields: { address: at + size, data: data.subarray(0, 32) } };
    case 6:
      return { name: "eraseFlash", fields: { address: at + random.pick([size, ALIAS]), sizeCode: 0x20 } };
    case 7:
      return { name: "writeRegister", fields: { address: EFUSE_CONTROL, value: 0x00ff1403 } };
    default:
      return {
        name: "writeStatusRegister",
        fields: { command: 0x01, value: 0x3a80, bytes: 2, current: 0 },
      };
  }
}
