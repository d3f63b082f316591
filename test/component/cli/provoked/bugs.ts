/**
 * Failures that are faults of the flasher itself: nothing a person does brings them about, so the fault is planted in the
 * ground that the program stands on, and what it makes of that is the program's own.
 */
import { cli, put, served, type Rows } from "./stage";
import { createChip } from "../../../../src/simulator/index";

/** No clock: what is thrown is no failure that the program knows. */
const NO_CLOCK = `performance.now = () => { throw new TypeError("planted: there is no clock"); };`;

/** Arithmetic that is wrong about one address: the last check before a frame leaves does not let it pass. */
const WRONG_ABOUT_ONE_ADDRESS = `
const { isInteger } = Number;
Number.isInteger = (value) => value !== 0x25000 && isInteger(value);
`;

export const BUG_ROWS: Rows<"frame-refused" | "internal"> = {
  "frame-refused": {
    "an address that is no number": async (folder) => {
      const chip = createChip("bk7231t", { pace: "none", person: "auto", personWaitMs: 400 });
      const plant = put(folder, "plant.cjs", WRONG_ABOUT_ONE_ADDRESS);
      try {
        return await served(chip, (port) =>
          cli(["erase", "--start", 0x25000, "--length", 0x1000, "--port", port], undefined, { require: plant }),
        );
      } finally {
        chip.dispose();
      }
    },
  },
  internal: {
    "no clock": (folder) =>
      cli(["info", "--port", "tcp://127.0.0.1:1"], undefined, { require: put(folder, "plant.cjs", NO_CLOCK) }),
  },
};
