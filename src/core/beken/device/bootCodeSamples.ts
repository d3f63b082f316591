/**
 * What is read of boot code to tell whether it is whole: its first sector, and where a boot ROM answers, so that the boot code
 * need not be whole for that, the sector it ends in. Where that is, is found by asking for CRCs of single pages, which a ROM's
 * flash never minds; reading all of it would take twice as long as everything else that is asked. Changes nothing.
 */
import { alignUp, isFilledWith } from "../../base/bytes";
import { crc32 } from "../../base/checksum";
import type { FlashGeometry, FlashSample } from "../chips/types";
import { looksInterleaved } from "../images/appKey";
import { BLOCK_SIZE, blockState, checkCrcBlocks } from "../images/crcBlocks";
import { askOrSilence } from "./answering";
import { readTwice } from "../../driver/readings";
import type { ChipAccess } from "./chipAccess";

/** @param first the first sector of flash; undefined where the chip does not show it */
export async function sampleBootCode(
  device: ChipAccess,
  first: Uint8Array | undefined,
  geometry: FlashGeometry,
  signal: AbortSignal,
): Promise<readonly FlashSample[]> {
  if (!first) return [];
  const { sector, bootCodeEnd } = geometry;
  const { bootloaderIsLifeline, crcLocks } = device.profile;
  if (bootloaderIsLifeline || crcLocks !== "never" || !looksInterleaved(first)) return [{ address: 0, data: first }];
  const samples: FlashSample[] = [{ address: 0, data: await readCodeSurely(device, 0, first, signal) }];
  const blank = await askOrSilence(() => firstBlankSector(device, geometry, signal));
  if (blank === undefined) return samples;
  if (blank < bootCodeEnd) samples.push({ address: blank, data: blankPage(geometry) });
  // Behind boot code something else may lie: then it ends further down.
  for (let last = blank - sector; last > 0; last -= sector) {
    const data = await readCodeSurely(device, last, await device.readSector(last, signal), signal);
    samples.push({ address: last, data });
    if (blockState(data, alignUp(last, BLOCK_SIZE) - last) !== "bad") break;
  }
  return samples;
}

async function firstBlankSector(device: ChipAccess, geometry: FlashGeometry, signal: AbortSignal): Promise<number> {
  const { sector, page, bootCodeEnd } = geometry;
  const blank = crc32(blankPage(geometry));
  for (let address = sector; address < bootCodeEnd; address += sector) {
    if ((await device.crc(address, page, signal)) === blank) return address;
  }
  return bootCodeEnd;
}

function blankPage({ page }: FlashGeometry): Uint8Array {
  return new Uint8Array(page).fill(0xff);
}

/** Readings carry no checksum, but code does: where it does not hold, only a second reading tells damage from noise. */
export async function readCodeSurely(
  device: ChipAccess,
  address: number,
  read: Uint8Array,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const { bad } = checkCrcBlocks(read, alignUp(address, BLOCK_SIZE) - address);
  return bad === 0 || isFilledWith(read, 0xff) ? read : await readTwice(device, address, signal);
}
