/** Reading where one reading proves nothing, or a queue may break: what drivers and jobs share. */
import { equalBytes, hexAddress } from "../base/bytes";
import { ProtocolError, isTransmissionError } from "../base/errors";
import { RETRIES } from "../base/timing";
import { words } from "../base/words";
import type { ChipDevice } from "./chipDevice";

/**
 * A sector as two readings agree on it. Reads carry no checksum, and a flash taken for larger than it is would let
 * addresses past its end reach the boot code.
 * @throws ProtocolError `reply-invalid` when hardly two readings are the same
 */
export async function readTwice(device: ChipDevice, address: number, signal: AbortSignal): Promise<Uint8Array> {
  let before = await device.readSector(address, signal);
  for (let tries = 0; tries < RETRIES.sector; tries++) {
    const again = await device.readSector(address, signal);
    if (equalBytes(before, again)) return again;
    before = again;
  }
  throw new ProtocolError("reply-invalid", words`read ${hexAddress(address)}`, {
    address,
    detail: words`no two readings are the same`,
  });
}

/** Sectors at these addresses, queued as far as the loader does that; one by one, with repeats, from where that failed. */
export async function readAll(
  device: ChipDevice,
  addresses: readonly number[],
  signal: AbortSignal,
): Promise<Uint8Array[]> {
  const sectors: Uint8Array[] = [];
  try {
    for await (const sector of device.readSectors(addresses, signal)) sectors.push(sector);
  } catch (error) {
    if (!isTransmissionError(error)) throw error;
    await device.recover(signal);
  }
  for (const address of addresses.slice(sectors.length)) sectors.push(await device.readSector(address, signal));
  return sectors;
}
