/** What ESPHome prints, of all its years: matched by tag and words, never by line numbers, which move with every release. */
import { FOREIGN_COMPONENTS } from "./foreignSigns";
import { said, speaks, type LogSign, type NetworkTrouble, type SignGroup } from "./signTypes";

/** `[L][tag:line]: text`; another task's name may stand before the colon. */
const tagged = (tag: string, text: RegExp, flags = ""): RegExp =>
  new RegExp(`^\\[[EWICDV]{1,2}\\]\\[${tag}(?::\\d+)?\\](?:\\[[^\\]]*\\])?:\\s*(?:${text.source})`, flags);

const network = (trouble: NetworkTrouble | undefined) => (): LogSign => ({ kind: "network", trouble });
/** ESPHome's own part, and that of LibreTiny's chips. */
const WIFI = "wifi(?:_lt)?";

export const ESPHOME_SIGNS: SignGroup = {
  begins: /\[(?:[EWICDV]|VV)\]\[/,
  before: "more",
  rows: [
    ...FOREIGN_COMPONENTS,
    [tagged("logger", /Log initialized/), speaks("esphome", "esphome")],
    [tagged("app", /Running through setup\(\)/), speaks("esphome", "esphome-setup")],
    [
      tagged(
        "(?:ota|safe_mode)",
        /(?:There have been (\d+) suspected unsuccessful boot attempts|Unsuccessful boot attempts: (\d+))/,
      ),
      ([, old, now]) => ({ kind: "attempts", count: Number(old ?? now) }),
    ],
    [tagged("(?:ota|safe_mode)", /Boot seems successful/), said("settled")],
    [tagged("(?:ota|safe_mode)", /(?:SAFE MODE IS ACTIVE|Boot loop detected)/), said("safe-mode")],
    [
      tagged(
        "(?:api|mqtt|wifi|ethernet)",
        /(?:No client|Can't connect|Unable to connect).*(?:reboot|restart)ing[ .!]*$/i,
        "i",
      ),
      () => ({ kind: "restarts", lonely: true }),
    ],
    [
      // Sleep ends in a start that was meant, too.
      tagged(
        "[\\w.]+",
        /(?:Forcing a reboot|Rebooting safely|Safe mode enable time has elapsed|Beginning (?:deep )?sleep|Resetting(?: to factory)?[ .!]*$|Restarting device|Shutting down[ .!]*$|(?:[^'"]*[^'"\w])?(?:re(?:boot|start)ing)[ .!]*$)/i,
        "i",
      ),
      said("restarts"),
    ],
    [tagged("app", /setup\(\) finished successfully/), said("up")],
    [
      tagged("app", /Project (\S+) version (\S+)/),
      ([, project = "", version = ""]) => ({
        kind: "firmware",
        firmware: { kind: "esphome", project: `${project} ${version}` },
        up: true,
      }),
    ],
    [
      // With the configuration, which is told once the setup is over.
      tagged(
        "app",
        /ESPHome version (\S+) compiled on (\w{3} {1,2}\d{1,2} \d{4}, [\d:]{8}|[\d-]{10} [\d:]{8}(?: [+-]\d{4})?|\S+)/,
      ),
      ([, version = "", compiled = ""]) => ({
        kind: "firmware",
        firmware: { kind: "esphome", version, compiled },
        up: true,
      }),
    ],
    [
      tagged(
        WIFI,
        /(?:.*\breason='?(?:Authentication Failed|802\.1x Authentication Failed|4-Way Handshake Timeout|Handshake Failed|MIC Failure)|.*Are the credentials wrong)/i,
        "i",
      ),
      network("refused"),
    ],
    [
      tagged(
        WIFI,
        /(?:.*\breason='?(?:Probe Request Unsuccessful|AP Not Found)|No (?:matching )?networks? found|.*network can not be found|Network no longer found)/i,
        "i",
      ),
      network("not-found"),
    ],
    [
      tagged(
        WIFI,
        /(?:Connecting to (?:WiFi )?network failed|Error while connecting to network|Timeout while connecting)/,
      ),
      network("failed"),
    ],
    [tagged(WIFI, /(?:WiFi )?Connected(?:!|$|\s)/), network(undefined)],
    [tagged("wifi", /(?:Starting|Connecting|WiFi Connecting)/), said("radio")],
    [tagged("[\\w.]+", /(?=\S|$)/), speaks("esphome")],
  ],
};
