/** How the flash of the chips that tests are about is divided, bytes. */
import { BK72XX } from "../src/core/beken/chips/geometry";

export const { sector: SECTOR, block: BLOCK, page: PAGE } = BK72XX;
