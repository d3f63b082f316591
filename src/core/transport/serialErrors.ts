/**
 * What a serial driver's words mean. The bindings report no error numbers, only the operating system's text, so this is
 * the one place that reads such text. Pure: no driver is touched.
 */
import { type FlasherErrorCode, TransportError } from "../base/errors";
import { words, type Words } from "../base/words";

type Rules = readonly (readonly [RegExp, FlasherErrorCode])[];

/** Texts of strerror(3) in the C locale, and the names of their numbers. First match wins. */
const POSIX: Rules = [
  [/cannot lock port|resource temporarily unavailable|EAGAIN|EWOULDBLOCK/i, "port-busy"],
  [/resource busy|EBUSY/i, "port-busy"],
  [/permission denied|operation not permitted|EACCES|EPERM/i, "port-permission"],
  [/no such file or directory|no such device|device not configured|ENOENT|ENODEV|ENXIO/i, "port-not-found"],
  [/input\/output error|EIO\b/i, "port-lost"],
];

/**
 * The bindings name five Windows errors and number the others. Ports are exclusive on Windows, so refused access means
 * that another program has the port; 31 and 1167 are what a device answers that has just been pulled out.
 */
const WINDOWS: Rules = [
  [/access denied|error code (5|32|170)\b/i, "port-busy"],
  [/file not found|error code (2|3|20|55|433|1167)\b/i, "port-not-found"],
  [/operation aborted|invalid handle|error code (22|31|995|1617)\b/i, "port-lost"],
];

/**
 * The error for a port that did not open. `platform` as Node names it (`linux`, `darwin`, `win32`). What fits no rule is
 * `port-invalid` with the driver's own words: something is there, but it does not open as a serial port.
 */
export function openError(cause: unknown, path: string, platform: string): TransportError {
  const detail = cause instanceof Error ? cause.message : String(cause);
  const rules = platform === "win32" ? WINDOWS : POSIX;
  // The path is part of the text and may hold any word.
  const said = detail.split(path).join("");
  const code = rules.find(([pattern]) => pattern.test(said))?.[1] ?? "port-invalid";
  const hint = code === "port-not-found" || code === "port-invalid" ? nameHint(path, platform) : undefined;
  return new TransportError(code, words`open ${path}`, { port: path, detail: hint ?? detail }, { cause });
}

/** Names that people give as another system, or another program, shows them. */
function nameHint(path: string, platform: string): Words | undefined {
  if (platform === "win32")
    return path.startsWith("/dev/")
      ? words`names under /dev are Linux' and macOS' own: here it is COM and a number`
      : undefined;
  if (/^(?:tty|cu\.|serial\/)/.test(path))
    return words`there is nothing of that name here; with its folder it is /dev/${path}`;
  if (/^\\*(?:\.\\)?COM\d+$/i.test(path))
    return words`COM names are Windows' own; under WSL the adapter is passed through with usbipd first, then it is /dev/ttyUSB0 or /dev/ttyACM0`;
  return undefined;
}

const GONE =
  /input\/output error|no such device|device not configured|bad file descriptor|access denied|error code (22|31|1167)\b/i;

/** True when a failed status request says that the device itself is gone, rather than that it has no control lines. */
export function saysGone(cause: Error): boolean {
  return GONE.test(cause.message);
}
