/** Beken's protocol as a driver: where jobs and this protocol are put together. */
import type { ChipDriver } from "../driver/chipDriver";
import { BekenLink } from "./device/bekenLink";
import { START_BAUD } from "./protocol/link";

export const BEKEN_DRIVER: ChipDriver = {
  startBaud: START_BAUD,
  over: (transport, options, deps) => new BekenLink(transport, options, deps),
};
