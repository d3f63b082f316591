/** The states that the page of a round can be in, as the host sends them. Shared by the tests of the page and the pictures. */
import type { RoundPageState } from "../../../src/shared/roundMessages";
import type { RoundDeviceView, RoundLaneView, RoundView } from "../../../src/shared/roundView";
import { ENGLISH } from "../../../src/shared/strings";
import { START } from "./scenes";

const usb = { id: "/dev/ttyUSB0", label: "/dev/ttyUSB0", adapter: "CP210x" };
const other = { id: "/dev/ttyUSB1", label: "Jig on the left", adapter: "CH340" };
const network = { id: "tcp://192.168.1.20:8880", label: "tcp://192.168.1.20:8880" };

function device(last: number, result: RoundDeviceView["result"], part: Partial<RoundDeviceView> = {}): RoundDeviceView {
  const mac = `C8:47:8C:42:07:0${last}`;
  const backup = result === "refused" ? undefined : `bk7231n-${mac.replaceAll(":", "")}.bin`;
  const about = { chip: "BK7231N", port: "/dev/ttyUSB0", at: START + last * 60_000, tookMs: 41_000 + last * 500 };
  return { id: `${last}`, name: mac, result, backup, ...about, ...part };
}

const DEVICES: readonly RoundDeviceView[] = [
  device(7, "refused", {
    reason: "the devices of this round are of another chip: bk7231n, this is bk7231t",
    chip: "BK7231T",
    port: "Jig on the left",
  }),
  device(6, "not-running", { reason: "The application restarts again and again." }),
  device(5, "failed", { reason: "The adapter was unplugged (/dev/ttyUSB0)." }),
  device(3, "running", { name: "Bedroom" }),
  device(2, "verified"),
  device(1, "running"),
];

const lane = (stage: RoundLaneView["stage"], part: Partial<RoundLaneView> = {}): RoundLaneView => ({
  port: usb,
  stage,
  lines: [],
  ...part,
});

function page(part: Partial<RoundView> = {}): RoundPageState {
  return {
    locale: "en",
    strings: ENGLISH,
    round: {
      fileName: "kitchen.uf2",
      size: 1_150_832,
      status: "running",
      counts: { good: 3, failed: 2, refused: 1 },
      remaining: 9,
      lanes: [lane("next")],
      devices: DEVICES,
      olderDevices: 0,
      isWriting: false,
      ledger: "/home/ada/rounds/round-kitchen-0123abcd.json",
      sound: false,
      ...part,
    },
  };
}

const NEXT = "Take it off and connect the next device.";
const NONE = { good: 0, failed: 0, refused: 0 };

export const roundScenes: Readonly<Record<string, RoundPageState>> = {
  roundBegins: page({ devices: [], ledger: undefined, counts: NONE, remaining: undefined }),
  roundAsks: page({
    devices: [],
    ledger: undefined,
    counts: NONE,
    remaining: 15,
    lanes: [
      lane("asking", { device: "C8:47:8C:42:07:01, BK7231N" }),
      lane("link", { port: other, lines: ["Power-cycle the chip: cut its 3.3 V for a second. Or bridge CEN to GND."] }),
    ],
    question: {
      title: "Flash every device like this?",
      lines: [
        "First a backup: all 2.0 MB are saved to /home/ada/backups, checked against the chip.",
        "",
        "Erases 1.1 MB, sends 1.0 MB. Boot code, calibration and everything else, 0.9 MB, stay as they are.",
        "That usually takes about 45 s at 921600 baud.",
      ],
      rules: [
        "Every device that is connected from now on gets this, after a backup of its own, without another question.",
        "Refused: every other chip than BK7231N, another key, and a device for which anything else would be written.",
        "A device that has the file already is left alone, unless you say that it is to be flashed again.",
      ],
      isGrave: false,
    },
    news: { id: 1, words: "Flash every device like this?" },
  }),
  roundWorks: page({
    isWriting: true,
    sound: true,
    lanes: [
      lane("flashing", { share: 0.624, device: "C8:47:8C:42:07:08, BK7231N" }),
      lane("running", { port: other, device: "Bedroom, BK7231N", lines: [NEXT] }),
      lane("backup", { port: network, share: 0.07, device: "C8:47:8C:42:07:09, BK7231N" }),
    ],
    news: { id: 8, words: `Bedroom: Verified and running. ${NEXT}`, sound: "good" },
  }),
  roundRefuses: page({
    lanes: [
      lane("refused", {
        device: "C8:47:8C:42:07:07, BK7231T",
        lines: ["the devices of this round are of another chip: bk7231n, this is bk7231t", NEXT],
      }),
      lane("failed", {
        port: other,
        device: "C8:47:8C:42:07:05, BK7231N",
        lines: [
          "The adapter was unplugged (/dev/ttyUSB1).",
          "Take it off: connected again, it is tried once more. Or connect the next device.",
        ],
        again: "offered",
      }),
    ],
    news: { id: 9, words: "C8:47:8C:42:07:07: Refused.", sound: "bad" },
  }),
  roundRepeats: page({
    lanes: [
      lane("same", {
        device: "Bedroom, BK7231N",
        lines: ["This is Bedroom again: Verified and running, 12:03:00. Connect another device."],
        again: "offered",
      }),
      lane("same", { port: other, device: "C8:47:8C:42:07:02, BK7231N", again: "wanted" }),
      lane("trouble", { port: network, lines: ["open tcp://192.168.1.20:8880: the host does not answer"] }),
    ],
  }),
  roundChecks: page({
    lanes: [
      lane("checking", { device: "C8:47:8C:42:07:08, BK7231N" }),
      lane("verifying", { port: other, share: 0.97, device: "C8:47:8C:42:07:09, BK7231N" }),
      lane("starting", { port: network, share: 0.99, device: "C8:47:8C:42:07:0A, BK7231N" }),
    ],
    isWriting: true,
  }),
  roundPauses: page({ status: "paused", lanes: [lane("paused"), lane("verified", { port: other, lines: [NEXT] })] }),
  roundEnds: page({
    status: "ending",
    isWriting: true,
    lanes: [lane("flashing", { share: 0.3, device: "C8:47:8C:42:07:08, BK7231N" }), lane("paused", { port: other })],
  }),
  roundOver: page({
    status: "over",
    remaining: 0,
    olderDevices: 240,
    counts: { good: 243, failed: 2, refused: 1 },
    lanes: [
      lane("not-running", { device: "C8:47:8C:42:07:06, BK7231N" }),
      lane("stopped", { port: other }),
      lane("over", { port: network }),
    ],
    news: { id: 20, words: "The round is over." },
  }),
  roundTrouble: page({
    status: "over",
    lanes: [lane("over")],
    trouble:
      "round-kitchen-0123abcd.json could not be written: the disk is full. Free some space, then go on with the round.",
  }),
};
