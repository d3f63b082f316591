/**
 * Port names as people type them, to and from references. Knows no drivers: whether a port exists is found out by opening it.
 */
import { TransportError } from "../base/errors";
import { withoutHidden } from "../base/visible";
import { words, type Words } from "../base/words";
import { resetCommands } from "./bridgeReset";
import type { PortRef, TcpRef } from "./transport";

const NETWORK = /^(tcp|socket|rfc2217):\/\/(.*)$/i;
/** What pyserial's addresses may end in. This client needs none of it: it never waits for what the option turns off. */
const PYSERIAL_OPTIONS = /\?(?:(?:ign_set_control(?:=\w*)?|poll_modem(?:=\w*)?|timeout=[\d.]+|logging=\w+)(?:&|$))*$/;
/** A network address that lost a sign on the way, as `tcp//host:1`, `host:1`, `192.168.1.20` or `[::1]:1`: no serial port of any system is called so. */
const NEARLY_NETWORK =
  /^(?:(?:tcp|socket|rfc2217)(?::\/?|\/+)(?!\/)|\w+;?\/\/|[\w-]+(?:\.[\w-]+)*:\d+\/?$|\d+(?:\.\d+){3}$|[^/\\]+@[\w.-]+:\d+\/?$|\[[\da-f:.]+(?:%[\w.-]+)?\](?::\d+)?\/?$|[\da-f]{0,4}(?::[\da-f]{0,4}){2,7}(?:%[\w.-]+)?$)/i;
/** Options that an address may be given in vain, and that say something nobody else is to know. */
const SECRET_OPTION = /([?&][^=&]*(?:pass|pwd|secret|token|key|auth|user)[^=&]*=)[^&]*/gi;
/** What a TCP bridge may be told besides: how it resets its chip, and where it takes that. */
const BRIDGE_OPTIONS = ["reset", "web"] as const;
const HOST_AND_PORT = /^(\[[^\]]*\]|[^:[\]/\\\s@?#"'`<>(),;|]+)(?::(\d*))?\/?$/;
const IPV6 = /^([0-9a-f]*:[0-9a-f:.]*)(?:%[\w.-]+)?$/i;
const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$)|$)){4}$/;
/** Names of serial ports of Linux and macOS whose folder was left out, whole or in part. */
const WITHOUT_FOLDER = /^(?:\/?dev\/)?(?:tty[A-Z]+\d+|(?:tty|cu)\.\S+|(?:serial\/)?by-(?:id|path)\/\S+)$/i;
/**
 * Windows' ports as people write them: `com10`, `COM 3`, `COM3:`, and in full, which drivers add themselves and stumble over given twice; in a
 * shell or a file its backslashes may have been halved or doubled.
 */
const WINDOWS_DEVICE = /^(?:\\{1,4}[.?]\\{0,2}|\/\/[.?]\/)?COM ?0*([1-9]\d*):?[\\/]*$/i;
/** As the Device Manager and lists of ports show them: `USB-SERIAL CH340 (COM5)`, `COM5 - USB-SERIAL CH340`. */
const WINDOWS_LISTED = /^(?:.*\(COM(\d+)\)|COM(\d+) [-\u2013] .*)$/i;
const QUOTED = /^(?:"(.*)"|'(.*)'|`(.*)`|“(.*)”|‘(.*)’)$/;

/**
 * Reads `tcp://host:port`, `socket://host:port` or `rfc2217://host:port` (IPv6 addresses in brackets), the first two also with the bridge's reset
 * behind them (`?reset=SetChannel 1 0;SetChannel 1 1`); anything without a scheme is the path of a serial port. Throws TransportError `port-invalid` saying what is wrong.
 */
export function parsePort(text: string): PortRef {
  const name = unquoted(text);
  if (name === "") throw invalid(text, words`no port was given`);
  if (name.includes("\0")) throw invalid(name, words`the name holds a NUL character`);
  const network = NETWORK.exec(name);
  if (network !== null) {
    const [, scheme = "", address = ""] = network;
    if (scheme.toLowerCase() !== "rfc2217") return parseBridge(name, address);
    return { kind: "rfc2217", ...parseNetwork(name, address.replace(PYSERIAL_OPTIONS, "")) };
  }
  if (name.includes("://")) throw invalid(name, words`only tcp://, socket:// and rfc2217:// addresses are known`);
  if (NEARLY_NETWORK.test(name)) throw invalid(name, words`for a port on the network write tcp://host:port`);
  const [, first, last] = WINDOWS_LISTED.exec(name) ?? [];
  const listed = first ?? last;
  const com = WINDOWS_DEVICE.exec(listed === undefined ? name : `COM${listed}`)?.[1];
  return { kind: "serial", path: com === undefined ? wholeName(name) : `COM${com}` };
}

/**
 * Names are copied from settings, command lines and lists with what stands around them and what is not seen, and typed with the wide signs of an
 * East Asian keyboard.
 */
function unquoted(text: string): string {
  const name = narrow(text.includes("\0") ? text : withoutHidden(text).trim());
  const inside = QUOTED.exec(name)
    ?.slice(1)
    .find((part) => part !== undefined);
  if (inside !== undefined) return unquoted(inside);
  const bare = name.includes("://") ? name : name.replace(/(?<=[^/\s])[/\s]+$/, "");
  return bare === name ? name : unquoted(bare);
}

/** Only names of Windows and addresses: a path is whatever it is. */
function narrow(name: string): string {
  const typed = name.normalize("NFKC").replace(/\u3002/g, ".");
  return WINDOWS_DEVICE.test(typed) || NETWORK.test(typed) || NEARLY_NETWORK.test(typed) ? typed : name;
}

/**
 * The path that is meant by a name as lists, logs and labels show it: its folder may be missing, its capitals lost. On macOS
 * the twin with `tty.` waits for a carrier in many programs, and is listed by none: the port is the one with `cu.`.
 */
function wholeName(name: string): string {
  const path = WITHOUT_FOLDER.test(name) ? `/dev/${name.replace(/^\/?dev\//i, "")}` : name;
  return path
    .replace(/^\/dev\/by-(id|path)\//i, (_, by: string) => `/dev/serial/by-${by.toLowerCase()}/`)
    .replace(/^\/dev\/tty(?=[A-Z])/i, "/dev/tty")
    .replace(/^\/dev\/tty(usb|acm|ama)(\d+)$/i, (_, kind: string, n: string) => `/dev/tty${kind.toUpperCase()}${n}`)
    .replace(/^\/dev\/(?:tty|cu)\./i, "/dev/cu.");
}

/** The port as people know it; {@link parsePort} reads it back. */
export function formatPort(ref: PortRef): string {
  if (ref.kind === "serial") return ref.path;
  const address = `${ref.kind}://${ref.host.includes(":") ? `[${ref.host}]` : ref.host}:${ref.port}`;
  if (ref.kind !== "tcp" || ref.reset === undefined) return address;
  const web = ref.webPort === undefined ? "" : `&web=${ref.webPort}`;
  return `${address}?reset=${encodeURIComponent(ref.reset)}${web}`;
}

/** `host:port`, and behind `?` what {@link BRIDGE_OPTIONS} name, spaces and signs as they are or as %20. */
function parseBridge(name: string, address: string): TcpRef {
  const [place = "", ...rest] = address.split("?");
  const ref = { kind: "tcp", ...parseNetwork(name, place) } as const;
  if (rest.length === 0) return ref;
  const options = new Map<string, string>();
  for (const option of rest.join("?").split("&")) {
    const [written = "", ...value] = option.split("=");
    const key = written.toLowerCase();
    if (!BRIDGE_OPTIONS.some((known) => known === key))
      throw invalid(name, words`after ? only "reset=" and "web=" are known`);
    options.set(key, decoded(name, value.join("=")));
  }
  const reset = options.get("reset")?.trim() ?? "";
  if (resetCommands({ reset }).length === 0)
    throw invalid(
      name,
      words`"reset=" takes the commands of the bridge that reset the chip, such as SetChannel 1 0;SetChannel 1 1`,
    );
  const web = options.get("web");
  return { ...ref, reset, ...(web !== undefined && { webPort: portNumber(name, web) }) };
}

/** A port's name as it may be shown and logged: what may be a password is left out, also where it has no place. */
export function shownPort(name: string): string {
  return name
    .replace(/^(practice:)?([a-z\d]*:?\/\/|(?=[^/\\]*:[^/\\]*@)).*@/i, "$1$2***@")
    .replace(SECRET_OPTION, "$1***");
}

function decoded(name: string, text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw invalid(name, words`a % in it is no sign written as %20 is`);
  }
}

function parseNetwork(name: string, address: string): { readonly host: string; readonly port: number } {
  if (address.includes("@")) throw invalid(name, words`the address of a port takes no user name and no password`);
  const parts = HOST_AND_PORT.exec(address);
  if (parts === null)
    throw invalid(name, words`expected tcp://host:port or rfc2217://host:port, with IPv6 addresses in [brackets]`);
  const host = parts[1] ?? "";
  const port = portNumber(name, parts[2] ?? "");
  if (!host.startsWith("[")) {
    // What is all numbers is looked up as one address or another, whatever it was meant to be.
    if (/^[\d.]+$/.test(host) && !IPV4.test(host)) throw invalid(name, words`${host} is not an IPv4 address`);
    // Names of hosts have no capitals: one host has one name here, for what is remembered of it and who has it open.
    return { host: host.toLowerCase(), port };
  }
  // A zone is written behind %25 in addresses of the web, and behind % everywhere else. It is a name of this machine's own.
  const bare = host.slice(1, -1).replace("%25", "%");
  const digits = IPV6.exec(bare)?.[1];
  if (digits === undefined || !URL.canParse(`http://[${digits}]`))
    throw invalid(name, words`${host} is not an IPv6 address`);
  return { host: digits.toLowerCase() + bare.slice(digits.length), port };
}

function portNumber(name: string, text: string): number {
  if (text === "") throw invalid(name, words`the port number is missing`);
  const number = Number(text);
  if (Number.isInteger(number) && number >= 1 && number <= 65_535) return number;
  throw invalid(name, words`port ${text} is not within 1 to 65535`);
}

function invalid(typed: string, detail: Words): TransportError {
  const port = shownPort(typed);
  return new TransportError("port-invalid", words`read the port name "${port}"`, { port, detail });
}
