/** What the command line says of a round as it goes, for people and for programs. */
import { english, type RoundEntry, type RoundNews } from "../../core/index";
import { formatTook } from "../../shared/figures";

const NEXT = "Take it off and connect the next device.";
const AGAIN = "Take it off: connected again, it is tried once more; or connect the next device.";

/** @param isLast no more devices are taken */
export function roundNewsText(
  news: RoundNews,
  isLast: boolean,
): { lines: readonly string[]; json: Readonly<Record<string, unknown>> } {
  const { port } = news;
  switch (news.type) {
    case "waiting":
      return {
        // After an entry its line has said so.
        lines: news.done === undefined ? ["Connect a device."] : [],
        json: { type: "round-waiting", port, done: news.done?.device.mac ?? null },
      };
    case "gone":
      return { lines: ["It was taken off. Connect a device."], json: { type: "round-gone", port } };
    case "device": {
      const { chip, mac } = news.chip;
      return {
        lines: [`A ${chip?.name ?? "chip that is in no table"}, ${mac ?? "without an address"}.`],
        json: { type: "round-device", port, chip: chip?.id ?? null, mac: mac ?? null },
      };
    }
    case "same": {
      const { entry } = news;
      const next = entry.result === "failed" ? AGAIN : "Connect another device.";
      return {
        lines: [`This is ${nameOf(entry)} again: ${entry.result} at ${entry.time}. ${next}`],
        json: { type: "round-same", port, entry: entry.id, mac: entry.device.mac },
      };
    }
    case "file-changed":
      return {
        lines: [
          "The file on the disk is another one now. The devices go on getting the one that you agreed to; for the new one end this round and begin another.",
        ],
        json: { type: "round-file-changed", port },
      };
    case "port-trouble":
      return {
        lines: [`Waiting for the port: ${english(news.words)}`],
        json: { type: "round-port", port, detail: news.words },
      };
    case "entry": {
      const { entry } = news;
      const why = entry.detail === null ? "" : `: ${entry.detail}`;
      const next = isLast || entry.result === "stopped" ? [] : [entry.result === "failed" ? AGAIN : NEXT];
      return {
        lines: [`${nameOf(entry)}: ${entry.result} after ${formatTook(entry.durationMs)}${why}`, ...next],
        json: { type: "round-entry", ...entry },
      };
    }
  }
}

function nameOf({ device }: RoundEntry): string {
  return device.mac ?? `calibration ${device.calibration ?? "?"}`;
}
